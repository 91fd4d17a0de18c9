//! Money in expressions: exact, in minor units, by Stripe's exponents.

use minijinja::value::{Value as Jinja, ValueKind};
use minijinja::{Error, ErrorKind};
use model::{Amount, Currency};

fn wrong(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, why.into())
}

fn currency(code: &str) -> Result<Currency, Error> {
    Currency::parse(code).map_err(|e| wrong(e.to_string()))
}

/// `money('usd')`: minor units as exact decimal text, 1999 → `19.99`.
pub(super) fn money(value: &Jinja, code: &str) -> Result<Jinja, Error> {
    let currency = currency(code)?;
    let whole = value.is_integer().then(|| i64::try_from(value.clone()).ok()).flatten();
    let minor = whole.ok_or_else(|| {
        wrong(format!("`{value}` is no amount; money is a whole number of minor units, 1999 for 19.99"))
    })?;
    let shown = Amount { minor, currency }.to_string();
    Ok(Jinja::from(shown.split(' ').next().unwrap_or_default()))
}

/// `minor('usd')`: exact decimal text as minor units, `19.99` → 1999.
pub(super) fn minor(value: &Jinja, code: &str) -> Result<Jinja, Error> {
    let exponent = currency(code)?.exponent() as usize;
    let text = match value.kind() {
        ValueKind::String => value.as_str().unwrap_or_default().trim().to_owned(),
        ValueKind::Number if value.is_integer() => value.to_string(),
        _ => return Err(wrong(format!("`{value}` is no exact decimal; give it as text, '19.99'"))),
    };
    let decimal =
        Decimal::parse(&text).ok_or_else(|| wrong(format!("`{text}` is no decimal such as '19.99'")))?;
    let minor = decimal.scaled(exponent).ok_or_else(|| {
        wrong(format!("`{text}` has a fraction of {code}'s minor unit, or is too large; nothing is rounded"))
    })?;
    Ok(Jinja::from(minor))
}

/// `round(mode)`: a whole number. Modes: `half_up` (away from zero, the default),
/// `half_even`, `up` (away from zero), `down` (towards zero), `floor`, `ceil`.
pub(super) fn round(value: &Jinja, mode: Option<&str>) -> Result<Jinja, Error> {
    let mode = mode.unwrap_or("half_up");
    if value.kind() != ValueKind::Number {
        return Err(wrong(format!("`{value}` is no number to round")));
    }
    if value.is_integer() {
        return Ok(value.clone());
    }
    let float = f64::try_from(value.clone())?;
    if !float.is_finite() || float.abs() >= 9_007_199_254_740_992.0 {
        return Err(wrong(format!("`{value}` is too large to round exactly")));
    }
    // Fifteen digits are what a float holds: 45 * 0.7 is meant as 31.5 and not as
    // the 31.499999999999996 that binary arithmetic leaves.
    let text = format!("{float:.14e}");
    let decimal = Decimal::scientific(&text).ok_or_else(|| wrong(format!("`{value}` cannot be rounded")))?;
    decimal.round(mode).map(Jinja::from).ok_or_else(|| {
        wrong(format!("`{mode}` is no way to round; use half_up, half_even, up, down, floor or ceil"))
    })
}

/// A decimal: sign, digits, and how many of them stand after the point.
struct Decimal {
    negative: bool,
    digits: String,
    scale: usize,
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
        let digits = format!("{whole}{fraction}");
        let fits = !whole.is_empty()
            && digits.len() <= 40
            && digits.bytes().all(|b| b.is_ascii_digit())
            && (!rest.contains('.') || !fraction.is_empty());
        fits.then_some(Self { negative, digits, scale: fraction.len() })
    }

    /// Reads what `{:e}` writes: `-3.15e1`.
    fn scientific(text: &str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once('e')?;
        let mut decimal = Self::parse(mantissa)?;
        let exponent: i64 = exponent.parse().ok()?;
        let scale = i64::try_from(decimal.scale).ok()? - exponent;
        if scale < 0 {
            decimal.digits.extend(std::iter::repeat_n('0', usize::try_from(-scale).ok()?));
        }
        decimal.scale = usize::try_from(scale.max(0)).ok()?;
        let missing = (decimal.scale + 1).saturating_sub(decimal.digits.len());
        decimal.digits.insert_str(0, &"0".repeat(missing.min(400)));
        Some(decimal)
    }

    /// Times ten to the `exponent`, when that is a whole number.
    fn scaled(&self, exponent: usize) -> Option<i64> {
        let keep = self.digits.len() - self.scale.min(self.digits.len());
        let (whole, fraction) = self.digits.split_at(keep);
        let fraction = format!("{:0<width$}", fraction.trim_end_matches('0'), width = exponent);
        if fraction.len() > exponent {
            return None;
        }
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{whole}{fraction}").parse().ok()
    }

    fn round(&self, mode: &str) -> Option<i64> {
        let (whole, fraction) = self.digits.split_at(self.digits.len() - self.scale);
        let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let any = fraction.bytes().any(|b| b != b'0');
        let half = match fraction.as_bytes().first() {
            Some(b'5') if fraction[1..].bytes().all(|b| b == b'0') => std::cmp::Ordering::Equal,
            Some(b'5'..) => std::cmp::Ordering::Greater,
            _ => std::cmp::Ordering::Less,
        };
        let away = match mode {
            "half_up" => half.is_ge(),
            "half_even" => half.is_gt() || (half.is_eq() && whole % 2 == 1),
            "up" => any,
            "down" => false,
            "floor" => any && self.negative,
            "ceil" => any && !self.negative,
            _ => return None,
        };
        let size = whole + i64::from(away);
        Some(if self.negative { -size } else { size })
    }
}

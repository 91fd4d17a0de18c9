//! The limits that Stripe sets an account: flags, then `BURSAR_*`, then the settings
//! file, then Stripe's present ones.
//!
//! What would surprise: a limit is for this process. Two processes that use one account
//! have to share what Stripe allows it. They are for the few who need them, so no help
//! lists them: `serve` and `dev` say where they are explained.

use calls::Limits;
use clap::Args;
use model::{Code, Failure};
use serde::{Deserialize, Serialize};

/// The highest rate that is taken; beyond it nothing is limited any more.
const RATE_MAX: f64 = 1e6;

/// Rates per second, and requests under way, per account; see `docs/configuration.md`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Args, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct StripeLimits {
    /// Requests per second in live mode [default: 100]
    #[arg(long = "stripe-total-live", env = "BURSAR_STRIPE_TOTAL_LIVE", value_name = "RATE", value_parser = rate)]
    #[arg(global = true, hide = true)]
    pub(crate) total_live: Option<f64>,
    /// Requests per second in test mode [default: 25]
    #[arg(long = "stripe-total-test", env = "BURSAR_STRIPE_TOTAL_TEST", value_name = "RATE", value_parser = rate)]
    #[arg(global = true, hide = true)]
    pub(crate) total_test: Option<f64>,
    /// Requests per second in mode local; without it that mode has no limits at all
    #[arg(long = "stripe-total-local", env = "BURSAR_STRIPE_TOTAL_LOCAL", value_name = "RATE", value_parser = rate)]
    #[arg(global = true, hide = true)]
    pub(crate) total_local: Option<f64>,
    /// Requests per second that change nothing [default: 100]
    #[arg(long = "stripe-read", env = "BURSAR_STRIPE_READ", value_name = "RATE", value_parser = rate)]
    #[arg(global = true, hide = true)]
    pub(crate) read: Option<f64>,
    /// Requests per second that change something [default: 100]
    #[arg(long = "stripe-write", env = "BURSAR_STRIPE_WRITE", value_name = "RATE", value_parser = rate)]
    #[arg(global = true, hide = true)]
    pub(crate) write: Option<f64>,
    /// Requests per second of one operation [default: 25]
    #[arg(long = "stripe-operation", env = "BURSAR_STRIPE_OPERATION", value_name = "RATE", value_parser = rate)]
    #[arg(global = true, hide = true)]
    pub(crate) operation: Option<f64>,
    /// Searches per second [default: 20]
    #[arg(long = "stripe-search", env = "BURSAR_STRIPE_SEARCH", value_name = "RATE", value_parser = rate)]
    #[arg(global = true, hide = true)]
    pub(crate) search: Option<f64>,
    /// Requests under way at once in live mode [default: 100]
    #[arg(long = "stripe-concurrent-live", env = "BURSAR_STRIPE_CONCURRENT_LIVE", value_name = "N")]
    #[arg(global = true, hide = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) concurrent_live: Option<u32>,
    /// Requests under way at once in test mode [default: 25]
    #[arg(long = "stripe-concurrent-test", env = "BURSAR_STRIPE_CONCURRENT_TEST", value_name = "N")]
    #[arg(global = true, hide = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) concurrent_test: Option<u32>,
}

impl StripeLimits {
    /// These where they say something, else those, else Stripe's present ones.
    pub(crate) fn over(self, file: Self) -> Self {
        let limits = Limits::default();
        Self {
            total_live: self.total_live.or(file.total_live).or(Some(limits.total_live)),
            total_test: self.total_test.or(file.total_test).or(Some(limits.total_test)),
            total_local: self.total_local.or(file.total_local).or(limits.total_local),
            read: self.read.or(file.read).or(Some(limits.read)),
            write: self.write.or(file.write).or(Some(limits.write)),
            operation: self.operation.or(file.operation).or(Some(limits.operation)),
            search: self.search.or(file.search).or(Some(limits.search)),
            concurrent_live: self.concurrent_live.or(file.concurrent_live).or(Some(limits.concurrent_live)),
            concurrent_test: self.concurrent_test.or(file.concurrent_test).or(Some(limits.concurrent_test)),
        }
    }

    /// Refuses what limits nothing or everything; flags are judged when they are read.
    ///
    /// # Errors
    /// `validation_error` with the setting's name.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let rates = [
            ("totalLive", self.total_live),
            ("totalTest", self.total_test),
            ("totalLocal", self.total_local),
            ("read", self.read),
            ("write", self.write),
            ("operation", self.operation),
            ("search", self.search),
        ];
        for (name, given) in rates {
            if let Some(given) = given.filter(|given| !fits(*given)) {
                return Err(refused(
                    name,
                    &format!("a rate per second above 0 and up to {RATE_MAX}, not {given}"),
                ));
            }
        }
        for (name, given) in
            [("concurrentLive", self.concurrent_live), ("concurrentTest", self.concurrent_test)]
        {
            if given == Some(0) {
                return Err(refused(name, "at least 1"));
            }
        }
        Ok(())
    }
}

impl From<StripeLimits> for Limits {
    fn from(set: StripeLimits) -> Self {
        let default = Self::default();
        Self {
            total_live: set.total_live.unwrap_or(default.total_live),
            total_test: set.total_test.unwrap_or(default.total_test),
            total_local: set.total_local,
            read: set.read.unwrap_or(default.read),
            write: set.write.unwrap_or(default.write),
            operation: set.operation.unwrap_or(default.operation),
            search: set.search.unwrap_or(default.search),
            concurrent_live: set.concurrent_live.unwrap_or(default.concurrent_live),
            concurrent_test: set.concurrent_test.unwrap_or(default.concurrent_test),
        }
    }
}

fn fits(rate: f64) -> bool {
    rate > 0.0 && rate <= RATE_MAX
}

/// A rate of a flag or a variable.
fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| fits(*rate));
    rate.ok_or_else(|| format!("a rate is a number per second above 0 and up to {RATE_MAX}"))
}

fn refused(name: &str, has_to_be: &str) -> Failure {
    let field = format!("stripe.{name}");
    let text = format!(
        "`{field}` in the settings file has to be {has_to_be}. Nothing was started. Correct the file."
    );
    Failure::new(Code::ValidationError, text).at(field)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use serde_json::json;

    use super::*;
    use crate::arguments::Arguments;

    fn flags(line: &str) -> Result<StripeLimits, String> {
        let words = format!("bursar connections {line}");
        Arguments::try_parse_from(words.split_whitespace()).map(|a| a.place.stripe).map_err(|e| e.to_string())
    }

    fn file(value: serde_json::Value) -> StripeLimits {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_flag_goes_before_the_file_and_the_file_before_the_default() {
        let flags = flags("--stripe-read 7.5 --stripe-concurrent-test 3").unwrap();
        let result = flags.over(file(json!({ "read": 8, "search": 9, "totalLocal": 50 })));
        let limits = Limits::from(result);
        let expected = Limits {
            read: 7.5,
            search: 9.0,
            total_local: Some(50.0),
            concurrent_test: 3,
            ..Limits::default()
        };
        assert_eq!(limits, expected);
        let shown = serde_json::to_value(result).unwrap();
        assert_eq!((&shown["read"], &shown["totalLive"]), (&json!(7.5), &json!(100.0)));
    }

    #[test]
    fn every_limit_of_the_limiter_can_be_set_by_flag_and_by_file() {
        let names = serde_json::to_value(StripeLimits::default()).unwrap();
        for name in names.as_object().unwrap().keys() {
            let flag: String = name.chars().fold(String::new(), |mut flag, c| {
                if c.is_uppercase() {
                    flag.push('-');
                }
                flag.push(c.to_ascii_lowercase());
                flag
            });
            let set = file(json!({ name: 7 }));
            assert_eq!(flags(&format!("--stripe-{flag} 7")).unwrap(), set, "{name}");
            assert_ne!(Limits::from(set.over(StripeLimits::default())), Limits::default(), "{name}");
        }
    }

    #[test]
    fn a_limit_that_makes_no_sense_is_refused_by_name() {
        for rate in ["0", "-1", "NaN", "inf", "1e7", "many"] {
            assert!(flags(&format!("--stripe-read={rate}")).unwrap_err().contains("per second"), "{rate}");
        }
        assert!(flags("--stripe-concurrent-live=0").is_err());
        for wrong in [json!({ "search": 0 }), json!({ "totalLocal": -3.0 }), json!({ "concurrentLive": 0 })] {
            let failure = file(wrong.clone()).check().unwrap_err();
            let name = wrong.as_object().unwrap().keys().next().unwrap();
            assert_eq!(failure.field, Some(format!("stripe.{name}")));
        }
        assert!(serde_json::from_value::<StripeLimits>(json!({ "reads": 1 })).is_err());
    }
}

//! Pages of a search. A page is a place in the order of creation, so that each object is
//! found once whatever is made meanwhile; its text belongs to one query.

use crate::wire::{Call, Refusal, refusal};

const LIMIT_DEFAULT: i64 = 10;
const LIMIT_MAX: i64 = 100;

/// How many are wanted.
///
/// # Errors
/// 400 `parameter_invalid_integer`.
pub(super) fn limit(call: &Call) -> Result<usize, Refusal> {
    let given = call.int("limit").unwrap_or(LIMIT_DEFAULT);
    let fits = (1..=LIMIT_MAX).contains(&given).then(|| usize::try_from(given).ok()).flatten();
    fits.ok_or_else(|| {
        refusal::invalid(format!("Invalid limit: {given}; it must be between 1 and {LIMIT_MAX}"))
            .with_code("parameter_invalid_integer")
            .with_param("limit")
    })
}

/// The page after this place.
pub(super) fn write(place: u64, query: &str) -> String {
    format!("{:016x}{place:016x}", print(query))
}

/// The place before which the page begins that a request asks for.
///
/// # Errors
/// What is no page of this query.
pub(super) fn read(call: &Call, query: &str) -> Result<u64, Refusal> {
    let Some(text) = call.text("page") else { return Ok(u64::MAX) };
    place(text, query).ok_or_else(|| {
        refusal::invalid("Invalid page: give the `next_page` of an answer to the same query.")
            .with_param("page")
    })
}

fn place(text: &str, query: &str) -> Option<u64> {
    let (of, place) = text.split_at_checked(16)?;
    let place = (place.len() == 16).then(|| u64::from_str_radix(place, 16).ok()).flatten()?;
    (u64::from_str_radix(of, 16).ok()? == print(query)).then_some(place)
}

/// A query's print (FNV-1a).
fn print(query: &str) -> u64 {
    query.bytes().fold(0xcbf2_9ce4_8422_2325, |print, byte| {
        (print ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_belongs_to_its_query() {
        let page = write(7, "email:'a'");
        assert_eq!(place(&page, "email:'a'"), Some(7));
        assert_eq!(place(&page, "email:'b'"), None);
        for wrong in ["", "7", "é", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", &page[1..], &format!("{page}0")] {
            assert_eq!(place(wrong, "email:'a'"), None, "{wrong}");
        }
    }
}

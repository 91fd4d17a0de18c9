//! `limit` and `cursor` of lists.

use std::str::FromStr;

use model::{Code, Failure};

use crate::failure::Refused;

/// Rows of a page unless told otherwise.
const DEFAULT: u32 = 50;
/// Most rows of a page.
const MOST: u32 = 100;

/// The number of rows asked for, 1 to 100.
pub(crate) fn limit(given: Option<u32>) -> Result<u32, Refused> {
    let limit = given.unwrap_or(DEFAULT);
    if (1..=MOST).contains(&limit) {
        return Ok(limit);
    }
    Err(Failure::new(
        Code::ValidationError,
        format!("`limit` is {limit}; it goes from 1 to {MOST}. Nothing was read."),
    )
    .at("limit")
    .into())
}

/// The row that the page before ended with.
pub(crate) fn cursor<T: FromStr>(given: Option<&str>) -> Result<Option<T>, Refused> {
    let Some(given) = given else { return Ok(None) };
    given.parse().map(Some).map_err(|_| {
        Failure::new(
            Code::ValidationError,
            "`cursor` is not one that this list gave. Nothing was read. Take `meta.cursor` of the page before, or \
             leave it out to begin.",
        )
        .at("cursor")
        .into()
    })
}

//! Reading requests, strictly: what is not known is refused with the nearest name
//! that is, and every refusal says where.

mod body;
mod document;
mod header;
mod id;
mod mismatch;
mod names;
mod page;
mod query;
mod word;

pub(crate) use body::{Body, Nothing, drain, read};
pub(crate) use document::Document;
pub(crate) use header::Key;
pub(crate) use id::{Id, Ids};
pub(crate) use page::{cursor, limit};
pub(crate) use query::Query;

//! Reads a row column by column, in the order of its select list.
//!
//! Whatever does not parse is a damaged row: only this crate writes the tables.

use std::str::FromStr;

use model::{Sealed, Timestamp, from_micros};
use serde::de::DeserializeOwned;
use sqlx::{
    Decode, Row, Sqlite, SqliteConnection, Type, query::Query, sqlite::SqliteArguments, sqlite::SqliteRow,
};

use crate::backend::ReadError;

/// A statement with its arguments.
pub(super) type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

/// Turns a row into what it stands for.
pub(super) type DecodeRow<T> = fn(&SqliteRow) -> Result<T, ReadError>;

/// The columns of a row, taken one after the other. The first one names the row.
pub(super) struct Columns<'r> {
    row: &'r SqliteRow,
    table: &'static str,
    next: usize,
}

impl<'r> Columns<'r> {
    /// The columns of a row of this table.
    pub(super) fn of(table: &'static str, row: &'r SqliteRow) -> Self {
        Self { row, table, next: 0 }
    }

    /// The next column as it is.
    pub(super) fn get<T: Decode<'r, Sqlite> + Type<Sqlite>>(&mut self) -> Result<T, ReadError> {
        self.next += 1;
        self.row.try_get(self.next - 1).map_err(|_| self.damaged())
    }

    /// The next column as something written in text.
    pub(super) fn parse<T: FromStr>(&mut self) -> Result<T, ReadError> {
        self.get::<&str>()?.parse().map_err(|_| self.damaged())
    }

    /// The next column, which may be NULL, as something written in text.
    pub(super) fn parse_opt<T: FromStr>(&mut self) -> Result<Option<T>, ReadError> {
        self.get::<Option<&str>>()?.map(|text| text.parse().map_err(|_| self.damaged())).transpose()
    }

    /// The next column through a function that may refuse it.
    pub(super) fn with<T>(&mut self, read: impl FnOnce(&'r str) -> Option<T>) -> Result<T, ReadError> {
        let text = self.get::<&str>()?;
        read(text).ok_or_else(|| self.damaged())
    }

    /// The next column as JSON.
    pub(super) fn json<T: DeserializeOwned>(&mut self) -> Result<T, ReadError> {
        self.with(|text| serde_json::from_str(text).ok())
    }

    /// The next column as a time.
    pub(super) fn time(&mut self) -> Result<Timestamp, ReadError> {
        Ok(from_micros(self.get()?))
    }

    /// The next column, which may be NULL, as a time.
    pub(super) fn time_opt(&mut self) -> Result<Option<Timestamp>, ReadError> {
        Ok(self.get::<Option<i64>>()?.map(from_micros))
    }

    /// The next column as ciphertext.
    pub(super) fn sealed(&mut self) -> Result<Sealed, ReadError> {
        self.get().map(Sealed::from_ciphertext)
    }

    /// The next column, which may be NULL, as ciphertext.
    pub(super) fn sealed_opt(&mut self) -> Result<Option<Sealed>, ReadError> {
        Ok(self.get::<Option<Vec<u8>>>()?.map(Sealed::from_ciphertext))
    }

    /// The next column as a number that is never negative.
    pub(super) fn number<T: TryFrom<i64>>(&mut self) -> Result<T, ReadError> {
        T::try_from(self.get::<i64>()?).map_err(|_| self.damaged())
    }

    /// The next column as bytes of a fixed length.
    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        <[u8; N]>::try_from(self.get::<&[u8]>()?).map_err(|_| self.damaged())
    }

    /// Compares the next column, a checksum, with what it should be.
    pub(super) fn verify(&mut self, sum: [u8; 8]) -> Result<(), ReadError> {
        if self.bytes::<8>()? == sum { Ok(()) } else { Err(self.damaged()) }
    }

    /// The error that names this row.
    pub(super) fn damaged(&self) -> ReadError {
        let id = self.row.try_get::<String, _>(0).unwrap_or_else(|_| "unreadable id".into());
        ReadError::Damaged { table: self.table, id }
    }
}

/// An error of the database while reading.
pub(super) fn unreadable(error: sqlx::Error) -> ReadError {
    ReadError::Unavailable(error.to_string())
}

/// Every row of a query.
pub(super) async fn all<T>(
    conn: &mut SqliteConnection,
    statement: Statement<'_>,
    decode: DecodeRow<T>,
) -> Result<Vec<T>, ReadError> {
    statement.fetch_all(conn).await.map_err(unreadable)?.iter().map(decode).collect()
}

/// Every row of a query that can be read. For work that is taken up again: a damaged
/// row must not keep the others from it. Whoever asks for that row itself is told.
pub(super) async fn readable<T>(
    conn: &mut SqliteConnection,
    statement: Statement<'_>,
    decode: DecodeRow<T>,
) -> Result<Vec<T>, ReadError> {
    let rows = statement.fetch_all(conn).await.map_err(unreadable)?;
    let mut read = Vec::with_capacity(rows.len());
    for row in &rows {
        match decode(row) {
            Ok(row) => read.push(row),
            Err(why @ ReadError::Damaged { .. }) => tracing::error!(%why, "a damaged row is left out"),
            Err(why) => return Err(why),
        }
    }
    Ok(read)
}

/// The first row of a query, if it has one.
pub(super) async fn one<T>(
    conn: &mut SqliteConnection,
    statement: Statement<'_>,
    decode: DecodeRow<T>,
) -> Result<Option<T>, ReadError> {
    statement.fetch_optional(conn).await.map_err(unreadable)?.as_ref().map(decode).transpose()
}

//! Columns read alike from either engine, so that a row is parsed into a domain type once.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use super::Error;
use crate::clock::from_milliseconds;

/// The kinds of columns we keep.
pub(super) trait Columns {
    fn text(&self, column: &str) -> Result<String, Error>;
    fn maybe_text(&self, column: &str) -> Result<Option<String>, Error>;
    fn number(&self, column: &str) -> Result<i64, Error>;
    fn maybe_number(&self, column: &str) -> Result<Option<i64>, Error>;
    fn flag(&self, column: &str) -> Result<bool, Error>;
    fn bytes(&self, column: &str) -> Result<Vec<u8>, Error>;
    fn maybe_bytes(&self, column: &str) -> Result<Option<Vec<u8>>, Error>;

    fn time(&self, column: &str) -> Result<Timestamp, Error> {
        self.number(column).map(from_milliseconds)
    }

    fn maybe_time(&self, column: &str) -> Result<Option<Timestamp>, Error> {
        Ok(self.maybe_number(column)?.map(from_milliseconds))
    }
}

macro_rules! columns {
    ($row:ty) => {
        impl Columns for $row {
            fn text(&self, column: &str) -> Result<String, Error> {
                Ok(self.try_get(column)?)
            }
            fn maybe_text(&self, column: &str) -> Result<Option<String>, Error> {
                Ok(self.try_get(column)?)
            }
            fn number(&self, column: &str) -> Result<i64, Error> {
                Ok(self.try_get(column)?)
            }
            fn maybe_number(&self, column: &str) -> Result<Option<i64>, Error> {
                Ok(self.try_get(column)?)
            }
            fn flag(&self, column: &str) -> Result<bool, Error> {
                Ok(self.try_get(column)?)
            }
            fn bytes(&self, column: &str) -> Result<Vec<u8>, Error> {
                Ok(self.try_get(column)?)
            }
            fn maybe_bytes(&self, column: &str) -> Result<Option<Vec<u8>>, Error> {
                Ok(self.try_get(column)?)
            }
        }
    };
}
columns!(SqliteRow);
columns!(PgRow);

//! The API key of `bursar connections add`.

use super::super::secret::Wanted;

pub(super) const API_KEY: Wanted = Wanted { what: "API key", flag: "key-file" };

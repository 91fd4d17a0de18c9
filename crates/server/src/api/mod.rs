//! `/api/v1`.
use crate::App;

pub(crate) fn router(_app: App) -> axum::Router {
    todo!()
}

//! A workflow document as requests carry it: `{"source": …}` with the text or the
//! document as JSON, or the bare YAML as the body.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use http::header;
use model::{Code, Failure};
use serde::Deserialize;
use serde_json::Value;
use workflows::Source;

use super::body::{Body, patience, read};
use crate::{App, failure::Refused};

/// Media types under which a bare document comes.
const BARE: &[&str] = &["text/yaml", "text/x-yaml", "application/yaml", "application/x-yaml", "text/plain"];

/// A document's text.
#[derive(Debug)]
pub(crate) struct Document(pub(crate) Source);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapped {
    /// Text, or the document as an object.
    source: Value,
    /// What messages call it, such as a file name.
    name: Option<String>,
}

impl FromRequest<Arc<App>> for Document {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Refused> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if BARE.contains(&kind.as_str()) {
            let bytes = read(request, app.server.body_bytes, patience(app)).await?;
            return bare(bytes.to_vec()).map(Self);
        }
        let Body(wrapped) = Body::<Wrapped>::from_request(request, app).await?;
        unwrap(wrapped).map(Self)
    }
}

fn bare(bytes: Vec<u8>) -> Result<Source, Refused> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source { text, name: "document".to_owned() }),
        Err(error) => Err(Failure::new(
            Code::ValidationError,
            format!(
                "The document is not UTF-8 from byte {} on. Nothing was saved. Save it as UTF-8.",
                error.utf8_error().valid_up_to()
            ),
        )
        .into()),
    }
}

fn unwrap(wrapped: Wrapped) -> Result<Source, Refused> {
    let text = match wrapped.source {
        Value::String(text) => text,
        document @ Value::Object(_) => format!("{document:#}"),
        _ => {
            return Err(Failure::new(
                Code::ValidationError,
                "`source` is neither text nor an object. Nothing was saved. Send the document's YAML as text, or \
                 the document as a JSON object.",
            )
            .at("source")
            .into());
        }
    };
    Ok(Source { text, name: wrapped.name.unwrap_or_else(|| "document".to_owned()) })
}

//! A connection that may not list events: then nobody finds out by machine what became
//! of a write whose answer is no use.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::json;
use stripe::{Answer, Attempt, BoxFuture, Credential, Headers, Request, Transport};

pub(super) struct Blind {
    pub(super) inner: Arc<dyn Transport>,
    pub(super) secretive: Arc<AtomicBool>,
}

impl Transport for Blind {
    fn attempt<'a>(&'a self, request: &'a Request, credential: &'a Credential) -> BoxFuture<'a, Attempt> {
        if request.path == "/v1/events" && self.secretive.load(Ordering::SeqCst) {
            let error = json!({ "error": { "type": "invalid_request_error", "message": "no permission" } });
            let answer = Answer { status: 403, headers: Headers::default(), body: error };
            return Box::pin(async { Attempt::Answered(answer) });
        }
        self.inner.attempt(request, credential)
    }
}

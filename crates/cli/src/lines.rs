//! A list as it comes: JSON lines, the last of which says how it ended.
//!
//! What would surprise: a stream that ends without that last line was cut, however
//! whole it looks, and reading it fails.

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use model::{Code, Failure, Retry};
use serde_json::{Value, json};

use crate::door::Reply;

/// No line is longer: an object of Stripe's is a few kilobytes.
const LINE_MAX: usize = 64 * 1024 * 1024;

/// A list on its way.
pub(crate) struct Lines {
    reply: Reply,
    /// What has come and is not a whole line yet, and how much of it has no line's end.
    pending: BytesMut,
    searched: usize,
    /// How many objects came, and the id of the last one.
    count: u64,
    last: Value,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Line {
    /// An object, as it was sent.
    Object(Bytes),
    /// The end: everything has come. How much it was.
    Whole(Value),
}

impl Lines {
    pub(crate) fn new(reply: Reply) -> Self {
        Self { reply, pending: BytesMut::new(), searched: 0, count: 0, last: Value::Null }
    }

    /// The next line.
    ///
    /// # Errors
    /// Why the list broke off; what came before is good.
    pub(crate) async fn next(&mut self) -> Result<Line, Failure> {
        let text = self.line().await?;
        let mut read: Value = serde_json::from_slice(&text).map_err(|_| self.cut("a line is not JSON"))?;
        match read.get("success").and_then(Value::as_bool) {
            // Stripe's objects say of themselves what they are.
            _ if read.get("object").is_some() => {}
            Some(true) => return Ok(Line::Whole(read["meta"].take())),
            Some(false) => {
                let told = serde_json::from_value(read["error"].take());
                return Err(told.unwrap_or_else(|_| self.cut("it does not say why")));
            }
            None => {}
        }
        self.count += 1;
        // What is no object is shown as it came, and has no id to go on from.
        self.last = read.get_mut("id").map(Value::take).unwrap_or_default();
        Ok(Line::Object(text))
    }

    async fn line(&mut self) -> Result<Bytes, Failure> {
        loop {
            if let Some(at) = self.pending[self.searched..].iter().position(|byte| *byte == b'\n') {
                let line = self.pending.split_to(self.searched + at + 1).freeze();
                self.searched = 0;
                return Ok(line.slice(..line.len() - 1));
            }
            self.searched = self.pending.len();
            if self.searched > LINE_MAX {
                return Err(self.cut("a line is longer than 64 MB"));
            }
            match self.reply.body.next().await {
                Some(Ok(chunk)) => self.pending.extend_from_slice(&chunk),
                Some(Err(why)) => return Err(self.cut(&why)),
                None => return Err(self.cut("the connection ended")),
            }
        }
    }

    /// The failure of a stream that does not say how it ended.
    fn cut(&self, why: &str) -> Failure {
        let text = format!(
            "The list broke off after {} objects: {why}. What came is good, and more may follow. Nothing changed at \
             Stripe. List again, or go on behind the last one.",
            self.count
        );
        let details = json!({ "count": self.count, "after": self.last });
        Failure::new(Code::ConnectionUnreachable, text).with_details(details).retry(Retry::SameKey)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http::StatusCode;

    use super::*;
    use crate::asked::Asked;

    fn lines(text: &'static str, cut_every: usize) -> Lines {
        let chunks: Vec<_> =
            text.as_bytes().chunks(cut_every).map(|chunk| Ok(Bytes::from_static(chunk))).collect();
        let asked = Asked { url: String::new(), reads: true, keyed: false };
        Lines::new(Reply { status: StatusCode::OK, lines: true, asked, body: Box::pin(stream::iter(chunks)) })
    }

    /// The objects that came, and how it ended.
    async fn all(mut lines: Lines) -> (Vec<String>, Result<Value, Failure>) {
        let mut objects = Vec::new();
        loop {
            match lines.next().await {
                Ok(Line::Object(text)) => objects.push(String::from_utf8(text.to_vec()).unwrap()),
                Ok(Line::Whole(meta)) => return (objects, Ok(meta)),
                Err(failure) => return (objects, Err(failure)),
            }
        }
    }

    const TWO: &str = "{\"id\":\"cus_1\",\"object\":\"customer\",\"name\":\"Zoë\"}\n{\"id\":\"cus_2\",\"object\":\"customer\",\"success\":false}\n";

    #[tokio::test]
    async fn objects_come_as_they_were_sent_wherever_the_chunks_are_cut() {
        let whole = format!("{TWO}{{\"success\":true,\"meta\":{{\"count\":2}}}}\n").leak();
        for cut_every in 1..whole.len() + 1 {
            let (objects, end) = all(lines(whole, cut_every)).await;
            assert_eq!(objects.concat(), TWO.replace('\n', ""));
            assert_eq!(end.unwrap(), json!({"count": 2}));
        }
    }

    #[tokio::test]
    async fn a_stream_without_its_last_line_is_cut_whatever_it_ends_with() {
        for text in [TWO, "", &TWO[..TWO.len() - 1], "{\"id\":\"cus_1\",\"object\":\"customer\"}\nnonsense\n"]
        {
            let (objects, end) = all(lines(text, 7)).await;
            let failure = end.unwrap_err();
            assert_eq!(failure.code, Code::ConnectionUnreachable);
            let details = failure.details.unwrap();
            assert_eq!(details["count"], objects.len());
            let last = objects.last().map(|text| serde_json::from_str::<Value>(text).unwrap()["id"].clone());
            assert_eq!(details["after"], last.unwrap_or_default());
        }
    }

    #[tokio::test]
    async fn the_failure_of_the_last_line_is_passed_on() {
        let told = "{\"success\":false,\"error\":{\"code\":\"api_error\",\"message\":\"m\",\"retry\":{\"kind\":\"never\"}}}\n";
        let (_, end) = all(lines(told, 1_000)).await;
        assert_eq!(end.unwrap_err(), Failure::new(Code::ApiError, "m"));
    }
}

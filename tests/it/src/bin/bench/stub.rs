//! A Stripe that always answers with the same customer: no work of its own that could
//! hide what a client costs.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_util::task::TaskTracker;

use crate::{Done, child, load::content_length};

/// Serves until told to stop.
pub(crate) async fn serve(listener: TcpListener) -> Done {
    let at = listener.local_addr()?;
    let tasks = TaskTracker::new();
    let serving = async move {
        while let Ok((stream, _)) = listener.accept().await {
            tasks.spawn(connection(stream));
        }
    };
    child::until_told(at, json!({}), serving, || async { Ok(json!({})) }).await
}

/// Answers every request of a connection until it breaks or ends.
async fn connection(mut stream: TcpStream) -> Done {
    stream.set_nodelay(true)?;
    let answer = answer()?;
    let mut bytes = Vec::new();
    loop {
        while let Some(length) = whole(&bytes) {
            bytes.drain(..length);
            stream.write_all(&answer).await?;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    }
}

/// The length of the first request, if it is there to its end.
fn whole(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let body = std::str::from_utf8(&bytes[..head]).ok().and_then(content_length).unwrap_or(0);
    (bytes.len() >= head + 4 + body).then_some(head + 4 + body)
}

fn answer() -> Done<Vec<u8>> {
    let body = serde_json::to_string_pretty(&customer())?;
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nRequest-Id: req_0123456789abcd\r\n\
         Stripe-Version: {}\r\nStripe-Should-Retry: false\r\nContent-Length: {}\r\n\r\n",
        stripe::PINNED.as_str(),
        body.len()
    );
    Ok([head.into_bytes(), body.into_bytes()].concat())
}

fn customer() -> Value {
    json!({
        "id": "cus_RkQ2v0TgY8sXw1",
        "object": "customer",
        "address": null,
        "balance": 0,
        "created": 1_790_000_000,
        "currency": null,
        "default_source": null,
        "delinquent": false,
        "description": null,
        "email": "ada@example.com",
        "invoice_prefix": "A1B2C3D4",
        "invoice_settings": {
            "custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null,
        },
        "livemode": false,
        "metadata": {"order": "6735"},
        "name": "Ada Lovelace",
        "next_invoice_sequence": 1,
        "phone": null,
        "preferred_locales": [],
        "shipping": null,
        "tax_exempt": "none",
        "test_clock": null,
    })
}

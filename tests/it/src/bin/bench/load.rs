//! The load: keep-alive connections that each send one request after another.
//!
//! A minimal HTTP/1.1 client of its own, because a general one would use more of the
//! processors than what is measured.

use std::{
    rc::Rc,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::LocalSet,
    time::Instant,
};

use crate::{
    Done,
    measured::{Times, processor_time},
};

/// The requests to send, by number from zero.
pub(crate) trait Requests {
    /// Writes a whole request in place of what is there; `false` when there are no more.
    fn write(&self, number: usize, path: &str, host: &str, into: &mut Vec<u8>) -> bool;

    /// How many there are.
    fn len(&self) -> usize;
}

/// How long to load, and with how many connections.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    /// Not counted: caches fill, files grow.
    pub(crate) warm_up: Duration,
    pub(crate) measured: Duration,
}

/// What came of it.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    /// Answered 200 in all, warm-up included.
    pub(crate) accepted: usize,
    /// Answered 200 per second, in the measured time.
    pub(crate) per_second: f64,
    /// From the first byte written to the last byte read.
    pub(crate) times: Times,
    /// Processor time of the server per event; `None` where it cannot be read.
    pub(crate) server: Option<Duration>,
    /// The same of the load itself.
    pub(crate) load: Option<Duration>,
}

struct Target {
    address: String,
    path: String,
    requests: Rc<dyn Requests>,
    next: AtomicUsize,
    begin: Instant,
    end: Instant,
}

/// Sends requests to a path of a server that runs in the process `pid`.
pub(crate) async fn run(
    load: Load,
    address: &str,
    path: &str,
    pid: u32,
    requests: Rc<dyn Requests>,
) -> Done<Loaded> {
    let begin = Instant::now() + load.warm_up;
    let target = Rc::new(Target {
        address: address.to_owned(),
        path: path.to_owned(),
        requests,
        next: AtomicUsize::new(0),
        begin,
        end: begin + load.measured,
    });
    let own = std::process::id();
    let local = LocalSet::new();
    let mut connections = Vec::new();
    for _ in 0..load.connections {
        connections.push(local.spawn_local(connection(target.clone())));
    }
    let clocks = async {
        tokio::time::sleep_until(begin).await;
        let before = (processor_time(pid), processor_time(own));
        tokio::time::sleep_until(target.end).await;
        let after = (processor_time(pid), processor_time(own));
        (spent(before.0, after.0), spent(before.1, after.1))
    };
    let (server, client) = local.run_until(clocks).await;
    let (mut accepted, mut times) = (0, Times::default());
    for connection in connections {
        let (all, measured) = local.run_until(connection).await??;
        accepted += all;
        times.extend(measured);
    }
    if target.next.load(Ordering::Relaxed) >= target.requests.len() {
        return Err("this machine is faster than there are requests; raise their number".into());
    }
    let count = u32::try_from(times.len())?.max(1);
    let each = |spent: Option<Duration>| spent.map(|spent| spent / count);
    let per_second = f64::from(count) / load.measured.as_secs_f64();
    Ok(Loaded { accepted, per_second, times, server: each(server), load: each(client) })
}

fn spent(before: Option<Duration>, after: Option<Duration>) -> Option<Duration> {
    Some(after?.saturating_sub(before?))
}

/// One connection: how many were accepted, and how long the measured ones took.
async fn connection(target: Rc<Target>) -> Done<(usize, Times)> {
    let mut stream = TcpStream::connect(&target.address).await?;
    stream.set_nodelay(true)?;
    let (mut request, mut answer) = (Vec::new(), Vec::new());
    let (mut accepted, mut times) = (0, Times::default());
    while Instant::now() < target.end {
        let number = target.next.fetch_add(1, Ordering::Relaxed);
        if !target.requests.write(number, &target.path, &target.address, &mut request) {
            break;
        }
        let begun = Instant::now();
        stream.write_all(&request).await?;
        let status = read(&mut stream, &mut answer).await?;
        let done = Instant::now();
        if status != 200 {
            return Err(format!("{}: {}", target.path, String::from_utf8_lossy(&answer)).into());
        }
        accepted += 1;
        if done >= target.begin && done < target.end {
            times.push(done - begun);
        }
    }
    Ok((accepted, times))
}

/// Reads a whole answer and says its status.
pub(crate) async fn read(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Done<u16> {
    answer.clear();
    loop {
        if stream.read_buf(answer).await? == 0 {
            return Err("the server closed the connection".into());
        }
        let Some(head) = answer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&answer[..head])?;
        let length = content_length(text).ok_or("an answer without Content-Length")?;
        if answer.len() >= head + 4 + length {
            return Ok(text.split(' ').nth(1).unwrap_or_default().parse()?);
        }
    }
}

/// The `Content-Length` of a message's head.
pub(crate) fn content_length(head: &str) -> Option<usize> {
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    })
}

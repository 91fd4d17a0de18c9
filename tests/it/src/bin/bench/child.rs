//! Servers in processes of their own: started, told to stop by closing their standard
//! input, and asked at the end what they hold.
//!
//! A child prints two lines: where it listens, and at its end what it has.

use std::{future::Future, net::SocketAddr, path::Path, process::Stdio};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines},
    net::TcpListener,
    process::{Child, ChildStdout, Command},
};

use crate::{Done, file_receiver, receiver, sandbox, stub};

/// A running child.
pub(crate) struct Server {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// `127.0.0.1:port`
    pub(crate) address: String,
    /// What the child said of itself besides.
    pub(crate) about: Value,
}

impl Server {
    /// Starts a child of this kind that keeps its files in the folder.
    pub(crate) async fn start(kind: &str, folder: &Path) -> Done<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["child", kind])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let out = child.stdout.take().ok_or("a child without standard output")?;
        let mut lines = BufReader::new(out).lines();
        let about = line(&mut lines).await?;
        let address = about["address"].as_str().ok_or("a child without an address")?.to_owned();
        Ok(Self { child, lines, address, about })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// Stops the child and returns what it has to say at its end.
    pub(crate) async fn stop(mut self) -> Done<Value> {
        drop(self.child.stdin.take());
        let last = line(&mut self.lines).await?;
        let status = self.child.wait().await?;
        if status.success() { Ok(last) } else { Err(format!("a child ended with {status}").into()) }
    }
}

async fn line(lines: &mut Lines<BufReader<ChildStdout>>) -> Done<Value> {
    let line = lines.next_line().await?.ok_or("a child ended too early")?;
    Ok(serde_json::from_str(&line)?)
}

/// The child's side: runs the server of this kind until standard input ends.
pub(crate) fn perform(kind: &str, folder: &Path) -> Done {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        match kind {
            "file" => file_receiver::serve(listener, folder).await,
            "bursar" => receiver::serve(listener, folder, receiver::Variant::Receives).await,
            "bursar-dispatching" => receiver::serve(listener, folder, receiver::Variant::Dispatches).await,
            "bursar-without-store" => {
                receiver::serve(listener, folder, receiver::Variant::StoresNothing).await
            }
            "stub" => stub::serve(listener).await,
            "sandbox" => sandbox::serve().await,
            other => Err(format!("there is no child `{other}`").into()),
        }
    })
}

/// Says where a child listens, serves until standard input ends, and says the last words.
pub(crate) async fn until_told<F>(
    at: SocketAddr,
    mut about: Value,
    serving: impl Future<Output = ()>,
    last: impl FnOnce() -> F,
) -> Done
where
    F: Future<Output = Done<Value>>,
{
    about["address"] = json!(at.to_string());
    println!("{about}");
    let mut nothing = Vec::new();
    let mut stdin = tokio::io::stdin();
    tokio::select! {
        () = serving => return Err("a server ended by itself".into()),
        read = stdin.read_to_end(&mut nothing) => { read?; }
    }
    println!("{}", last().await?);
    Ok(())
}

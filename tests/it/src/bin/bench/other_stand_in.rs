//! A popular stand-in from PyPI, in a process of its own, to be measured beside ours.
//!
//! It is installed beside the binary when it is not there; none of its code is ours.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

use crate::Done;

/// Name and release, as pip takes them.
pub(crate) const PACKAGE: &str = "localstripe==1.15.10";
const PATIENCE: Duration = Duration::from_secs(30);

/// It runs until this is dropped.
pub(crate) struct OtherStandIn {
    child: Child,
    /// `127.0.0.1:port`
    pub(crate) address: String,
}

impl OtherStandIn {
    /// Installs it below the folder if it is not there yet, and starts it.
    pub(crate) async fn start(folder: &Path) -> Done<Self> {
        let home = folder.join("localstripe");
        let python = home.join("bin/python");
        if !home.join("bin/localstripe").exists() {
            done(Command::new("python3").args(["-m", "venv"]).arg(&home)).await?;
            let setuptools = "setuptools<81";
            done(Command::new(&python).args(["-m", "pip", "install", "--quiet", setuptools, PACKAGE]))
                .await?;
        }
        let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = Command::new(home.join("bin/localstripe"))
            .args(["--from-scratch", "--port", &free.port().to_string()])
            .current_dir(&home)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let started = Self { child, address: free.to_string() };
        started.ready().await?;
        Ok(started)
    }

    async fn ready(&self) -> Done {
        let end = tokio::time::Instant::now() + PATIENCE;
        while TcpStream::connect(&self.address).await.is_err() {
            if tokio::time::Instant::now() > end {
                return Err(format!("{PACKAGE} does not listen at {}", self.address).into());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }
}

async fn done(command: &mut Command) -> Done {
    let status = command.status().await?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}").into()) }
}

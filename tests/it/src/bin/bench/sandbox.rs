//! The sandbox: customers made per second, against a server that does nothing and a
//! popular stand-in; and how both making and reading go as objects become many.

use std::{path::Path, rc::Rc, time::Duration};

use sandbox::{Options, Sandbox};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::{
    Done,
    child::{self, Server},
    customers::{Making, Reading},
    load::{self, Load, Loaded, Requests},
    measured::{memory, micros},
    other_stand_in::{OtherStandIn, PACKAGE},
    table::Figures,
};

const CONNECTIONS: usize = 16;
const CUSTOMERS: &str = "/v1/customers";
/// At how many customers the sandbox is looked at; each of them has an event beside it.
const SIZES: &[usize] = &[1_000, 10_000, 100_000, 500_000];
const WARM_UP: Duration = Duration::from_millis(500);
const MEASURED: Duration = Duration::from_secs(3);
/// How long is loaded at once while the sandbox fills.
const FILLING: Duration = Duration::from_millis(250);

/// The child's side: a sandbox in memory.
pub(crate) async fn serve() -> Done {
    let sandbox = Sandbox::open(Options::default()).await?;
    let url = sandbox.url().ok_or("a sandbox without an address")?;
    let at = url.strip_prefix("http://").unwrap_or(&url).parse()?;
    child::until_told(at, json!({}), std::future::pending(), || async { Ok(json!({})) }).await
}

/// Measures and prints.
pub(crate) async fn run(folder: &Path) -> Done {
    let stub = Server::start("stub", folder).await?;
    let nothing = making(&stub.address, stub.pid(), &Rc::default()).await?;
    stub.stop().await?;
    let other = OtherStandIn::start(folder).await?;
    let theirs = making(&other.address, other.pid(), &Rc::default()).await?;
    drop(other);
    let ours = Server::start("sandbox", folder).await?;
    let made = Rc::new(Making::default());
    let empty = making(&ours.address, ours.pid(), &made).await?;

    println!("POST /v1/customers: {CONNECTIONS} connections over loopback");
    let mut table =
        Figures::new(&["server", "per second", "median ms", "p99 ms", "CPU µs", "of one that does nothing"]);
    for (name, loaded) in [
        ("baseline: one canned answer", &nothing),
        ("the sandbox, empty, in memory", &empty),
        (PACKAGE, &theirs),
    ] {
        let mut cells = row(name, loaded);
        cells.push(format!("{:.3} ×", loaded.per_second / nothing.per_second));
        table.row(&cells);
    }
    table.print();
    println!("The sandbox makes {:.0} × what {PACKAGE} does.\n", empty.per_second / theirs.per_second);
    curve(&ours, &made, &empty).await?;
    ours.stop().await?;
    Ok(())
}

/// Making, reading one and listing ten, at each size.
async fn curve(server: &Server, made: &Rc<Making>, empty: &Loaded) -> Done {
    println!("As objects become many");
    let mut table = Figures::new(&[
        "customers",
        "made per second",
        "p99 ms",
        "of the empty one",
        "read per second",
        "p99 ms",
        "lists of ten per second",
        "p99 ms",
        "bytes per customer",
    ]);
    let (begun_with, begun_at) = (memory(server.pid()), made.made());
    for size in SIZES {
        while made.made() < *size {
            filled(server, made).await?;
        }
        let customers = made.made();
        let bytes = memory(server.pid()).zip(begun_with).map(|(now, then)| now.saturating_sub(then));
        let more = made.made().saturating_sub(begun_at);
        let making = making(&server.address, server.pid(), made).await?;
        let one = load_of(server, Rc::new(Reading(some(server).await?))).await?;
        let page = Reading(vec![format!("{CUSTOMERS}?limit=10")]);
        let list = load_of(server, Rc::new(page)).await?;
        let p99 = |loaded: &Loaded| format!("{:.2}", micros(loaded.times.p99()) / 1e3);
        table.row(&[
            customers.to_string(),
            format!("{:.0}", making.per_second),
            p99(&making),
            format!("{:.2} ×", making.per_second / empty.per_second),
            format!("{:.0}", one.per_second),
            p99(&one),
            format!("{:.0}", list.per_second),
            p99(&list),
            bytes.map_or_else(|| "?".to_owned(), |bytes| (bytes / more.max(1) as u64).to_string()),
        ]);
    }
    table.print();
    Ok(())
}

async fn filled(server: &Server, made: &Rc<Making>) -> Done {
    let load = Load { connections: CONNECTIONS, warm_up: Duration::ZERO, measured: FILLING };
    load::run(load, &server.address, CUSTOMERS, server.pid(), made.clone()).await.map(drop)
}

async fn making(address: &str, pid: u32, made: &Rc<Making>) -> Done<Loaded> {
    let load = Load { connections: CONNECTIONS, warm_up: WARM_UP, measured: MEASURED };
    load::run(load, address, CUSTOMERS, pid, made.clone()).await
}

async fn load_of(server: &Server, requests: Rc<dyn Requests>) -> Done<Loaded> {
    let load = Load { connections: CONNECTIONS, warm_up: WARM_UP, measured: MEASURED };
    load::run(load, &server.address, CUSTOMERS, server.pid(), requests).await
}

/// The addresses of some customers.
async fn some(server: &Server) -> Done<Vec<String>> {
    let (mut request, mut answer) = (Vec::new(), Vec::new());
    Reading(vec![format!("{CUSTOMERS}?limit=100")]).write(0, CUSTOMERS, &server.address, &mut request);
    let mut stream = TcpStream::connect(&server.address).await?;
    stream.write_all(&request).await?;
    let status = load::read(&mut stream, &mut answer).await?;
    let at = answer.windows(4).position(|w| w == b"\r\n\r\n").ok_or("an answer without a head")?;
    let list: Value = serde_json::from_slice(&answer[at + 4..])?;
    let ids = list["data"].as_array().into_iter().flatten().filter_map(|one| one["id"].as_str());
    let paths: Vec<String> = ids.map(|id| format!("{CUSTOMERS}/{id}")).collect();
    if status == 200 && paths.len() == 100 {
        Ok(paths)
    } else {
        Err(format!("no customers: {status}").into())
    }
}

fn row(name: &str, loaded: &Loaded) -> Vec<String> {
    let millis = |time: Duration| format!("{:.2}", micros(time) / 1e3);
    vec![
        name.to_owned(),
        format!("{:.0}", loaded.per_second),
        millis(loaded.times.median()),
        millis(loaded.times.p99()),
        loaded.server.map_or_else(|| "?".to_owned(), |time| format!("{:.1}", micros(time))),
    ]
}

//! How a sandbox comes up: the port, then the log, then the tasks.

use std::sync::Arc;

use tokio::net::TcpListener;

use crate::{
    OpenError, Options,
    clock::SandboxClock,
    core::{Core, Shared},
    deliveries,
    state::{Record, State, compacted, log::Log},
    wire,
};

/// Opens everything that the options name.
pub(crate) async fn start(options: Options) -> Result<Arc<Shared>, OpenError> {
    let listener = match options.listen {
        Some(at) => Some(TcpListener::bind(at).await.map_err(|source| OpenError::Listen { at, source })?),
        None => None,
    };
    let core = restore(&options)?;
    let shared = Arc::new(Shared::new(core, SandboxClock::new(Arc::clone(&options.clock))));
    shared.tasks.spawn(Arc::clone(&shared).sync_log());
    let boot = shared.core().state.boot;
    let seed = shared.core().state.seed;
    let started = Record { boot: Some(boot), seed: Some(seed), ..Record::default() };
    if shared.commit(started).await.is_err() {
        let source = std::io::Error::other("the log cannot be written");
        return Err(OpenError::Folder { folder: options.data.unwrap_or_default(), source });
    }
    if let Some(listener) = listener {
        let at =
            listener.local_addr().map_err(|source| OpenError::Listen { at: address(&options), source })?;
        shared.set_base(format!("http://{at}"), at.ip().is_loopback());
        let client = deliveries::build_client()?;
        shared.tasks.spawn(wire::serve(Arc::clone(&shared), listener));
        shared.tasks.spawn(deliveries::pump(Arc::clone(&shared), client));
    }
    Ok(shared)
}

fn address(options: &Options) -> std::net::SocketAddr {
    options.listen.unwrap_or_else(|| std::net::SocketAddr::from(([127, 0, 0, 1], 0)))
}

/// The state that the folder's log tells, or a new one.
fn restore(options: &Options) -> Result<Core, OpenError> {
    let Some(folder) = &options.data else {
        let mut state = State::new(options.seed);
        state.boot = 1;
        state.set_api_version(options.api_version);
        return Ok(Core::new(state, None, options.check_objects));
    };
    let (mut log, mut records) = Log::open(folder)?;
    if log.is_long() {
        let offset_ms = records.iter().rev().find_map(|record| record.offset_ms).unwrap_or(0);
        records = compacted(records, options.clock.now().as_millisecond() + offset_ms);
        log.rewrite(&records)?;
    }
    let seed = records.iter().find_map(|record| record.seed).unwrap_or(options.seed);
    let mut state = State::new(seed);
    for record in records {
        state.apply(record);
    }
    state.boot += 1;
    state.set_api_version(options.api_version);
    Ok(Core::new(state, Some(log), options.check_objects))
}

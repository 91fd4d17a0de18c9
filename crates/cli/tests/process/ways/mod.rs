//! Every way of connecting by the binary: a sandbox and a server of their own, each on a
//! port of its own, a stand-in for Nango between them, and people who consent on the
//! sandbox's page.

mod connecting;
mod scene;

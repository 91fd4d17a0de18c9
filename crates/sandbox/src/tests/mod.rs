//! The sandbox from outside: in-process and over sockets.

mod client;
mod invoicing;

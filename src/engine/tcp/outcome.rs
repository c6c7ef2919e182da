//! How a dial ended, left by the observer for the script's side.

use std::net::SocketAddr;

use crate::socket::error::SocketError;

/// How the dial ended.
#[derive(Debug)]
pub enum Outcome {
    /// The connection is open, between these ends.
    Opened(Option<(SocketAddr, SocketAddr)>),
    /// There is no connection.
    Refused(SocketError),
}

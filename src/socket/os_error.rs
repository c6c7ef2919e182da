//! What the operating system refuses, told in our words: at a connect, at a bind, on an open stream.
//!
//! Knows phases and causes, and whom to ask where TLS has a say; which error matters is the caller's affair.

use std::borrow::Cow;
use std::io;
use std::net::{IpAddr, SocketAddr};

use super::error::{Cause, Phase, SocketError, network, words};
use super::{limits, tls};

/// An operating-system error while connecting to `address`.
pub(super) fn connect(address: &str, error: &io::Error) -> SocketError {
    let (cause, hint) = match error.raw_os_error() {
        Some(libc::ECONNREFUSED) => (
            Cause::ConnectRefused,
            Cow::Borrowed("is the server running there?"),
        ),
        Some(libc::ETIMEDOUT) => (Cause::ConnectTimeout, "nobody answered".into()),
        Some(libc::EHOSTUNREACH | libc::ENETUNREACH) => (
            Cause::Unreachable,
            "no route leads there: see `ip route get` with this address".into(),
        ),
        Some(libc::EADDRNOTAVAIL) => (Cause::NoPorts, limits::ports_hint().into()),
        Some(libc::ENOENT) => (Cause::Unreachable, "there is no such socket".into()),
        Some(libc::ECONNRESET) => (Cause::Reset, "".into()),
        Some(libc::EMFILE | libc::ENFILE) => (Cause::NoFds, limits::files_hint().into()),
        _ => (Cause::Io, "".into()),
    };
    SocketError::new(
        Phase::Connect,
        cause,
        format!(
            "dial {} {address}: connect: {}",
            network(address),
            words(error)
        ),
    )
    .with_hint(hint)
}

/// An operating-system error while binding to `local`, on the way to `address`.
pub(super) fn bind(address: SocketAddr, local: IpAddr, error: &io::Error) -> SocketError {
    let hint = match error.raw_os_error() {
        Some(libc::EADDRNOTAVAIL) => format!(
            "this machine does not have that address: `ip addr add {local} dev lo`, or another interface"
        ),
        _ => String::new(),
    };
    let why = words(error);
    let text = format!("dial tcp {local}->{address}: bind: {why}");
    SocketError::new(Phase::Connect, Cause::Io, text).with_hint(hint)
}

/// An operating-system error on an existing stream; `doing` is `read` or `write`.
pub(super) fn stream(phase: Phase, doing: &str, ends: &str, error: &io::Error) -> SocketError {
    if let Some(error) = tls::of_session(phase, error) {
        return error;
    }
    let cause = match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Cause::Reset,
        io::ErrorKind::UnexpectedEof => Cause::Eof,
        _ => Cause::Io,
    };
    SocketError::new(
        phase,
        cause,
        format!(
            "{doing} {} {ends}: {doing}: {}",
            network(ends),
            words(error)
        ),
    )
}

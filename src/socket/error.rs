//! Why a connection could not be made or could not go on.
//!
//! An error says in which [`Phase`] it happened, of what [`Cause`] it is (a stable word for tags and
//! counts) and, as text, what a k6 user would read: scripts compare these texts.

use std::borrow::Cow;

/// The part of dialling in which an error happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Name to addresses.
    Resolve,
    /// TCP handshake.
    Connect,
    /// The way through a proxy.
    Proxy,
    /// TLS handshake.
    Tls,
    /// HTTP upgrade.
    Upgrade,
    /// The open connection.
    Session,
}

impl Phase {
    /// The word for messages and fields.
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Resolve => "resolve",
            Phase::Connect => "connect",
            Phase::Proxy => "proxy",
            Phase::Tls => "tls",
            Phase::Upgrade => "upgrade",
            Phase::Session => "session",
        }
    }
}

/// What went wrong, as a closed set of stable words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The name does not resolve.
    Dns,
    /// The run forbids the name.
    BlockedHost,
    /// The run forbids the address.
    BlacklistedIp,
    /// Nobody listens there.
    ConnectRefused,
    /// No answer to the TCP handshake in time.
    ConnectTimeout,
    /// No route.
    Unreachable,
    /// No local port left.
    NoPorts,
    /// No file descriptor left.
    NoFds,
    /// The proxy refused, or is none.
    Proxy,
    /// The certificate does not prove who the peer is.
    TlsVerify,
    /// The peer does not speak TLS, or not one that both know.
    TlsProtocol,
    /// The TLS handshake did not end in time.
    TlsTimeout,
    /// An HTTP answer other than 101.
    HandshakeStatus,
    /// An answer that is not a valid upgrade.
    HandshakeInvalid,
    /// No upgrade answer in time.
    HandshakeTimeout,
    /// The peer broke the WebSocket protocol.
    Protocol,
    /// Text that is not UTF-8.
    Utf8,
    /// A message over the limit.
    TooBig,
    /// What arrived is not cut into messages as it should be.
    Framing,
    /// The connection was reset.
    Reset,
    /// The stream ended where it must not.
    Eof,
    /// The peer did not take what we sent in time.
    SendBlocked,
    /// Nothing came from the peer for too long.
    IdleTimeout,
    /// The peer did not answer our Close in time.
    CloseTimeout,
    /// Nobody waited for the outcome.
    Cut,
    /// Another error of the operating system.
    Io,
}

impl Cause {
    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Dns => "dns",
            Cause::BlockedHost => "blocked_host",
            Cause::BlacklistedIp => "blacklisted_ip",
            Cause::ConnectRefused => "connect_refused",
            Cause::ConnectTimeout => "connect_timeout",
            Cause::Unreachable => "unreachable",
            Cause::NoPorts => "no_ports",
            Cause::NoFds => "no_fds",
            Cause::Proxy => "proxy",
            Cause::TlsVerify => "tls_verify",
            Cause::TlsProtocol => "tls_protocol",
            Cause::TlsTimeout => "tls_timeout",
            Cause::HandshakeStatus => "handshake_status",
            Cause::HandshakeInvalid => "handshake_invalid",
            Cause::HandshakeTimeout => "handshake_timeout",
            Cause::Protocol => "protocol",
            Cause::Utf8 => "utf8",
            Cause::TooBig => "too_big",
            Cause::Framing => "framing",
            Cause::Reset => "reset",
            Cause::Eof => "eof",
            Cause::SendBlocked => "send_blocked",
            Cause::IdleTimeout => "idle_timeout",
            Cause::CloseTimeout => "close_timeout",
            Cause::Cut => "cut",
            Cause::Io => "io",
        }
    }
}

/// A failure on the way to a peer or on an open connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct SocketError {
    /// Where it happened.
    pub phase: Phase,
    /// What kind it is.
    pub cause: Cause,
    /// The text that scripts see.
    pub text: String,
    /// What the reader may do about it; empty when the text says it all.
    pub hint: Cow<'static, str>,
}

impl SocketError {
    /// An error without a hint.
    pub fn new(phase: Phase, cause: Cause, text: impl Into<String>) -> Self {
        Self {
            phase,
            cause,
            text: text.into(),
            hint: Cow::Borrowed(""),
        }
    }

    /// The same error with advice for the reader.
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The same error, said of the first of this many addresses.
    pub(super) fn of_many(mut self, addresses: usize) -> Self {
        let and = if self.hint.is_empty() { "" } else { "; " };
        let hint = format!("none of {addresses} addresses answered{and}{}", self.hint);
        self.hint = hint.into();
        self
    }
}

/// What kind of address `ends` are, as error texts call it.
pub(crate) fn network(ends: &str) -> &'static str {
    if ends.starts_with(['/', '@']) || ends.contains("->/") {
        "unix"
    } else {
        "tcp"
    }
}

/// The operating system's words for an error, in lower case and without Rust's `(os error N)`.
pub(crate) fn words(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or(&text)
        .to_lowercase()
}

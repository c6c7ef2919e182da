//! The HTTP request that asks for a WebSocket (RFC 6455 section 4.1), checked before anything is dialled.

use super::deflate::Offer;
use crate::socket::error::{Cause, Phase, SocketError};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Path and query, at least `/`.
    pub path: String,
    /// The `Host` header unless `headers` has one.
    pub host: String,
    /// The `User-Agent` header unless `headers` has one.
    pub user_agent: String,
    /// Headers of the script, in its order.
    pub headers: Vec<(String, String)>,
    /// How messages may be compressed, if at all.
    pub compression: Option<Offer>,
}

impl Request {
    /// Refuses headers that would break the request apart; call before dialling.
    pub fn check(&self) -> Result<(), String> {
        for (name, value) in &self.headers {
            let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
            if name.is_empty() || !name.bytes().all(is_token) {
                return Err(format!("invalid header name {name:?}"));
            }
            if value.bytes().any(|b| (b < 0x20 && b != b'\t') || b == 0x7F) {
                return Err(format!(
                    "invalid value of header {name:?}: control character in it"
                ));
            }
        }
        let path = &self.path;
        if path.bytes().any(|b| b <= 0x20 || b == 0x7F) {
            return Err(format!(
                "invalid request path {path:?}: white space or control character"
            ));
        }
        Ok(())
    }

    /// The request as bytes, for a fresh `key`.
    pub(super) fn bytes(&self, key: &str) -> Result<Vec<u8>, SocketError> {
        let mut out = format!("GET {} HTTP/1.1\r\n", self.path);
        let mut line = |name: &str, value: &str| {
            out.push_str(name);
            out.push_str(": ");
            out.push_str(value);
            out.push_str("\r\n");
        };
        let own = |name: &str| {
            self.headers
                .iter()
                .any(|(given, _)| canonical(given) == name)
        };
        if !own("Host") {
            line("Host", &self.host);
        }
        if !own("User-Agent") {
            line("User-Agent", &self.user_agent);
        }
        line("Connection", "Upgrade");
        line("Upgrade", "websocket");
        line("Sec-WebSocket-Key", key);
        line("Sec-WebSocket-Version", "13");
        if let Some(offer) = &self.compression {
            line("Sec-WebSocket-Extensions", &offer.header());
        }
        let mut has_protocol = false;
        for (name, value) in &self.headers {
            let name = canonical(name);
            // The protocols of a constructor and a header of the same name cannot both be meant.
            let is_second =
                name == "Sec-Websocket-Protocol" && std::mem::replace(&mut has_protocol, true);
            if is_second || RESERVED.contains(&name.as_str()) {
                let text = format!("websocket: duplicate header not allowed: {name}");
                return Err(SocketError::new(
                    Phase::Upgrade,
                    Cause::HandshakeInvalid,
                    text,
                ));
            }
            line(&name, value);
        }
        out.push_str("\r\n");
        Ok(out.into_bytes())
    }

    /// Whether the script offered `protocol` in `Sec-WebSocket-Protocol`.
    pub(super) fn offers(&self, protocol: &str) -> bool {
        let offered = self
            .headers
            .iter()
            .filter(|(name, _)| canonical(name) == "Sec-Websocket-Protocol");
        offered
            .flat_map(|(_, value)| value.split(','))
            .any(|one| one.trim() == protocol)
    }
}

/// A header name with each dash-separated word capitalised, as k6 shows them.
pub fn canonical(name: &str) -> String {
    let mut at_start = true;
    let one = |c: char| {
        let c = if at_start {
            c.to_ascii_uppercase()
        } else {
            c.to_ascii_lowercase()
        };
        at_start = c == '-';
        c
    };
    name.chars().map(one).collect()
}

/// Headers that belong to the handshake and may not be given by a script.
const RESERVED: [&str; 5] = [
    "Upgrade",
    "Connection",
    "Sec-Websocket-Key",
    "Sec-Websocket-Version",
    "Sec-Websocket-Extensions",
];

//! Whom to dial: a host and a port, or a unix socket.

use std::sync::Arc;

/// Whom to dial.
#[derive(Clone, Debug)]
pub struct Target {
    /// Whether the stream is TLS (`wss`).
    pub is_tls: bool,
    /// Name or literal address, without brackets; or a unix socket: its path, which begins with `/`, or its
    /// abstract name, which begins with `@`.
    pub host: Arc<str>,
    /// TCP port.
    pub port: u16,
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let how = if self.is_tls { " by TLS" } else { "" };
        match self.unix_path() {
            Some(path) => write!(f, "{path}{how}"),
            None => write!(f, "{}:{}{how}", self.host, self.port),
        }
    }
}

impl Target {
    /// The path or the abstract name, if it is a unix socket.
    pub fn unix_path(&self) -> Option<&str> {
        self.host.starts_with(['/', '@']).then_some(&*self.host)
    }
}

/// `host:port`, with brackets where the host needs them.
pub(super) fn authority(host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

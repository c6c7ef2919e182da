//! An answer of HTTP, as far as a WebSocket and its script care.

/// What the server said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Canonical names (`Sec-Websocket-Accept`) with their values, repeated ones joined by `, `.
    pub headers: Vec<(String, String)>,
    /// Each `Set-Cookie`, which cannot be joined.
    pub cookies: Vec<String>,
    /// The start of the body, for answers other than 101.
    pub body: String,
}

impl Answer {
    /// The value of a header, by canonical name.
    pub fn header(&self, canonical: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(name, _)| name == canonical)
            .map(|(_, value)| value.as_str())
    }
}

//! One received message, as everything that looks into it sees it.

/// As what it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text message of a WebSocket: valid UTF-8.
    Text,
    /// A binary message of a WebSocket.
    Binary,
    /// What TCP brought: neither, so it compares with both.
    Data,
}

/// A message on its way to its taker.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// As what it came.
    pub kind: Kind,
    /// All of it, without the frame.
    pub bytes: &'a [u8],
}

//! How the target speaks WebSocket: bytes in, messages out, and back.
//!
//! There are two implementations, so that the target need not share ours with the client that talks to it: a
//! fault that both ends had could not be seen. `witness` is tungstenite, `own` what k6ws itself runs on. Neither
//! touches a stream: when bytes are read and written is the session's business, the same for both.

/// What a message is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Binary,
}

/// What is answered to a message.
pub(super) enum Reply {
    Nothing,
    /// The message itself.
    Same,
    Text(String),
}

/// One side of a WebSocket, the server's.
pub(super) trait Codec: Send {
    /// Reads `input` to its end. Each message goes to `heard`; its replies, pongs and the answers to a Close and to
    /// a violation are appended to `out`. Returns whether the peer has been heard out: it has said Close or broken
    /// the protocol, and has its answer.
    fn feed(
        &mut self,
        input: &mut [u8],
        out: &mut Vec<u8>,
        heard: &mut dyn FnMut(Kind, &[u8]) -> Reply,
    ) -> bool;

    /// Appends a message of ours.
    fn say(&mut self, text: &str, out: &mut Vec<u8>);

    /// Appends our Close, with an empty payload for [`NO_STATUS`]. From here on nothing else is said, and pings
    /// stay without a pong.
    ///
    /// [`NO_STATUS`]: crate::socket::ws::close::NO_STATUS
    fn close(&mut self, close_code: u16, out: &mut Vec<u8>);
}

/// The largest message taken: the largest that the Autobahn suite sends.
pub(super) const MAX_MESSAGE: usize = 16 * 1024 * 1024;

//! What a peer may do wrong, what cannot be sent, and what a script may not ask for.

use std::borrow::Cow;

/// Received bytes are no frames.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// A message over the limit.
    #[error("framing: a message {} max of {max} bytes", over(*told))]
    TooLong {
        /// Its length, where the frame says it.
        told: Option<u64>,
        /// The limit.
        max: usize,
    },
    /// A length that leaves less than nothing for the message.
    #[error(
        "framing: a frame says that its length is {told}, which is less than what the length itself counts"
    )]
    TooShort {
        /// What the frame says.
        told: u64,
    },
    /// A length that does not end.
    #[error("framing: a varint of more than 10 bytes")]
    EndlessVarint,
    /// A length in a head that is no number.
    #[error("framing: the length in a head is {said:?}, which is no number")]
    NoNumber {
        /// What the head says.
        said: String,
    },
    /// A head without a length, where each has to say one.
    #[error("framing: a head says no length: {head:?}")]
    NoLength {
        /// Its beginning.
        head: String,
    },
    /// A length that ends elsewhere than its message does.
    #[error("framing: behind as many bytes as a head says stands {found:?}, not {tail:?}")]
    NoTail {
        /// What is there.
        found: String,
        /// What should be.
        tail: String,
    },
    /// A line that is not text.
    #[error("framing: a line that is not UTF-8: {found} at byte {at}")]
    NotUtf8 {
        /// Where the first bad byte is.
        at: usize,
        /// That byte, as people write it.
        found: String,
    },
    /// The stream ended within a frame.
    #[error("framing: the peer ended the stream within a frame, after {kept} bytes{}", of(*needs))]
    Unfinished {
        /// How much of it had come.
        kept: usize,
        /// How much it needs at least, where that is known.
        needs: Option<usize>,
    },
}

impl FramingError {
    pub(super) fn not_utf8(frame: &[u8]) -> Self {
        let at = std::str::from_utf8(frame).map_or_else(|error| error.valid_up_to(), str::len);
        let found = frame
            .get(at)
            .map_or_else(String::new, |byte| format!("0x{byte:02x}"));
        Self::NotUtf8 { at, found }
    }

    /// What the reader may do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::TooLong { told: None, .. } => {
                "raise max, or check that the peer ends its messages as the framing says"
            }
            Self::TooLong { told: Some(_), .. } => {
                "raise max, or check what is read as the length: of other bytes, or in another order, it may be small"
            }
            Self::TooShort { .. } => "check inclusive, adjust, size and order of the length",
            Self::EndlessVarint => "check the offset: a length is expected there",
            Self::NoNumber { .. } => "the group of length= takes digits alone: (\\d+)",
            Self::NoLength { .. } => {
                "with head= each head says a length: check that length= finds it there, or leave head= out"
            }
            Self::NoTail { .. } => {
                "check tail, and which number of the head length= takes: it counts the bytes between head and tail"
            }
            Self::NotUtf8 { .. } => {
                "lines(errors=\"surrogateescape\") keeps such bytes, delimiter(b\"\\n\") gives bytes"
            }
            Self::Unfinished { .. } => {
                "the peer was cut short, or does not end its messages as the framing says"
            }
        }
    }
}

/// Bytes as people read them, and not many.
pub(super) fn excerpt(bytes: &[u8]) -> String {
    const MOST: usize = 40;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MOST)]);
    let more = if bytes.len() > MOST { "…" } else { "" };
    format!("{text}{more}")
}

fn over(told: Option<u64>) -> Cow<'static, str> {
    match told {
        Some(u64::MAX) => "of more bytes than can be counted is over the".into(),
        Some(told) => format!("of {told} bytes is over the").into(),
        None => "is over the".into(),
    }
}

fn of(needs: Option<usize>) -> String {
    needs.map_or_else(String::new, |needs| format!(" of at least {needs}"))
}

/// A message that this framing cannot send.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unframeable {
    /// It is not a number of whole frames.
    #[error("{given} bytes are not whole frames of {size} bytes")]
    NotOfSize {
        /// Bytes of the message.
        given: usize,
        /// Bytes of a frame.
        size: usize,
    },
    /// It ends within a frame.
    #[error(
        "a message that has its own length must be whole frames: {given} bytes where the length says {told}"
    )]
    NotWhole {
        /// Bytes that are there.
        given: usize,
        /// Bytes that there should be.
        told: usize,
    },
    /// It is shorter than what has the length.
    #[error(
        "a message that has its own length is too short to have it: {given} bytes, {needs} are needed"
    )]
    NoLength {
        /// Bytes that are there.
        given: usize,
        /// Bytes that there should be.
        needs: usize,
    },
    /// Its length says what cannot be.
    #[error("a message that has its own length says what cannot be: {0}")]
    Length(FramingError),
    /// Its length does not fit in front of it.
    #[error("a message of {given} bytes: its length does not fit into {size} bytes")]
    TooLong {
        /// Bytes of the message.
        given: usize,
        /// Bytes of the length.
        size: usize,
    },
}

/// A framing that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFraming {
    /// Of a delimiter.
    #[error("the end of a message is 1 to {most} bytes, not {given}")]
    End {
        /// Bytes given.
        given: usize,
        /// Bytes that there may be.
        most: usize,
    },
    /// Behind a body.
    #[error("tail is at most {most} bytes, not {given}")]
    Tail {
        /// Bytes given.
        given: usize,
        /// Bytes that there may be.
        most: usize,
    },
    /// How heads are written.
    #[error("head has to say where the length stands in it: {{}}")]
    Head,
    /// How heads are written, and how they are read.
    #[error("with a length of 120 head is {sample:?}, and length does not find that in it")]
    UnreadableHead {
        /// One of them.
        sample: String,
    },
    /// Of fixed frames.
    #[error("size of {given} bytes is out of range: a frame has 1 byte at least")]
    Size {
        /// Bytes given.
        given: usize,
    },
    /// Of a length.
    #[error("size of a length is 1 to 8 bytes, not {given}")]
    LengthSize {
        /// Bytes given.
        given: usize,
    },
    /// What stands before a length.
    #[error("offset of {given} bytes is out of range: 0 to 65536")]
    Offset {
        /// Bytes given.
        given: usize,
    },
    /// Of a length.
    #[error("adjust of {given} is out of range")]
    Adjust {
        /// What was given.
        given: i64,
    },
    /// Of a message.
    #[error("max of {given} bytes is out of range")]
    Max {
        /// Bytes given.
        given: usize,
    },
}

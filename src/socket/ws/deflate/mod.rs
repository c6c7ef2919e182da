//! permessage-deflate (RFC 7692): what both ends agree on, and the two codecs.
//!
//! A connection that did not agree on it never gets here. One that did owns a codec only while that has a context
//! to keep; codecs without one are lent by the thread, message by message.

mod compress;
mod extension;
mod inflate;
mod negotiate;

pub use compress::Deflater;
pub use inflate::{Inflater, Unreadable};
pub use negotiate::{ClientWindow, Offer, answer};

/// One direction of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Direction {
    /// Base-2 logarithm of the sliding window, 8 to 15.
    pub window_bits: u8,
    /// Whether a message may refer to those before it (context takeover).
    pub keeps_context: bool,
}

/// What both ends agreed on, seen from ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// What we send.
    pub ours: Direction,
    /// What the peer sends.
    pub theirs: Direction,
}

/// The largest window, and what holds where nothing is said.
pub const MAX_WINDOW_BITS: u8 = 15;
/// The smallest window that RFC 7692 knows.
pub const MIN_WINDOW_BITS: u8 = 8;
/// The smallest window that zlib keeps to: for one of 8 bits it would use 9.
const ZLIB_MIN_WINDOW_BITS: u8 = 9;
/// What a sender leaves out at the end of a message, and a receiver adds (RFC 7692 section 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xFF, 0xFF];
/// Codecs that a thread keeps for those who need one for a message only.
const MAX_SPARE: usize = 4;

#[cfg(test)]
mod tests;

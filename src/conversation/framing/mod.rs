//! Where messages begin and end in a stream of bytes that has no messages of its own.
//!
//! | room | what happens there |
//! | --- | --- |
//! | [`description`] | what a script asks for, checked once: a [`Framing`] |
//! | `counted` | frames whose length is known from their head: fixed, a length in front, a varint |
//! | `headed` | frames whose head says in text how long they are |
//! | `delimited` | frames that end where certain bytes come |
//! | `wrap` | the way out: a message becomes a frame |
//! | [`error`] | what a peer may do wrong, and what cannot be sent |
//!
//! A [`Framer`] (`framer`) cuts what one connection receives. A frame that lies whole in one read is handed out as a slice of it;
//! only what is split over reads is kept, so memory is bounded by `max` and one read, and each byte is looked at once,
//! however small the pieces are in which it comes.

mod counted;
mod delimited;
mod description;
mod error;
mod framer;
mod headed;
mod wrap;

pub use description::{DEFAULT_MAX, Framing, LengthPrefix};
pub use error::{FramingError, InvalidFraming, Unframeable};
pub use framer::Framer;

#[cfg(test)]
mod tests;

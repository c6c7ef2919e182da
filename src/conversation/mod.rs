//! What a message is to a conversation: which request it answers, which rule takes it, where it begins and ends.
//!
//! Pure: bytes in, decisions out. It knows no socket, no task, no metric and no Python; what only a callable of the
//! script can tell is asked of whoever calls.

pub mod framing;
pub mod message;

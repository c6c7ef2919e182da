//! What a message is to a conversation: which request it answers, which rule takes it, where it begins and ends.
//!
//! Pure: bytes in, decisions out. It knows no socket, no task, no metric and no Python; what only a callable of the
//! script can tell is asked of whoever calls.
//!
//! | file | is |
//! | --- | --- |
//! | `message` | one message, and what was found out about it so far |
//! | `document`, `value`, `pointer`, `expected`, `glance` | the JSON of a message: its members; one of them; a place; what should be there; what shows that it is not |
//! | `pattern`, `dialect` | a regular expression; Python's way to write one |
//! | `matcher` | whether a message is the one that is meant |
//! | `key`, `correlation` | what a request and its reply have in common; which reply belongs to which request |
//! | `rules`, `delivered` | what a session does by itself; pushes that it watches: their age, which are missing |
//! | `template` | an answer that is written from what it answers |
//! | `framing/` | where messages begin and end in a stream of bytes |
//! | `ask`, `fault` | what only the script can tell; what it wrote that cannot be |

pub mod ask;
pub mod correlation;
pub mod delivered;
pub mod desk;
mod dialect;
mod document;
mod expected;
pub mod fault;
pub mod framing;
mod glance;
pub mod key;
pub mod matcher;
pub mod message;
pub mod pattern;
pub mod pointer;
pub mod requests;
pub mod rules;
pub mod template;
mod value;

pub use expected::Expected;

//! Raw TCP: bytes in, bytes out, and a word on each write.
//!
//! | room | what happens there |
//! | --- | --- |
//! | [`queue`] | writes are numbered and wait; so does a request to start TLS, or to end our side |
//! | [`session`] | one future that reads, writes and starts TLS; it states facts to its observer |

pub mod queue;
pub mod session;

//! WebSocket connections of the engine.
//!
//! | room | what happens there |
//! | --- | --- |
//! | [`connection`] | the script's handle: it begins the dial, queues sends, closes; and the task behind it |
//! | [`handshake`] | how it ended, left for the script's side |
//! | `observer` | hears the session's facts: records what they mean, passes them to the mailbox |

pub mod connection;
pub mod handshake;
mod observer;

//! WebSocket connections of the engine.
//!
//! | room | what happens there |
//! | --- | --- |
//! | [`connection`] | the script's handle: it begins the dial, queues sends, closes; and the task behind it |
//! | `observer` | hears the session's facts: records what they mean, passes them to the mailbox |

pub mod connection;
mod observer;

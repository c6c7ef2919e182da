//! TCP connections of the engine.
//!
//! | room | what happens there |
//! | --- | --- |
//! | [`connection`] | the script's handle: it begins the dial, queues writes, destroys; and the task behind it |
//! | [`outcome`] | how the dial ended, left for the script's side |
//! | `observer` | hears the session's facts: records what they mean, passes them to the mailbox |

pub mod connection;
mod observer;
pub mod outcome;

//! One connection to a peer. Reports facts, decides nothing.
pub mod close;
pub mod decoder;
pub mod dial;
pub mod error;
pub mod fact;
pub mod frame;
pub mod hosts;
pub mod outbox;
pub mod phases;
mod pings;
pub mod request;
pub mod resolve;
pub mod stream;
pub mod tcp;
pub mod tcp_queue;
pub mod tls;
pub mod upgrade;
pub mod ws;

//! The live page of a run: a small server of HTTP on a thread of its own.
//!
//! | file | what it has |
//! | --- | --- |
//! | `address` | where it listens, and the URL that leads there |
//! | `page` | the page as it is served, and its policy |
//! | `token` | what has to be known elsewhere than on this machine |
//! | `gate` | which requests are answered, and how the others are refused |
//! | `feed` | what there is to show: all of it, and what is new |
//! | `viewer` | one who looks: the stream of events that is theirs |
//! | `progress` | how it goes with a connection: what was asked, and since when nothing is taken |
//! | `connection` | one connection, from its first byte to its last or to the end of our patience |
//! | `server` | the thread: who comes in, and when it is over |
//!
//! Whoever has something to show gives it to the [`Feed`]; nothing here knows what a run is. An event is encoded once
//! for all viewers, and a viewer asks for the next one when it has room for it: one who is behind misses what was
//! between and is given the whole page, so that nothing gathers for anybody.

mod address;
mod connection;
mod error;
mod feed;
mod gate;
mod page;
mod progress;
mod server;
mod token;
mod viewer;

#[cfg(test)]
mod tests;

pub use address::{Address, DEFAULT};
pub use error::DashboardError;
pub use feed::{Feed, Source};
pub use page::Page;
pub use server::Server;
pub use token::Token;

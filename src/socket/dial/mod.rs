//! From a host name to a byte stream.
//!
//! | room | what happens there |
//! | --- | --- |
//! | [`target`], [`options`] | whom to dial, and how |
//! | [`routes`] | what a run says of the network: proxy, fixed hosts, what is forbidden |
//! | [`resolve`], [`dns`] | a name becomes addresses, in the order in which they are tried |
//! | `connect` | the first address that answers |
//! | `system` | what these ask of the operating system, or of a network that a test plays |
//! | [`proxy`] | who stands between opens the way |
//! | [`dialer`] | leads through all of these, then to TLS |
//! | [`phases`] | how long each took, without a gap |

mod connect;
pub mod dialer;
pub mod dns;
pub mod options;
pub mod phases;
pub mod proxy;
pub mod resolve;
pub mod routes;
pub(crate) mod system;
pub mod target;

//! TLS of a connection: what is trusted, as whom we ask, and how a refusal reads.
//!
//! | room | what it holds | read before it |
//! | --- | --- | --- |
//! | `provider`, `fault` | the cryptography; a setting that cannot be used | |
//! | `terms` | versions and cipher suites | |
//! | `material`, `identity` | certificates and keys, parsed once, when they are given | `encrypted`: keys with a password |
//! | `settings` | what a run and a script say, put together for one host | `terms`, `material`, `identity` |
//! | `verify` | who is believed | `material` |
//! | `configs` | one rustls configuration for each distinct setting, and the handshake | all above |
//! | `failure` | why a handshake or a session failed, in words | `verify` |

mod configs;
mod encrypted;
mod failure;
mod fault;
mod identity;
mod material;
mod provider;
mod settings;
mod terms;
mod verify;

pub use configs::{TlsConfigs, key_log_fault};
pub use fault::TlsFault;
pub use identity::Identity;
pub use material::{Material, Roots};
pub use settings::{RunTls, TlsAuth, TlsDefaults, TlsGiven, TlsSettings};
pub use terms::Terms;

pub(super) use failure::of_session;

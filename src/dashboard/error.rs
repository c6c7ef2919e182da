//! Why there is no live page.

use thiserror::Error;

/// Why there is no live page.
#[derive(Debug, Error)]
pub enum DashboardError {
    /// What was given is none.
    #[error("invalid dashboard address {0:?}: expected HOST:PORT")]
    Address(String),
    /// Nobody can listen there.
    #[error("the dashboard cannot listen on {address}: {reason}")]
    Listen {
        /// Where.
        address: String,
        /// What the system says.
        reason: String,
    },
    /// The token cannot stand in a URL, or is quickly guessed.
    #[error(
        "K6WS_DASHBOARD_TOKEN has at least 16 characters, each a letter, a digit or one of - . _ ~"
    )]
    Token,
    /// Without them there is no secret.
    #[error("this machine has no random numbers, so there can be no token that nobody guesses")]
    NoRandomness,
    /// It was not built as this version builds it.
    #[error("the page of this installation is damaged: {0}")]
    Page(&'static str),
}

impl DashboardError {
    pub(super) fn listen(address: &impl ToString, error: &std::io::Error) -> Self {
        let text = error.to_string();
        let reason = text.split(" (os error").next().unwrap_or(&text).to_owned();
        Self::Listen {
            address: address.to_string(),
            reason,
        }
    }
}

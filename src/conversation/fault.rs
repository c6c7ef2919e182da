//! What a script wrote that cannot be, and what to write instead.

/// Found where it is written, before any message has come.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Fault {
    /// What is wrong.
    pub text: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

impl Fault {
    /// A fault with its advice.
    pub fn new(text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            hint: hint.into(),
        }
    }
}

//! What is wrong with a setting of TLS, and what to do about it.

use std::borrow::Cow;

/// A setting that cannot be used, found before anything is dialled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct TlsFault {
    /// The setting to blame, by our spelling.
    pub key: &'static str,
    /// What is wrong with it.
    pub text: String,
    /// What to do; may be empty.
    pub hint: Cow<'static, str>,
}

impl TlsFault {
    pub(super) fn new(key: &'static str, text: impl Into<String>) -> Self {
        Self {
            key,
            text: text.into(),
            hint: Cow::Borrowed(""),
        }
    }

    pub(super) fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = hint.into();
        self
    }
}

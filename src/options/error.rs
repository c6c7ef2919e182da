//! An option that cannot be used: which, what was given, by whom, and what would be right.
//!
//! Ends a run before its first connection (exit code 104). Knows nothing of how it is printed, but keeps to
//! one line and cuts long values, because it lands in terminals and logs.

use std::fmt;

use serde_json::Value;

use super::source::Source;

/// One invalid option, in fields.
///
/// `Display` is the sentence without the hint, which follows on its own where errors are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Where it stands, as the user spelled it: `scenarios.chat.maxDuration`.
    pub path: String,
    /// What was given, as JSON of at most 80 characters; empty if the fault is that nothing was given.
    pub value: String,
    /// Who gave it.
    pub source: Source,
    /// What is wrong with it.
    pub message: String,
    /// What to do instead, where we can guess.
    pub hint: Option<String>,
}

impl ConfigError {
    pub(super) fn new(
        path: impl Into<String>,
        value: Option<&Value>,
        source: Source,
        message: impl Into<String>,
    ) -> Self {
        Self {
            path: printable(&path.into()),
            value: value.map(rendered).unwrap_or_default(),
            source,
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid option '{}'", self.path)?;
        if !self.value.is_empty() {
            write!(f, " = {}", self.value)?;
        }
        write!(f, " (from the {}): {}", self.source, self.message)
    }
}

/// Text on one line: a control character in a name must not reach a terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

fn rendered(value: &Value) -> String {
    let text = printable(&value.to_string());
    match text.char_indices().nth(MAX_RENDERED) {
        None => text,
        Some(_) => text.chars().take(MAX_RENDERED - 1).chain(['…']).collect(),
    }
}

const MAX_RENDERED: usize = 80;

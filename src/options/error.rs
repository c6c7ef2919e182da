//! An option that cannot be used: which, what was given, by whom, and what would be right.
//!
//! Ends a run before its first connection (exit code 104). Knows nothing of how it is printed, but keeps to
//! one line and cuts long values, because it lands in terminals and logs.

use std::fmt;

use serde_json::Value;

use super::secrets;
use super::source::Source;

/// One invalid option, in fields.
///
/// `Display` is the sentence without the hint, which follows on its own where errors are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Where it stands, as the user spelled it: `scenarios.chat.maxDuration`.
    pub path: String,
    /// What was given, as JSON of at most 80 characters, without secrets; empty if nothing of it may be shown, or
    /// the fault is that nothing was given.
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
        let path = path.into();
        let value = value.and_then(|value| secrets::shown(&path, value));
        Self {
            path: cut(printable(&path), MAX_TEXT),
            value: value.as_ref().map(rendered).unwrap_or_default(),
            source,
            message: cut(message.into(), MAX_TEXT),
            hint: None,
        }
    }

    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(cut(hint.into(), MAX_TEXT));
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
    cut(printable(&value.to_string()), MAX_RENDERED)
}

/// At most so many characters; names and texts come from files, and may be as long as those.
fn cut(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text,
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
}

const MAX_RENDERED: usize = 80;
const MAX_TEXT: usize = 400;

//! What was asked for, as it was written: the values that won, each with its origin.
//!
//! `k6ws inspect` and `k6ws archive` show and keep options rather than run them, so they need the words and
//! not the meaning. [`known`] is the table of names for documents and tests.

use serde_json::Value;

use super::merge::Merged;
use super::names::{Name, OPTIONS, Standing};
use super::secrets;
use super::source::Source;

/// A top-level option that somebody gave, after precedence.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// Our spelling.
    pub snake: &'static str,
    /// k6's spelling.
    pub camel: &'static str,
    /// As written: text, if it comes from a flag or a variable.
    pub value: Value,
    /// Who gave it.
    pub source: Source,
}

impl Given {
    /// The value as it may be shown.
    pub fn without_secrets(&self) -> Value {
        secrets::masked_within(self.camel, &self.value)
    }
}

/// A name of the table, and what becomes of its option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Our spelling.
    pub snake: &'static str,
    /// k6's spelling.
    pub camel: &'static str,
    /// `honoured`, or why it has no effect.
    pub standing: &'static str,
}

/// The winners, in the order of the table.
pub(super) fn given(merged: &Merged) -> Vec<Given> {
    let winner = |(name, _): &'static (Name, Standing)| {
        merged.get(name.snake).map(|field| Given {
            snake: name.snake,
            camel: name.camel,
            value: field.value.clone(),
            source: field.source,
        })
    };
    OPTIONS.iter().filter_map(winner).collect()
}

/// Every top-level option we know of.
pub fn known() -> impl Iterator<Item = Known> {
    OPTIONS.iter().map(|(name, standing)| Known {
        snake: name.snake,
        camel: name.camel,
        standing: match standing {
            Standing::Honoured => "honoured",
            Standing::Ignored(why) => why,
        },
    })
}

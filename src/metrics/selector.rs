//! Selectors: which part of a metric a threshold looks at, as in `ws_ping{scenario:chat,status!=101}`.
//!
//! ```text
//! selector  = metric [ "{" condition { "," condition } "}" ]
//! condition = tag ( ":" | "!=" ) value
//! value     = text up to the next comma, in which "*" stands for any text
//!           | '"' text '"' | "'" text "'"      taken as it is: commas, braces and "*" included
//! ```
//!
//! All conditions must hold. `tag:value` holds if the sample has that tag with that value, and `tag!=value`
//! holds where `tag:value` does not, so also where the tag is missing; `tag:*` holds where the tag is there.
//! The first `:` ends the tag, so that a group keeps its colons: `{group:::outer::inner}`. Spaces around
//! tags and values do not count. k6 knows `:` only, and no `*`.

use std::fmt;

use thiserror::Error;

use super::TagSet;

/// A metric by name, and conditions on tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// The name of the metric.
    pub metric: Box<str>,
    conditions: Box<[Condition]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    tag: Box<str>,
    is_negated: bool,
    value: Pattern,
}

/// A text with holes: `chat*` is `["chat", ""]`. Invariant: there is at least one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    pieces: Box<[Box<str>]>,
}

/// Why a text is no selector.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SelectorError {
    #[error("the metric has no name")]
    NoMetric,
    #[error("'{{' is never closed")]
    NotClosed,
    #[error("there is text after the closing '}}'")]
    TextBehind,
    #[error("there is no tag between '{{' and '}}'")]
    Empty,
    #[error("'{condition}' is no condition on a tag")]
    NoCondition { condition: String },
    #[error("the quote in '{rest}' is never closed")]
    OpenQuote { rest: String },
    #[error("there is text behind the quote in '{rest}'")]
    BehindQuote { rest: String },
}

impl Selector {
    /// Reads a selector.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let (metric, braced) = match text.split_once('{') {
            None => (text, None),
            Some((metric, rest)) => (metric, Some(rest)),
        };
        let metric = metric.trim();
        if metric.is_empty() {
            return Err(SelectorError::NoMetric);
        }
        Ok(Self {
            metric: metric.into(),
            conditions: braced.map_or(Ok(Box::default()), conditions)?,
        })
    }

    /// Whether it is the whole metric.
    pub fn is_whole(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Whether samples with these tags belong to it; of the right metric they must be.
    pub fn matches(&self, tags: &TagSet) -> bool {
        let holds = |condition: &Condition| {
            let value = tags.get(&condition.tag);
            let is_such = value.is_some_and(|value| condition.value.matches(value));
            is_such != condition.is_negated
        };
        self.conditions.iter().all(holds)
    }

    /// The same without its conditions on this tag, if one of them says that it has a certain value, which `is_known`.
    pub fn without(&self, tag: &str, is_known: impl Fn(&str) -> bool) -> Option<Self> {
        let (on_tag, others): (Vec<_>, Vec<_>) =
            self.conditions.iter().partition(|one| &*one.tag == tag);
        let names_one = |one: &&Condition| match &*one.value.pieces {
            [only] => !one.is_negated && is_known(only),
            _ => false,
        };
        on_tag.iter().any(names_one).then(|| Self {
            metric: self.metric.clone(),
            conditions: others.into_iter().cloned().collect(),
        })
    }

    /// Whether it makes no difference which of two values this tag has.
    pub fn is_same_for(&self, tag: &str, one: &str, other: &str) -> bool {
        let on_tag = self.conditions.iter().filter(|one| &*one.tag == tag);
        on_tag
            .map(|condition| &condition.value)
            .all(|value| value.matches(one) == value.matches(other))
    }

    /// The tags that it looks at.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.conditions.iter().map(|condition| &*condition.tag)
    }
}

impl Pattern {
    fn exact(text: &str) -> Self {
        Self {
            pieces: [text.into()].into(),
        }
    }

    fn with_stars(text: &str) -> Self {
        let mut pieces: Vec<Box<str>> = text.split('*').map(Box::from).collect();
        // Two stars in a row are one.
        let mut at = 0;
        let last = pieces.len() - 1;
        pieces.retain(|piece| {
            let is_inner = at > 0 && at < last;
            at += 1;
            !(is_inner && piece.is_empty())
        });
        Self {
            pieces: pieces.into(),
        }
    }

    fn matches(&self, text: &str) -> bool {
        let [first, inner @ .., last] = &*self.pieces else {
            return self.pieces.first().is_some_and(|only| **only == *text);
        };
        let Some(mut rest) = text.strip_prefix(&**first) else {
            return false;
        };
        // The earliest place for each piece leaves the most room for those after it.
        for piece in inner {
            let Some(at) = rest.find(&**piece) else {
                return false;
            };
            rest = &rest[at + piece.len()..];
        }
        rest.ends_with(&**last)
    }
}

/// Reads what stands behind the opening brace.
fn conditions(braced: &str) -> Result<Box<[Condition]>, SelectorError> {
    let mut conditions = Vec::new();
    let mut rest = braced.trim_start();
    while !rest.starts_with('}') {
        let (condition, behind) = condition(rest)?;
        conditions.push(condition);
        rest = match behind.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None => behind,
        };
    }
    if !rest[1..].trim().is_empty() {
        return Err(SelectorError::TextBehind);
    }
    if conditions.is_empty() {
        return Err(SelectorError::Empty);
    }
    Ok(conditions.into())
}

/// Reads one condition; what follows it starts with a comma or the closing brace.
fn condition(text: &str) -> Result<(Condition, &str), SelectorError> {
    let length = text.find([',', '}']).ok_or(SelectorError::NotClosed)?;
    let no_condition = || SelectorError::NoCondition {
        condition: text[..length].trim().into(),
    };
    let separator = match (text[..length].find(':'), text[..length].find("!=")) {
        (Some(colon), Some(not)) => colon.min(not),
        (colon, not) => colon.or(not).ok_or_else(no_condition)?,
    };
    let is_negated = text[separator..].starts_with("!=");
    let tag = text[..separator].trim().trim_matches(QUOTES);
    if tag.is_empty() {
        return Err(no_condition());
    }
    let value = text[separator + if is_negated { 2 } else { 1 }..].trim_start();
    let quote = value.chars().next().filter(|c| QUOTES.contains(c));
    let (value, behind) = if let Some(quote) = quote {
        quoted(&value[1..], quote)?
    } else {
        let length = value.find([',', '}']).ok_or(SelectorError::NotClosed)?;
        let (value, behind) = value.split_at(length);
        (Pattern::with_stars(value.trim()), behind)
    };
    let condition = Condition {
        tag: tag.into(),
        is_negated,
        value,
    };
    Ok((condition, behind))
}

/// Reads up to the closing quote, and the spaces behind it.
fn quoted(text: &str, quote: char) -> Result<(Pattern, &str), SelectorError> {
    let rest = || text.trim().to_owned();
    let (value, behind) = text
        .split_once(quote)
        .ok_or_else(|| SelectorError::OpenQuote { rest: rest() })?;
    let behind = behind.trim_start();
    if behind.is_empty() {
        return Err(SelectorError::NotClosed);
    }
    if !behind.starts_with([',', '}']) {
        return Err(SelectorError::BehindQuote { rest: rest() });
    }
    Ok((Pattern::exact(value), behind))
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.metric)?;
        for (index, condition) in self.conditions.iter().enumerate() {
            let before = if index == 0 { "{" } else { "," };
            write!(f, "{before}{condition}")?;
        }
        f.write_str(if self.is_whole() { "" } else { "}" })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let relation = if self.is_negated { "!=" } else { ":" };
        write!(f, "{}{relation}", self.tag)?;
        match &*self.value.pieces {
            [only] if is_plain(only) => f.write_str(only),
            [only] if only.contains('"') => write!(f, "'{only}'"),
            [only] => write!(f, "\"{only}\""),
            pieces => f.write_str(&pieces.join("*")),
        }
    }
}

/// Whether a value reads back as itself without quotes.
fn is_plain(value: &str) -> bool {
    value.trim() == value && !value.starts_with(QUOTES) && !value.contains([',', '}', '*'])
}

const QUOTES: [char; 2] = ['"', '\''];

#[cfg(test)]
mod tests;

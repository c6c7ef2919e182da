//! One value as given, read as the type an option wants.
//!
//! Every reader either yields a value within its limits or a `ConfigError` that says what was expected, so
//! the rules about text, numbers and limits exist once. Knows no option by name.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::error::ConfigError;
use super::secrets::is_secret;
use super::source::Source;
use crate::units::{DurationError, format_duration, parse_duration};

/// A value that was given, with all an error needs to say about it.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) path: String,
    pub(super) value: Value,
    pub(super) source: Source,
}

impl Field {
    /// The error that blames this value.
    pub(super) fn refuse(&self, message: impl Into<String>) -> ConfigError {
        ConfigError::new(&self.path, Some(&self.value), self.source, message)
    }

    /// A part of this value, with a path of its own.
    pub(super) fn part(&self, path: String, value: &Value) -> Self {
        Self {
            path,
            value: value.clone(),
            source: self.source,
        }
    }

    /// Asks for nothing: `false`, zero or empty. Such a value of an option we lack needs no word.
    pub(super) fn is_inert(&self) -> bool {
        match &self.value {
            Value::Null | Value::Bool(false) => true,
            Value::Bool(true) => false,
            Value::Number(number) => number.as_f64() == Some(0.0),
            Value::String(text) => matches!(text.as_str(), "" | "false" | "0" | "0s"),
            Value::Array(items) => items.is_empty(),
            Value::Object(entries) => entries.is_empty(),
        }
    }

    /// A whole number of `what` between 1 and `most`.
    pub(super) fn count(&self, what: &str, most: u64) -> Result<u64, ConfigError> {
        self.number(what, 1, most)
    }

    /// A whole number of `what` in these limits. `true` is not 1; `10.0` is 10, as JSON has it.
    pub(super) fn number(&self, what: &str, least: u64, most: u64) -> Result<u64, ConfigError> {
        let not_a_number = || self.refuse(format!("expected a whole number of {what}"));
        let number = match &self.value {
            Value::Number(number) => match (number.as_i128(), number.as_f64()) {
                (Some(whole), _) => whole,
                // The conversion saturates, and the limits below refuse either end.
                #[expect(clippy::cast_possible_truncation)]
                (None, Some(float)) if float.fract() == 0.0 => float as i128,
                _ => return Err(not_a_number()),
            },
            // As in k6, whoever says it: what scripts take from variables is text.
            Value::String(text) => whole_number(text).ok_or_else(not_a_number)?,
            _ => return Err(not_a_number()),
        };
        match u64::try_from(number) {
            Ok(count) if (least..=most).contains(&count) => Ok(count),
            _ if number < i128::from(least) => {
                let message = format!("expected a whole number of {what}, at least {least}");
                Err(self.refuse(message))
            }
            _ => Err(self.refuse(format!("expected at most {most} {what}"))),
        }
    }

    /// A duration from `least` to ten years: Go's syntax, or a bare number of milliseconds.
    pub(super) fn duration(&self, least: Duration) -> Result<Duration, ConfigError> {
        let duration = match &self.value {
            Value::Number(number) => match (number.as_u64(), number.as_f64()) {
                (Some(millis), _) => Duration::from_millis(millis),
                (None, Some(millis)) => self.millis(millis)?,
                (None, None) => return Err(self.too_long()),
            },
            Value::String(text) => match bare_number(text) {
                Some(number) if self.source == Source::Env || number <= 0.0 => {
                    self.millis(number)?
                }
                Some(_) => {
                    let hint = format!("write \"{0}s\" for seconds or \"{0}ms\"", text.trim());
                    return Err(self
                        .refuse("expected a duration with a unit")
                        .with_hint(hint));
                }
                None => parse_duration(text).map_err(|error| self.not_a_duration(error))?,
            },
            _ => return Err(self.refuse(A_DURATION)),
        };
        if duration < least {
            let error = self.refuse(format!("expected at least {}", format_duration(least)));
            return Err(match self.value {
                Value::String(ref text) if bare_number(text).is_none() => error,
                _ => error.with_hint("a number without a unit is milliseconds"),
            });
        }
        if duration > MAX_DURATION {
            return Err(self.too_long());
        }
        Ok(duration)
    }

    fn millis(&self, millis: f64) -> Result<Duration, ConfigError> {
        if millis < 0.0 {
            return Err(self.refuse(NOT_NEGATIVE));
        }
        Duration::try_from_secs_f64(millis / 1_000.0).map_err(|_| self.too_long())
    }

    /// The value is shown already, so of the reason only what it adds.
    fn not_a_duration(&self, error: DurationError) -> ConfigError {
        match error {
            DurationError::TooLong { .. } => self.too_long(),
            DurationError::Negative { .. } => self.refuse(NOT_NEGATIVE),
            DurationError::UnknownUnit { unit, .. } => self
                .refuse(format!("unknown unit {unit:?} in a duration"))
                .with_hint(UNITS),
            DurationError::NoUnit { .. } => self
                .refuse("expected a duration with a unit")
                .with_hint(UNITS),
            DurationError::Empty | DurationError::NoNumber { .. } => self.refuse(A_DURATION),
        }
    }

    fn too_long(&self) -> ConfigError {
        self.refuse(format!(
            "expected at most {} (10 years)",
            format_duration(MAX_DURATION)
        ))
    }

    /// Text without control characters, which have no place in a header, a tag or a name.
    pub(super) fn text(&self) -> Result<&str, ConfigError> {
        match &self.value {
            Value::String(text) if text.chars().any(char::is_control) => {
                Err(self.refuse("expected text without control characters"))
            }
            Value::String(text) => Ok(text),
            Value::Bool(_) | Value::Number(_) if !is_secret(&self.path) => {
                let hint = format!("write \"{}\"", self.value);
                Err(self.refuse("expected text").with_hint(hint))
            }
            _ => Err(self.refuse("expected text")),
        }
    }

    /// `true` or `false`.
    pub(super) fn flag(&self) -> Result<bool, ConfigError> {
        match &self.value {
            Value::Bool(flag) => Ok(*flag),
            Value::String(text) if self.source.is_textual() => match text.trim() {
                "true" | "1" => Ok(true),
                "false" | "0" => Ok(false),
                _ => Err(self.refuse("expected true or false")),
            },
            _ => Err(self.refuse("expected true or false")),
        }
    }

    /// An object.
    pub(super) fn object(&self) -> Result<&Map<String, Value>, ConfigError> {
        self.value
            .as_object()
            .ok_or_else(|| self.refuse("expected an object"))
    }

    /// A list of words, each with a path of its own; as text, separated by commas.
    pub(super) fn words(&self) -> Result<Vec<Self>, ConfigError> {
        let at = |index: usize| format!("{}[{index}]", self.path);
        match &self.value {
            Value::Array(items) => {
                let words = items.iter().enumerate();
                Ok(words
                    .map(|(index, item)| self.part(at(index), item))
                    .collect())
            }
            Value::String(text) if self.source.is_textual() => {
                let words = text
                    .split(',')
                    .map(str::trim)
                    .filter(|word| !word.is_empty());
                let word = |(index, word): (usize, &str)| self.part(at(index), &word.into());
                Ok(words.enumerate().map(word).collect())
            }
            _ => Err(self.refuse("expected a list of words")),
        }
    }

    /// The entries of an object, each with a path of its own; `null` stands for nothing given.
    pub(super) fn entries(&self) -> Result<Vec<(String, Self)>, ConfigError> {
        let given = self.object()?.iter().filter(|(_, value)| !value.is_null());
        let part = |(name, value): (&String, &Value)| {
            let path = format!("{}.{name}", self.path);
            (name.clone(), self.part(path, value))
        };
        Ok(given.map(part).collect())
    }

    /// The items of a list, each with a path of its own.
    pub(super) fn items(&self) -> Result<Vec<Self>, ConfigError> {
        let Value::Array(items) = &self.value else {
            return Err(self.refuse("expected a list"));
        };
        let part =
            |(index, item): (usize, &Value)| self.part(format!("{}[{index}]", self.path), item);
        Ok(items.iter().enumerate().map(part).collect())
    }

    /// Names and their text: an object, or `name=value` flags, or a variable of `name:value,…`.
    pub(super) fn text_map(&self) -> Result<BTreeMap<String, String>, ConfigError> {
        let entries = match &self.value {
            Value::Object(entries) => {
                let part = |(name, value): (&String, &Value)| {
                    (
                        name.clone(),
                        self.part(format!("{}.{name}", self.path), value),
                    )
                };
                entries.iter().map(part).collect()
            }
            Value::Array(_) | Value::String(_) if self.source.is_textual() => self.pairs()?,
            _ => return Err(self.refuse("expected an object of names and texts")),
        };
        let entry = |(name, value): (String, Self)| {
            if name.is_empty() || name.chars().any(char::is_control) {
                return Err(value.refuse("expected a name without control characters"));
            }
            let text = value.text()?.to_owned();
            Ok((name, text))
        };
        entries.into_iter().map(entry).collect()
    }

    fn pairs(&self) -> Result<Vec<(String, Self)>, ConfigError> {
        let separator = if self.source == Source::Env { ':' } else { '=' };
        let pair = |word: Self| match word.text()?.split_once(separator) {
            Some((name, value)) => {
                let path = format!("{}.{name}", self.path);
                Ok((name.to_owned(), word.part(path, &value.into())))
            }
            None => Err(word.refuse(format!("expected name{separator}value"))),
        };
        self.words()?.into_iter().map(pair).collect()
    }
}

/// Text that is a whole number. A number too large for us saturates, so that the limit can refuse it.
fn whole_number(text: &str) -> Option<i128> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let saturated = if text.starts_with('-') {
        i128::MIN
    } else {
        i128::MAX
    };
    is_whole.then(|| text.parse().unwrap_or(saturated))
}

/// Text that is a number without a unit.
fn bare_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
    if is_plain { text.parse().ok() } else { None }
}

const A_DURATION: &str = "expected a duration such as \"30s\", or a number of milliseconds";
const NOT_NEGATIVE: &str = "expected a duration of zero or more";
const UNITS: &str = "units are h, m, s, ms, us and ns; whole days, d, in front";
/// Far beyond any test; keeps every sum of durations away from overflow.
pub(super) const MAX_DURATION: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

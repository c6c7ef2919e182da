//! A JSON object whose keys are option names: spelled one way or the other, never both. From the environment
//! a key may also be the variable itself, so that messages name what was set.
//!
//! Turns keys as written into names of the table, and keeps every value together with its path and source.
//! What an unknown key means (a warning at the top, an error in a scenario) is for the caller to say.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::ConfigError;
use super::field::Field;
use super::names::Name;
use super::source::Source;

/// The values of one object, by our spelling; a `null` is not among them.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) known: BTreeMap<&'static str, Field>,
    /// What no name fits, in the order written: key as written, and value.
    pub(super) unknown: Vec<(String, Field)>,
}

impl Block {
    /// Reads an object that stands at `path` (empty at the top) against the names it may use.
    pub(super) fn read(
        path: &str,
        source: Source,
        values: &Map<String, Value>,
        names: &[&'static Name],
    ) -> Result<Self, ConfigError> {
        let mut block = Self::default();
        for (key, value) in values.iter().filter(|(_, value)| !value.is_null()) {
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            let field = Field {
                path,
                value: value.clone(),
                source,
            };
            let is_variable = source == Source::Env;
            let is = |name: &&&Name| name.is(key) || is_variable && name.is_variable(key);
            match names.iter().find(is) {
                None => block.unknown.push((key.clone(), field)),
                Some(name) => {
                    if let Some(twin) = block.known.get(name.snake) {
                        let message = format!("the same option as '{}'", twin.path);
                        return Err(field
                            .refuse(message)
                            .with_hint("give it in one spelling only"));
                    }
                    block.known.insert(name.snake, field);
                }
            }
        }
        Ok(block)
    }

    /// The value of the option `snake`, if given.
    pub(super) fn get(&self, snake: &str) -> Option<&Field> {
        self.known.get(snake)
    }
}

//! Precedence: many tiers become one set of values, each remembering who gave it.
//!
//! A higher tier wins, value by value, with two exceptions. The execution block is one unit: a tier that
//! says anything about how much to run throws away all that lower tiers said about it. And a value is
//! replaced as a whole, so tags are never mixed. `vus` stays when another tier sets the rest. Reads no value; that comes after.

use super::block::Block;
use super::error::{ConfigError, printable};
use super::field::Field;
use super::names::{EXECUTION, OPTIONS, Standing};
use super::nearest::nearest;
use super::source::Tier;

/// The values that won, and what the user should know about those that did not.
#[derive(Debug, Default)]
pub(super) struct Merged {
    block: Block,
    pub(super) warnings: Vec<String>,
}

impl Merged {
    /// The winning value of the option `snake`.
    pub(super) fn get(&self, snake: &str) -> Option<&Field> {
        self.block.get(snake)
    }

    /// Lays one more tier on top.
    fn lay(&mut self, tier: &Tier) -> Result<(), ConfigError> {
        let names: Vec<_> = OPTIONS.iter().map(|(name, _)| name).collect();
        let block = Block::read("", tier.source, &tier.values, &names)?;
        for (key, field) in &block.unknown {
            let guess = nearest(key, names.iter().map(|name| name.like(key)));
            // A sign in front is how people put an option aside: `_vus`, `//duration`.
            if let Some(name) = guess
                && key.starts_with(char::is_alphanumeric)
            {
                let path = &field.path;
                let error = ConfigError::new(path, None, tier.source, "there is no such option");
                return Err(error.with_hint(format!("did you mean '{name}'?")));
            }
            let (key, source) = (printable(key), tier.source);
            self.warnings
                .push(format!("unknown option '{key}' in the {source}"));
        }
        if let Some(by) = EXECUTION.iter().find_map(|name| block.get(name)) {
            self.drop(EXECUTION, by, &block);
        } else if let Some(by) = block.get("vus") {
            // Observed in k6: `-u 5` alone leaves a duration or a number of iterations as it is.
            self.drop(&["scenarios"], by, &block);
        }
        self.block.known.extend(block.known);
        Ok(())
    }

    /// Forgets what the tiers below `above` said under `names`.
    fn drop(&mut self, names: &[&'static str], by: &Field, above: &Block) {
        for name in names {
            let Some(dropped) = self.block.known.remove(name) else {
                continue;
            };
            // A shorter run is what was asked for; a lost scenario may not be.
            if *name == "scenarios" && above.get(name).is_none() {
                self.warnings.push(format!(
                    "option '{}' from the {} is dropped: '{}' from the {} replaces all of it",
                    dropped.path, dropped.source, by.path, by.source
                ));
            }
        }
    }

    /// Remarks on what k6 would act upon and we do not.
    fn judge_standing(&mut self) {
        for (name, standing) in OPTIONS {
            let Some(field) = self.block.get(name.snake).filter(|field| !field.is_inert()) else {
                continue;
            };
            if let Standing::Ignored(why) = standing {
                self.warnings.push(format!("option '{}' {why}", field.path));
            }
        }
    }
}

/// Merges tiers given from low to high.
pub(super) fn merge(tiers: &[Tier]) -> Result<Merged, ConfigError> {
    let mut merged = Merged::default();
    for tier in tiers {
        merged.lay(tier)?;
    }
    refuse_mixes(&merged)?;
    merged.judge_standing();
    Ok(merged)
}

/// Two ways to say how much is run, in one tier.
fn refuse_mixes(merged: &Merged) -> Result<(), ConfigError> {
    for (one, other) in MIXES {
        let given = |name| merged.get(name).filter(|field| !field.is_inert());
        if let (Some(_), Some(other)) = (given(one), given(other)) {
            let message = format!("cannot be combined with '{one}'");
            return Err(other.refuse(message).with_hint("give one of the two"));
        }
    }
    Ok(())
}

const MIXES: [(&str, &str); 5] = [
    ("iterations", "stages"),
    ("iterations", "scenarios"),
    ("duration", "stages"),
    ("duration", "scenarios"),
    ("stages", "scenarios"),
];

//! The metrics of one run, by name and by id.
//!
//! Built-in metrics are there from the start with fixed ids; scripts add theirs while they are loaded.
//! Holds definitions only and never a number, so it may be shared freely once loading is over.

use std::collections::HashMap;

use thiserror::Error;

use super::builtin::{self, Builtin};
use super::{Kind, Metric, MetricId, Unit};

/// Why a metric cannot be declared.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RegistryError {
    /// The name breaks k6's rule.
    #[error(
        "invalid metric name {name:?}: use 2 to 129 ASCII letters, digits or underscores, \
         and no digit in front"
    )]
    InvalidName {
        /// What was asked for.
        name: String,
    },
    /// The name is taken by a metric of another kind or unit.
    #[error(
        "metric {name:?} already exists as a {} of {} values, not a {} of {} values",
        existing.0.as_str(), existing.1.as_str(), wanted.0.as_str(), wanted.1.as_str()
    )]
    Clash {
        /// The name both want.
        name: String,
        /// What it is.
        existing: (Kind, Unit),
        /// What it should have become.
        wanted: (Kind, Unit),
    },
}

/// All metrics of one run.
///
/// Invariant: ids are dense, never change, and the built-in ones equal those in [`builtin`].
#[derive(Clone, Debug)]
pub struct Registry {
    metrics: Vec<Metric>,
    by_name: HashMap<Box<str>, MetricId>,
}

impl Registry {
    /// A registry that holds the built-in metrics.
    pub fn new() -> Self {
        let mut registry = Self {
            metrics: Vec::new(),
            by_name: HashMap::new(),
        };
        for builtin in builtin::TABLE {
            registry.push(builtin.name, builtin.kind, builtin.unit);
        }
        registry
    }

    /// The built-in metric that has this name now.
    pub fn builtin(&self, name: &str) -> Option<&'static Builtin> {
        self.find(name)
            .and_then(|id| builtin::TABLE.get(id.index()))
    }

    /// Declares a metric. Declaring the same one again gives the same id.
    ///
    /// A built-in one that k6 does not have gives way: its name is free in scripts of k6. It goes on as `k6ws_…`.
    pub fn register(
        &mut self,
        name: &str,
        kind: Kind,
        unit: Unit,
    ) -> Result<MetricId, RegistryError> {
        if !is_legal(name) {
            return Err(RegistryError::InvalidName { name: name.into() });
        }
        let Some(id) = self.find(name) else {
            return Ok(self.push(name, kind, unit));
        };
        if self.builtin(name).is_some() && !builtin::is_of_k6(id) {
            let other: Box<str> = yielded(name).into();
            self.metrics[id.index()].name = other.clone();
            self.by_name.insert(other, id);
            return Ok(self.push(name, kind, unit));
        }
        let metric = self.get(id);
        if (metric.kind, metric.unit) == (kind, unit) {
            return Ok(id);
        }
        Err(RegistryError::Clash {
            name: name.into(),
            existing: (metric.kind, metric.unit),
            wanted: (kind, unit),
        })
    }

    /// The definition behind an id of this registry (an id of another registry is a bug and panics).
    pub fn get(&self, id: MetricId) -> &Metric {
        &self.metrics[id.index()]
    }

    /// The metric of that name.
    pub fn find(&self, name: &str) -> Option<MetricId> {
        self.by_name.get(name).copied()
    }

    /// All metrics: the built-in ones, then the script's in the order of declaration.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (MetricId, &Metric)> {
        self.metrics
            .iter()
            .enumerate()
            .map(|(index, metric)| (MetricId::at(index), metric))
    }

    fn push(&mut self, name: &str, kind: Kind, unit: Unit) -> MetricId {
        let id = MetricId::at(self.metrics.len());
        self.metrics.push(Metric {
            name: name.into(),
            kind,
            unit,
        });
        self.by_name.insert(name.into(), id);
        id
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

/// What a built-in metric is called once a script has taken its name.
pub fn yielded(name: &str) -> String {
    format!("k6ws_{name}")
}

/// k6's rule, `[A-Za-z_][A-Za-z0-9_]{1,128}`: a one-letter name is refused.
fn is_legal(name: &str) -> bool {
    (2..=129).contains(&name.len())
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builtin_metrics_have_their_fixed_ids() {
        let registry = Registry::new();
        assert_eq!(registry.iter().len(), builtin::TABLE.len());
        for builtin in builtin::TABLE {
            assert_eq!(registry.find(builtin.name), Some(builtin.id));
            let metric = registry.get(builtin.id);
            assert_eq!((metric.kind, metric.unit), (builtin.kind, builtin.unit));
        }
    }

    #[test]
    fn the_same_metric_again_is_the_same_id() {
        let mut registry = Registry::new();
        let id = registry
            .register("latency", Kind::Trend, Unit::Time)
            .unwrap();
        assert_eq!(
            registry.register("latency", Kind::Trend, Unit::Time),
            Ok(id)
        );
        assert_eq!(
            registry.register("vus", Kind::Gauge, Unit::Default),
            Ok(builtin::VUS)
        );
        assert_eq!(registry.iter().last().map(|(last, _)| last), Some(id));
    }

    #[test]
    fn another_kind_or_unit_under_a_taken_name_is_refused() {
        let mut registry = Registry::new();
        registry
            .register("latency", Kind::Trend, Unit::Time)
            .unwrap();
        let error = registry
            .register("latency", Kind::Trend, Unit::Default)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "metric \"latency\" already exists as a trend of time values, \
             not a trend of default values"
        );
        assert!(
            registry
                .register("checks", Kind::Counter, Unit::Default)
                .is_err()
        );
    }

    #[test]
    fn a_name_that_is_free_in_k6_belongs_to_the_script() {
        let mut registry = Registry::new();
        let own = registry
            .register("ws_closes", Kind::Rate, Unit::Default)
            .unwrap();
        assert_eq!(registry.find("ws_closes"), Some(own));
        assert_eq!(registry.get(own).kind, Kind::Rate);
        assert_eq!(registry.find("k6ws_ws_closes"), Some(builtin::WS_CLOSES));
        assert_eq!(&*registry.get(builtin::WS_CLOSES).name, "k6ws_ws_closes");
        // What follows meets the script's own.
        let again = registry.register("ws_closes", Kind::Rate, Unit::Default);
        assert_eq!(
            (again, registry.builtin("ws_closes").is_none()),
            (Ok(own), true)
        );
        assert!(
            registry
                .register("ws_closes", Kind::Counter, Unit::Default)
                .is_err()
        );
        for builtin in builtin::TABLE {
            assert_eq!(registry.get(builtin.id).kind, builtin.kind);
        }
    }

    #[test]
    fn names_follow_the_rule_of_k6() {
        let mut registry = Registry::new();
        let longest = "x".repeat(129);
        for name in ["ab", "_1", "A_b9", &longest] {
            assert!(
                registry
                    .register(name, Kind::Counter, Unit::Default)
                    .is_ok(),
                "{name}"
            );
        }
        for name in ["", "a", "1a", "a-b", "a b", "é1", "a.b", &"x".repeat(130)] {
            assert_eq!(
                registry.register(name, Kind::Counter, Unit::Default),
                Err(RegistryError::InvalidName { name: name.into() })
            );
        }
    }
}

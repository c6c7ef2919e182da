//! Metrics that the script declares.
//!
//! No lock is held when these return: what becomes of an error may run Python, which may come back here.

use super::RunMetrics;
use crate::metrics::{Kind, RegistryError, Series, TagSet, Unit, yielded};

impl RunMetrics {
    /// Declares a metric of the script, or says why its name is refused. What comes back is for the user to read:
    /// empty, unless the name is that of a built-in metric.
    pub fn declare(&self, name: &str, kind: Kind, unit: Unit) -> Result<String, RegistryError> {
        let mut catalog = self.catalog();
        let is_builtin = catalog.registry.builtin(name).is_some();
        catalog.registry.register(name, kind, unit)?;
        Ok(match (is_builtin, catalog.registry.builtin(name)) {
            (false, _) => String::new(),
            (true, None) => format!(
                "the script's own metric {name:?} takes the name of a built-in one, which is called {:?} in this run",
                yielded(name)
            ),
            (true, Some(_)) => format!(
                "the script's own metric {name:?} has the name of a built-in one: the values of both count \
                 together, as in k6; give it a name of its own"
            ),
        })
    }

    /// The series of a metric of the script, which is declared if it is not yet; as [`RunMetrics::declare`].
    pub fn custom_series(
        &self,
        name: &str,
        kind: Kind,
        unit: Unit,
        tags: &TagSet,
    ) -> Result<Series, RegistryError> {
        let mut catalog = self.catalog();
        let metric = catalog.registry.register(name, kind, unit)?;
        Ok(catalog.series(metric, tags))
    }
}

//! Metrics that the script declares.
//!
//! No lock is held when these return: what becomes of an error may run Python, which may come back here.

use super::Metering;
use crate::metrics::{Kind, MetricId, RegistryError, Series, TagSet, Unit};

impl Metering {
    /// Declares a metric of the script, or says why its name is refused.
    pub fn declare(&self, name: &str, kind: Kind, unit: Unit) -> Result<MetricId, RegistryError> {
        self.catalog().registry.register(name, kind, unit)
    }

    /// The series of a metric of the script, which is declared if it is not yet; as [`Metering::declare`].
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

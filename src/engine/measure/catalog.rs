//! What a run calls its numbers.

use super::tcp_series::RecentTcp;
use super::ws_series::RecentWs;
use crate::metrics::{MetricId, Registry, Series, SeriesTable, SystemTag, SystemTags, TagSet};

/// Names and tags known so far, and which system tags are wanted.
#[derive(Debug)]
pub struct Catalog {
    /// Every metric.
    pub registry: Registry,
    /// Every time series.
    pub series: SeriesTable,
    /// The system tags that samples carry.
    pub system_tags: SystemTags,
    /// The series of connections like those made last.
    pub(super) recent_ws: RecentWs,
    /// Likewise.
    pub(super) recent_tcp: RecentTcp,
}

impl Catalog {
    /// The series of a metric with these tags.
    pub fn series(&mut self, metric: MetricId, tags: &TagSet) -> Series {
        self.series.series(&self.registry, metric, tags)
    }

    /// Adds a system tag if it is wanted.
    pub(super) fn tag(&self, tags: &TagSet, tag: SystemTag, value: &str) -> TagSet {
        if self.system_tags.contains(tag) {
            tags.with(tag.as_str(), value)
        } else {
            tags.clone()
        }
    }
}

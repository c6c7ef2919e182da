//! What outputs are told about the run and its series, beside the samples themselves.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::metrics::{Metric, MetricId, Series, SystemTags, TagSet};

/// What formats take from the options of the run.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Which system tags samples carry: the columns of CSV.
    pub system_tags: SystemTags,
    /// The option `thresholds` as given: what JSON says of a metric.
    pub thresholds: Map<String, Value>,
}

/// What a series is.
#[derive(Clone, Debug)]
pub struct Described {
    /// Names its metric.
    pub id: MetricId,
    /// Its metric.
    pub metric: Metric,
    /// Its tags.
    pub tags: TagSet,
}

/// Tells what a series is; asked once for each while it is remembered.
pub type Describe = Arc<dyn Fn(Series) -> Described + Send + Sync>;

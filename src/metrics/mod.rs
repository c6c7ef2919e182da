//! Numbers and what they mean.
//!
//! A [`Metric`] is a named quantity; with a [`TagSet`] it is a [`Series`]. Each worker adds values to its
//! own [`Recorder`] without locks; the recorders are drained into one [`Aggregate`], whose [`Sink`]s give
//! sums, rates and percentiles. A [`Trend`] stays exact while it is small and bounded when it is not.
//! What a [`Threshold`] judges is a [`Submetric`]: the series that a [`Selector`] picks.
//!
//! Outputs that want every value get it through a [`SampleLog`].
//!
//! No I/O, no tasks, and a look at the clock only for samples of an unknown instant: when a sample is due and
//! what it is worth is decided by others.

pub mod builtin;

mod aggregate;
mod bounded;
mod finite;
mod histogram;
mod metric;
mod parts;
mod recorder;
mod registry;
mod sample;
mod selector;
mod series;
mod sink;
mod submetric;
mod system_tags;
mod tags;
mod threshold;
mod trend;
mod trend_stat;
mod window;

pub use aggregate::Aggregate;
pub(crate) use bounded::bounded;
pub(crate) use finite::finite_sum;
pub use metric::{Kind, Metric, MetricId, Unit};
pub use parts::{ImpossibleParts, SinkParts};
pub use recorder::Recorder;
pub use registry::{Registry, RegistryError, yielded};
pub use sample::{Chunk, MOST_WAITING, Metadata, Sample, SampleLog, SampleQueue, Taken};
pub use selector::{Selector, SelectorError};
pub use series::{MAX_SERIES, Series, SeriesTable, TableId};
pub use sink::Sink;
pub use submetric::{Submetric, Submetrics};
pub use system_tags::{SystemTag, SystemTags, UnknownSystemTag};
pub use tags::TagSet;
pub use threshold::{Method, Operator, Threshold, ThresholdError};
pub use trend::Trend;
pub use trend_stat::{TrendStat, TrendStatError};
pub use window::Window;

//! What came when: of every series what each interval of the run brought, for whoever looks at a part of it.
//!
//! | file | what it has |
//! | --- | --- |
//! | `steps` | how long an interval is, and when it becomes longer |
//! | `cells` | what an interval of a series has: of each kind as little as it takes |
//! | `rows` | the intervals of a series, in order |
//! | `buckets` | a distribution as bytes, which are merged as they are |
//! | `column` | numbers and varints as a page reads them |
//! | `kept` | all series, one resolution, and a bound of memory |
//! | `happened` | failures and ends, counted by interval |
//!
//! An interval is a [`Sink`](crate::metrics::Sink), only smaller. A window is the merge of its intervals, in order;
//! trends are always in buckets here, so the percentiles of a window are those of a folded
//! [`Trend`](crate::metrics::Trend), whoever merges it.

mod buckets;
mod cells;
mod column;
mod happened;
mod kept;
mod rows;
mod steps;

pub use happened::What;
pub use kept::History;

#[cfg(test)]
mod tests;

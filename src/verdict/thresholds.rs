//! What the options want to hold, made into parts of metrics and a judge of them.

use super::Judge;
use crate::conversation::requests::Failure;
use crate::metrics::{MetricId, Registry, Selector, SeriesTable, Sink, Submetrics, builtin};
use crate::options::{ConfigError, Options};

/// A judge of the thresholds of these options. The script has declared its metrics by now, and nothing was recorded
/// yet.
pub fn judge_by(
    options: &Options,
    registry: &Registry,
    series: &mut SeriesTable,
    parts: &mut Submetrics,
) -> Result<Judge, ConfigError> {
    let mut judge = Judge::default();
    for one in &options.thresholds {
        let metric: MetricId = match one.resolve(registry) {
            Ok(metric) => metric,
            // Nothing is judged, so nothing need be refused; what is to be shown is.
            Err(_) if options.no_thresholds && !one.is_shown => continue,
            Err(error) => return Err(error),
        };
        let empty = Sink::new(registry.get(metric).kind);
        series.pick_by(metric, &one.selector);
        let selector = one.selector.clone();
        let part = match share_of(metric, &selector) {
            None => parts.add(metric, selector, empty),
            Some(whole) => parts.add_share(metric, selector, whole, empty),
        };
        judge.add(parts, part, one);
    }
    Ok(judge)
}

/// What a part is a share of, where that is not the part itself: of all requests, so many failed by one error.
///
/// An answered request has no `error`. Without this a run in which none timed out would have no data to say so by,
/// and one in which one of a thousand did would have a rate of 1.
fn share_of(metric: MetricId, selector: &Selector) -> Option<Selector> {
    let is_share = [builtin::WS_REQ_FAILED, builtin::TCP_REQ_FAILED].contains(&metric);
    let is_error = |value: &str| Failure::ALL.iter().any(|error| error.as_str() == value);
    is_share
        .then(|| selector.without("error", is_error))
        .flatten()
}

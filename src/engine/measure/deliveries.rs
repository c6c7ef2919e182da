//! What the metrics of pushes mean, by the names that rules give them.
//!
//! | metric (`ws_` or `tcp_`) | one sample for |
//! | --- | --- |
//! | `deliveries` | each push |
//! | `delivery_duration` | each in which its sender's clock was found |
//! | `deliveries_early` | each that came before it was sent, by that clock: it has no duration |
//! | `deliveries_lost` | each gap in a sequence, when it is known that nothing fills it: how many are missing |
//! | `deliveries_doubled` | each that had come before |

use std::sync::Arc;

use super::milliseconds;
use super::run_metrics::RunMetrics;
use crate::conversation::delivered::{Age, Delivery};
use crate::metrics::{MetricId, Series, TagSet, builtin};

/// Which metrics: those of `WebSockets` or those of TCP.
#[derive(Debug)]
pub struct DeliveryMetrics {
    all: MetricId,
    duration: MetricId,
    early: MetricId,
    lost: MetricId,
    doubled: MetricId,
}

/// Those of `WebSockets`.
pub static WS: DeliveryMetrics = DeliveryMetrics {
    all: builtin::WS_DELIVERIES,
    duration: builtin::WS_DELIVERY_DURATION,
    early: builtin::WS_DELIVERIES_EARLY,
    lost: builtin::WS_DELIVERIES_LOST,
    doubled: builtin::WS_DELIVERIES_DOUBLED,
};

/// Those of TCP.
pub static TCP: DeliveryMetrics = DeliveryMetrics {
    all: builtin::TCP_DELIVERIES,
    duration: builtin::TCP_DELIVERY_DURATION,
    early: builtin::TCP_DELIVERIES_EARLY,
    lost: builtin::TCP_DELIVERIES_LOST,
    doubled: builtin::TCP_DELIVERIES_DOUBLED,
};

/// As what the pushes of one connection are recorded, by their names: a rule has one, and there are few rules.
#[derive(Debug, Default)]
pub(super) struct DeliverySeries(Vec<(Arc<str>, [Series; 5])>);

/// Samples of one push.
pub(super) type Samples = [Option<(Series, f64)>; 4];

impl DeliverySeries {
    fn of(
        &mut self,
        name: &Arc<str>,
        of: &DeliveryMetrics,
        metrics: &RunMetrics,
        tags: &TagSet,
    ) -> [Series; 5] {
        let known = self.0.iter().find(|(known, _)| known == name);
        if let Some((_, series)) = known {
            return *series;
        }
        let tags = tags.with("name", name);
        let mut catalog = metrics.catalog();
        let series = [of.all, of.duration, of.early, of.lost, of.doubled]
            .map(|metric| catalog.series(metric, &tags));
        drop(catalog);
        self.0.push((name.clone(), series));
        series
    }

    /// A push.
    pub(super) fn delivered(
        &mut self,
        name: &Arc<str>,
        delivery: Delivery,
        of: &DeliveryMetrics,
        metrics: &RunMetrics,
        tags: &TagSet,
    ) -> Samples {
        let [all, duration, early, lost, doubled] = self.of(name, of, metrics, tags);
        let age = delivery.age.map(|age| match age {
            Age::Of(age) => (duration, milliseconds(age)),
            Age::Negative => (early, 1.0),
        });
        [
            Some((all, 1.0)),
            age,
            (delivery.lost > 0).then_some((lost, delivery.lost as f64)),
            delivery.is_doubled.then_some((doubled, 1.0)),
        ]
    }

    /// So many that never came.
    pub(super) fn lost(
        &mut self,
        name: &Arc<str>,
        lost: u64,
        of: &DeliveryMetrics,
        metrics: &RunMetrics,
        tags: &TagSet,
    ) -> Samples {
        let [_, _, _, series, _] = self.of(name, of, metrics, tags);
        [Some((series, lost as f64)), None, None, None]
    }
}

//! Submetrics: the parts of metrics that somebody looks at while the run lasts.
//!
//! Each part adds up for itself what its series bring, at the moment they are collected. Whether a series
//! belongs to a part is decided once, and looking at a part costs the same however many series it has.
//! Without parts nothing is done at all.
//!
//! A part may be a share of another one: of `ws_req_failed{name:say,error:timeout}` it is wanted how many of the requests
//! named `say` timed out, so that each of them counts in it, and a run in which none did has 0 of them.

use std::time::Duration;

use super::{MetricId, Selector, Series, SeriesTable, Sink, Window};

/// All parts of a run, by number.
#[derive(Debug, Default)]
pub struct Submetrics {
    parts: Vec<Submetric>,
    /// The parts that a series belongs to, by its number; `None` until it is seen.
    members: Vec<Option<Box<[Member]>>>,
}

/// A series in a part.
#[derive(Clone, Copy, Debug)]
struct Member {
    part: usize,
    /// It only counts in the whole that the part is a share of.
    is_other: bool,
}

/// A part of a metric, or all of it.
#[derive(Debug)]
pub struct Submetric {
    metric: MetricId,
    selector: Selector,
    /// What it is a share of, where that is more than itself.
    whole: Option<Selector>,
    total: Sink,
    /// Since the last [`Submetrics::advance`]; kept for windows only.
    recent: Sink,
    windows: Vec<Window>,
}

impl Submetrics {
    /// Looks at one more part, and returns its number. Before the first sample: earlier ones do not count.
    pub fn add(&mut self, metric: MetricId, selector: Selector, empty: Sink) -> usize {
        self.parts.push(Submetric {
            metric,
            selector,
            whole: None,
            recent: empty.clone(),
            total: empty,
            windows: Vec::new(),
        });
        self.parts.len() - 1
    }

    /// The same for a rate that is a share of `whole`: what is in that and not in the part counts as not passed.
    pub fn add_share(
        &mut self,
        metric: MetricId,
        selector: Selector,
        whole: Selector,
        empty: Sink,
    ) -> usize {
        let part = self.add(metric, selector, empty);
        self.parts[part].whole = Some(whole);
        part
    }

    /// Keeps a window of a part as well.
    pub fn add_window(&mut self, part: usize, length: Duration) {
        let part = &mut self.parts[part];
        if part.window(length).is_none() {
            let kind = part.total.kind();
            part.windows.push(Window::new(kind, length));
        }
    }

    /// The part with this number, which [`Submetrics::add`] gave.
    pub fn get(&self, part: usize) -> &Submetric {
        &self.parts[part]
    }

    /// Adds what a series brought to the parts that it belongs to.
    pub fn merge(&mut self, table: &SeriesTable, series: Series, recorded: &Sink) {
        if self.parts.is_empty() {
            return;
        }
        let index = series.index();
        if index >= self.members.len() {
            self.members.resize_with(index + 1, || None);
        }
        let parts = &mut self.parts;
        let members = self.members[index].get_or_insert_with(|| {
            let in_part = |(part, one): (usize, &Submetric)| {
                let is_other = one.counts(table, series)?;
                Some(Member { part, is_other })
            };
            parts.iter().enumerate().filter_map(in_part).collect()
        });
        for member in &*members {
            let part = &mut parts[member.part];
            match recorded {
                Sink::Rate { total, .. } if member.is_other => part.merge(&Sink::Rate {
                    passes: 0,
                    total: *total,
                }),
                _ => part.merge(recorded),
            }
        }
    }

    /// Time passed: windows move on.
    pub fn advance(&mut self, time: Duration) {
        for part in &mut self.parts {
            for window in &mut part.windows {
                window.advance(&part.recent, time);
            }
            part.recent.clear();
        }
    }

    /// Windows begin anew.
    pub fn restart_windows(&mut self) {
        for part in &mut self.parts {
            part.recent.clear();
            part.windows.iter_mut().for_each(Window::clear);
        }
    }
}

impl Submetric {
    /// The metric that it is a part of.
    pub fn metric(&self) -> MetricId {
        self.metric
    }

    /// Everything recorded in it.
    pub fn total(&self) -> &Sink {
        &self.total
    }

    /// Its window of that length.
    pub fn window(&self, length: Duration) -> Option<&Window> {
        self.windows.iter().find(|window| window.length() == length)
    }

    /// Whether it is the whole metric.
    pub fn is_whole(&self) -> bool {
        self.selector.is_whole()
    }

    /// Whether a series counts in it, and if so whether only in the whole that it is a share of.
    fn counts(&self, table: &SeriesTable, series: Series) -> Option<bool> {
        if table.metric(series) != self.metric {
            return None;
        }
        let tags = table.tags(series);
        if self.selector.matches(tags) {
            return Some(false);
        }
        let is_other = self.whole.as_ref().is_some_and(|whole| whole.matches(tags));
        is_other.then_some(true)
    }

    fn merge(&mut self, recorded: &Sink) {
        self.total.merge_newer(recorded);
        if !self.windows.is_empty() {
            self.recent.merge_newer(recorded);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Kind, Registry, TagSet, builtin};

    fn one(kind: Kind, value: f64) -> Sink {
        let mut sink = Sink::new(kind);
        sink.add(value);
        sink
    }

    fn part(parts: &mut Submetrics, metric: MetricId, kind: Kind, selector: &str) -> usize {
        let selector = Selector::parse(selector).unwrap();
        parts.add(metric, selector, Sink::new(kind))
    }

    #[test]
    fn a_part_has_the_samples_of_its_series_and_no_others() {
        let registry = Registry::new();
        let mut table = SeriesTable::new();
        let mut series = |metric, scenario| {
            let tags = TagSet::new().with("scenario", scenario);
            table.series(&registry, metric, &tags)
        };
        let (a, b) = (series(builtin::CHECKS, "a"), series(builtin::CHECKS, "b"));
        let sent = series(builtin::DATA_SENT, "a");
        let mut parts = Submetrics::default();
        let whole = part(&mut parts, builtin::CHECKS, Kind::Rate, "checks");
        let of_a = part(
            &mut parts,
            builtin::CHECKS,
            Kind::Rate,
            "checks{scenario:a}",
        );
        let of_none = part(
            &mut parts,
            builtin::CHECKS,
            Kind::Rate,
            "checks{scenario:c}",
        );

        for (series, value) in [(a, 1.0), (b, 0.0), (a, 1.0)] {
            parts.merge(&table, series, &one(Kind::Rate, value));
        }
        parts.merge(&table, sent, &one(Kind::Counter, 5.0));
        let figures = [whole, of_a, of_none].map(|part| format!("{:?}", parts.get(part).total()));
        assert_eq!(
            figures,
            [
                "Rate { passes: 2, total: 3 }",
                "Rate { passes: 2, total: 2 }",
                "Rate { passes: 0, total: 0 }"
            ]
        );
        assert!(parts.get(whole).is_whole() && !parts.get(of_a).is_whole());
        assert_eq!(parts.get(of_a).metric(), builtin::CHECKS);
    }

    #[test]
    fn a_share_counts_what_it_is_a_share_of() {
        let registry = Registry::new();
        let mut table = SeriesTable::new();
        let mut series = |name, error: Option<&str>| {
            let mut tags = TagSet::new().with("name", name);
            if let Some(error) = error {
                tags = tags.with("error", error);
            }
            table.series(&registry, builtin::WS_REQ_FAILED, &tags)
        };
        let answered = series("a", None);
        let late = series("a", Some("timeout"));
        let cut = series("a", Some("cut"));
        let other = series("b", Some("timeout"));
        let mut parts = Submetrics::default();
        let mut share = |text: &str| {
            let selector = Selector::parse(text).unwrap();
            let whole = selector
                .without("error", |error| error == "timeout")
                .unwrap();
            parts.add_share(
                builtin::WS_REQ_FAILED,
                selector,
                whole,
                Sink::new(Kind::Rate),
            )
        };
        let all = share("ws_req_failed{error:timeout}");
        let of_a = share("ws_req_failed{name:a,error:timeout}");
        let of_c = share("ws_req_failed{name:c,error:timeout}");
        for (series, value) in [(answered, 0.0), (answered, 0.0), (cut, 1.0)] {
            parts.merge(&table, series, &one(Kind::Rate, value));
        }
        let figures = |parts: &Submetrics| {
            [all, of_a, of_c].map(|part| match parts.get(part).total() {
                Sink::Rate { passes, total } => (*passes, *total),
                other => panic!("{other:?}"),
            })
        };
        assert_eq!(figures(&parts), [(0, 3), (0, 3), (0, 0)]);
        for series in [late, other] {
            parts.merge(&table, series, &one(Kind::Rate, 1.0));
        }
        assert_eq!(figures(&parts), [(2, 5), (1, 4), (0, 0)]);
    }

    #[test]
    fn windows_get_what_came_since_they_last_moved_on() {
        let registry = Registry::new();
        let mut table = SeriesTable::new();
        let series = table.series(&registry, builtin::ITERATIONS, &TagSet::new());
        let mut parts = Submetrics::default();
        let all = part(&mut parts, builtin::ITERATIONS, Kind::Counter, "iterations");
        let four = Duration::from_secs(4);
        parts.add_window(all, four);
        parts.add_window(all, four);
        assert_eq!(parts.get(all).windows.len(), 1);

        let mut seen = Vec::new();
        for value in [1.0, 10.0, 100.0] {
            parts.merge(&table, series, &one(Kind::Counter, value));
            parts.advance(Duration::from_secs(2));
            seen.push(format!("{:?}", parts.get(all).window(four).unwrap().sink()));
        }
        assert_eq!(seen[1], "Counter { sum: 11.0, samples: 2 }");
        assert_eq!(seen[2], "Counter { sum: 110.0, samples: 2 }");

        parts.merge(&table, series, &one(Kind::Counter, 1000.0));
        parts.restart_windows();
        parts.advance(Duration::from_secs(2));
        let window = parts.get(all).window(four).unwrap();
        assert!(window.sink().is_empty());
        let total = format!("{:?}", parts.get(all).total());
        assert_eq!(total, "Counter { sum: 1111.0, samples: 4 }");
        assert!(parts.get(all).window(Duration::from_secs(9)).is_none());
    }
}

//! Who says it: what has been said already, so that each delta has only what is new.

use std::collections::BTreeMap;

use super::delta::{Checked, Definition, Delta, Ended, Facts, Failed, Now, Opening, Tags};
use crate::metrics::{Registry, SeriesTable};
use crate::report::{CheckTree, End, Ends, Failures, Totals};

/// What has been said of a run so far.
#[derive(Debug)]
pub struct Deltas {
    opening: Option<Opening>,
    metrics: usize,
    series: usize,
    full: Vec<u32>,
    /// For each group, how often each check had passed and failed.
    checks: Vec<Vec<(u64, u64)>>,
    refusals: Counts,
    breaks: Counts,
    ends: BTreeMap<End, u64>,
    other_ends: u64,
    told: Option<String>,
}

type Counts = BTreeMap<(String, Option<u16>), u64>;

impl Deltas {
    /// Nothing was said yet.
    pub fn new(opening: Opening) -> Self {
        Self {
            opening: Some(opening),
            metrics: 0,
            series: 0,
            full: Vec::new(),
            checks: Vec::new(),
            refusals: Counts::new(),
            breaks: Counts::new(),
            ends: BTreeMap::new(),
            other_ends: 0,
            told: None,
        }
    }

    /// Where the run comes from, as JSON; of use before anything was said.
    pub fn introduce(&mut self, about: String) {
        if let Some(opening) = &mut self.opening {
            opening.about = about;
        }
    }

    /// The bytes of what is new. The totals give away their pieces.
    pub fn next(
        &mut self,
        registry: &Registry,
        series: &SeriesTable,
        totals: &mut Totals,
        facts: Facts,
        now: Now,
    ) -> Vec<u8> {
        let (groups, checks) = self.checks(&totals.checks);
        let delta = Delta {
            opening: self.opening.take(),
            now,
            metrics: self.metrics(registry),
            series: self.series(series),
            full: self.full(series),
            groups,
            checks,
            refusals: failed(&mut self.refusals, &totals.refusals),
            breaks: failed(&mut self.breaks, &totals.breaks),
            ends: self.ends(&totals.ends),
            other_ends: totals.ends.others
                - std::mem::replace(&mut self.other_ends, totals.ends.others),
            facts: Facts {
                told: self.told(facts.told),
                ..facts
            },
        };
        delta.encode(totals.pieces.as_mut())
    }

    fn metrics(&mut self, registry: &Registry) -> Vec<Definition> {
        let new = registry.iter().skip(self.metrics);
        let new: Vec<_> = new
            .map(|(_, metric)| Definition {
                name: metric.name.to_string(),
                kind: metric.kind,
                unit: metric.unit,
                is_builtin: registry.builtin(&metric.name).is_some(),
            })
            .collect();
        self.metrics += new.len();
        new
    }

    fn series(&mut self, table: &SeriesTable) -> Vec<(u32, Tags)> {
        let new: Vec<_> = table
            .iter()
            .skip(self.series)
            .map(|(metric, tags)| {
                let tags = tags.iter().map(|(key, value)| (key.into(), value.into()));
                (number(metric.index()), Tags(tags.collect()))
            })
            .collect();
        self.series += new.len();
        new
    }

    fn full(&mut self, table: &SeriesTable) -> Vec<u32> {
        let full = table.full().map(|metric| number(metric.index()));
        let new: Vec<_> = full.filter(|metric| !self.full.contains(metric)).collect();
        self.full.extend(&new);
        new
    }

    fn checks(&mut self, tree: &CheckTree) -> (Vec<String>, Vec<Checked>) {
        let (mut groups, mut checks) = (Vec::new(), Vec::new());
        for (at, group) in tree.groups().iter().enumerate() {
            if at >= self.checks.len() {
                groups.push(group.path().to_owned());
                self.checks.push(Vec::new());
            }
            let said = &mut self.checks[at];
            for (index, check) in group.checks().iter().enumerate() {
                let is_new = index >= said.len();
                if is_new {
                    said.push((0, 0));
                }
                let before = std::mem::replace(&mut said[index], (check.passes, check.fails));
                if is_new || before != (check.passes, check.fails) {
                    checks.push(Checked {
                        group: number(at),
                        check: number(index),
                        name: is_new.then(|| check.name.clone()),
                        passes: check.passes - before.0,
                        fails: check.fails - before.1,
                    });
                }
            }
        }
        (groups, checks)
    }

    fn ends(&mut self, ends: &Ends) -> Vec<Ended> {
        let mut new = Vec::new();
        for (end, count) in ends.iter() {
            let said = self.ends.entry(end.clone()).or_default();
            if *said < count {
                new.push(Ended {
                    code: end.code,
                    by: end.by.as_str().into(),
                    reason: end.reason.clone(),
                    count: count - *said,
                });
                *said = count;
            }
        }
        new
    }

    fn told(&mut self, now: Option<String>) -> Option<String> {
        if now.is_none() || now == self.told {
            return None;
        }
        self.told.clone_from(&now);
        now
    }
}

fn failed(said: &mut Counts, failures: &Failures) -> Vec<Failed> {
    let mut new = Vec::new();
    for (cause, status, failure) in failures.iter() {
        let said = said.entry((cause.to_owned(), status)).or_default();
        if *said < failure.count {
            let texts = [&failure.first, &failure.hint, &failure.body];
            new.push(Failed {
                cause: cause.into(),
                status,
                count: failure.count - *said,
                first_at: failure.first_at,
                last_at: failure.last_at,
                texts: (*said == 0).then(|| texts.map(Clone::clone)),
            });
            *said = failure.count;
        }
    }
    new
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("memory ends before four billion of anything")
}

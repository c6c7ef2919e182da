//! How thresholds stand: a pure table of verdicts, which needs numbers and a time and knows no run.
//!
//! A threshold with a window is stricter: it must hold in every full window from the start of the scenarios
//! to their end, and one in which it does not is its verdict. Setup and teardown are not looked at. A run
//! shorter than the window is one window.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Judgement, PartOfMetric};
use crate::metrics::{Kind, Sink, Submetric, Submetrics, Threshold};
use crate::options::{Criterion, MetricThresholds};

/// When the numbers are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// While setup or scenarios run. What has no samples yet is left alone.
    Running,
    /// The scenarios have just ended: the last window is complete.
    ScenariosEnded,
    /// Everything has ended: what has no samples by now has none.
    AllEnded,
}

/// What a look at the numbers found, by the names of metrics as the user wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// A threshold does not hold.
    pub crossed: Vec<String>,
    /// A threshold has nothing to be judged by, and that is not allowed. After the end only.
    pub without_data: Vec<String>,
    /// One of those that do not hold asks to end the run.
    pub is_abort: bool,
}

/// All thresholds of a run, and how they stand.
#[derive(Debug, Default)]
pub struct Judge {
    metrics: Vec<Judged>,
}

#[derive(Debug)]
struct Judged {
    name: String,
    part: usize,
    is_shown: bool,
    criteria: Vec<(Criterion, Standing)>,
}

/// How a threshold stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Standing {
    /// Not judged yet; after the end: no data.
    #[default]
    Open,
    /// It holds, with the figure that was compared.
    Met(f64),
    /// It does not hold, with the figure that was compared.
    Crossed(f64),
    /// Nobody can say: of several processes each knows its own windows only.
    Undecided,
}

impl Judge {
    /// Judges these conditions as well, by the part of this number.
    pub fn add(&mut self, parts: &mut Submetrics, part: usize, wanted: &MetricThresholds) {
        for window in wanted
            .criteria
            .iter()
            .filter_map(|one| one.threshold.window)
        {
            parts.add_window(part, window);
        }
        let open = |criterion: &Criterion| (criterion.clone(), Standing::Open);
        self.metrics.push(Judged {
            name: wanted.name.clone(),
            part,
            is_shown: wanted.is_shown,
            criteria: wanted.criteria.iter().map(open).collect(),
        });
    }

    /// Whether there is anything to judge.
    pub fn has_criteria(&self) -> bool {
        self.metrics.iter().any(|one| !one.criteria.is_empty())
    }

    /// Looks at the numbers, `elapsed` after the start of the test clock.
    pub fn look(&mut self, parts: &Submetrics, elapsed: Duration, look: Look) -> Findings {
        let mut findings = Findings::default();
        for one in &mut self.metrics {
            let part = parts.get(one.part);
            let (mut is_crossed, mut is_without_data) = (false, false);
            for (criterion, verdict) in &mut one.criteria {
                let is_failing = criterion.look(verdict, part, elapsed, look);
                findings.is_abort |=
                    is_failing && criterion.abort_on_fail && elapsed > criterion.delay_abort_eval;
                is_crossed |= matches!(verdict, Standing::Crossed(_));
                is_without_data |= *verdict == Standing::Open && !criterion.allow_no_data;
            }
            if is_crossed {
                findings.crossed.push(one.name.clone());
            }
            if is_without_data && look == Look::AllEnded {
                findings.without_data.push(one.name.clone());
            }
        }
        findings
    }

    /// How every threshold stands, in the order of the options.
    pub fn standings(&self) -> Vec<Standing> {
        let all = self.metrics.iter().flat_map(|one| &one.criteria);
        all.map(|(_, standing)| *standing).collect()
    }

    /// Has every threshold stand as another judge of the same options says.
    pub fn stand(&mut self, as_told: &[Standing]) {
        for ((_, standing), told) in self.criteria().zip(as_told) {
            *standing = *told;
        }
    }

    /// The same for those with a window, by what each process says: what lasted for a while can be seen only meanwhile.
    pub fn stand_in_windows(&mut self, parts: &Submetrics, as_told: &[&[Standing]]) {
        let all = self.metrics.iter_mut().flat_map(|one| {
            let kind = parts.get(one.part).total().kind();
            one.criteria.iter_mut().map(move |judged| (kind, judged))
        });
        for (at, (kind, (criterion, standing))) in all.enumerate() {
            if criterion.threshold.window.is_some() {
                let told = as_told.iter().filter_map(|one| one.get(at).copied());
                let told = told.filter(|one| *one != Standing::Open);
                *standing = together(&criterion.threshold, kind, told);
            }
        }
    }

    fn criteria(&mut self) -> impl Iterator<Item = &mut (Criterion, Standing)> {
        self.metrics.iter_mut().flat_map(|one| &mut one.criteria)
    }

    /// How everything stands, for the summary.
    pub fn report<'a>(&'a self, parts: &'a Submetrics) -> Vec<PartOfMetric<'a>> {
        self.told(parts, |(_, standing), _| *standing)
    }

    /// How everything would stand if the numbers were looked at now, for who watches; nothing is judged by it. Windows
    /// stand as they did at the last look.
    pub fn glance<'a>(&'a self, parts: &'a Submetrics, elapsed: Duration) -> Vec<PartOfMetric<'a>> {
        self.told(parts, |(criterion, standing), part| {
            let mut now = *standing;
            if criterion.threshold.window.is_none() {
                criterion.look(&mut now, part, elapsed, Look::Running);
            }
            now
        })
    }

    fn told<'a>(
        &'a self,
        parts: &'a Submetrics,
        standing: impl Fn(&(Criterion, Standing), &Submetric) -> Standing,
    ) -> Vec<PartOfMetric<'a>> {
        let entry = |one: &'a Judged| {
            let part = parts.get(one.part);
            let judgement = |judged: &'a (Criterion, Standing)| {
                let standing = standing(judged, part);
                Judgement {
                    expression: &judged.0.expression,
                    threshold: &judged.0.threshold,
                    is_ok: match standing {
                        Standing::Open => judged.0.allow_no_data,
                        Standing::Met(_) => true,
                        Standing::Crossed(_) | Standing::Undecided => false,
                    },
                    figure: match standing {
                        Standing::Open | Standing::Undecided => None,
                        Standing::Met(figure) | Standing::Crossed(figure) => Some(figure),
                    },
                    is_undecided: standing == Standing::Undecided,
                }
            };
            PartOfMetric {
                name: &one.name,
                metric: part.metric(),
                is_whole: part.is_whole(),
                is_shown: one.is_shown,
                sink: part.total(),
                judgements: one.criteria.iter().map(judgement).collect(),
            }
        };
        self.metrics.iter().map(entry).collect()
    }
}

impl Criterion {
    /// Judges one condition; returns whether it does not hold now.
    fn look(
        &self,
        verdict: &mut Standing,
        part: &Submetric,
        elapsed: Duration,
        look: Look,
    ) -> bool {
        // A counter that nobody added to has counted nothing, and that is a figure. Not so one that is
        // narrowed by tags: a misspelled tag looks the same.
        let is_zero = part.is_whole() && matches!(part.total(), Sink::Counter { .. });
        if part.total().is_empty() && !(is_zero && look != Look::Running) {
            return false;
        }
        let (threshold, method) = (&self.threshold, self.threshold.method);
        let Some(length) = threshold.window else {
            let Some(figure) = method.of(part.total(), elapsed) else {
                return false;
            };
            let is_met = threshold.is_met_by(figure);
            *verdict = Standing::of(is_met, figure);
            return !is_met;
        };
        let Some(window) = part.window(length).filter(|window| {
            let is_only_one = look == Look::ScenariosEnded && *verdict == Standing::Open;
            look != Look::AllEnded && (window.is_full() || is_only_one)
        }) else {
            return false;
        };
        let sink = window.sink();
        let Some(figure) = method.of(&sink, window.covered()) else {
            return false;
        };
        let is_met = threshold.is_met_by(figure);
        *verdict = match *verdict {
            Standing::Crossed(worst) if is_met => Standing::Crossed(worst),
            Standing::Crossed(worst) => Standing::Crossed(threshold.worse(worst, figure)),
            Standing::Met(worst) if is_met => Standing::Met(threshold.worse(worst, figure)),
            Standing::Met(_) | Standing::Open | Standing::Undecided => Standing::of(is_met, figure),
        };
        !is_met
    }
}

/// How all processes stand together in their windows, as far as that follows from how each does.
fn together(
    threshold: &Threshold,
    kind: Kind,
    mut told: impl Iterator<Item = Standing>,
) -> Standing {
    let Some(first) = told.next() else {
        return Standing::Open;
    };
    let (mut all, mut is_alone) = (first, true);
    for one in told {
        is_alone = false;
        all = match (all, one) {
            (Standing::Met(one), Standing::Met(other)) => {
                Standing::Met(threshold.worse(one, other))
            }
            (Standing::Crossed(one), Standing::Crossed(other)) => {
                Standing::Crossed(threshold.worse(one, other))
            }
            (crossed @ Standing::Crossed(_), Standing::Met(_))
            | (Standing::Met(_), crossed @ Standing::Crossed(_)) => crossed,
            _ => Standing::Undecided,
        };
    }
    let is_known = match all {
        Standing::Met(_) => threshold.holds_with_its_parts(kind),
        Standing::Crossed(_) => threshold.fails_with_one_part(),
        Standing::Open | Standing::Undecided => false,
    };
    if is_alone || is_known {
        all
    } else {
        Standing::Undecided
    }
}

impl Standing {
    fn of(is_met: bool, figure: f64) -> Self {
        if is_met {
            Self::Met(figure)
        } else {
            Self::Crossed(figure)
        }
    }
}

#[cfg(test)]
mod tests;

//! What only the side of the script knows of a run, as it tells it: JSON, read once and for all here.

mod entries;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

use self::entries::{LeftOpen, Mark, Raised, Scenario};
use super::TerminalState;
use super::about::of_exception;

/// What a run that was cut off before it said anything knows: nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// What it ended with.
    pub exit_code: i64,
    /// What the script said as it ended the run, or marked it as failed.
    pub end_message: String,
    /// What ended iterations, by `type` and `where`, with a `count`.
    pub exceptions: Vec<Raised>,
    /// Named instants, each with its `time`.
    pub marks: Vec<Mark>,
    /// What the user should know, in front of what the core says.
    pub warnings: Vec<String>,
    /// Behind it.
    pub later_warnings: Vec<String>,
    /// Tasks of asyncio that were not over.
    pub tasks_left_behind: u64,
    /// Iterations that were cut for their sockets alone: `where` those were opened, with a `count`.
    pub left_open: Vec<LeftOpen>,
    /// How long nothing ran at all, at the longest.
    pub gap_ms: f64,
    /// Samples that outputs lost.
    pub samples_lost: u64,
    /// Which handler held the loop longest.
    pub held: String,
    /// What runs, each with `name`, `executor`, `exec` and `description`, and what became of its iterations.
    pub scenarios: Vec<Scenario>,
    /// How a summary is shown.
    pub view: View,
    /// When it was over, as ISO 8601 writes it.
    pub generated_at: String,
}

/// How a summary is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct View {
    /// `compact`, `full` or `disabled`.
    pub mode: String,
    /// Without colour.
    pub no_color: bool,
    /// Standard output is a terminal.
    pub stdout_is_tty: bool,
    /// Standard error is a terminal.
    pub stderr_is_tty: bool,
}

impl Default for View {
    fn default() -> Self {
        Self {
            mode: "compact".into(),
            no_color: true,
            stdout_is_tty: false,
            stderr_is_tty: false,
        }
    }
}

impl View {
    /// Whether each scenario and group has its figures.
    pub fn is_full(&self) -> bool {
        self.mode == "full"
    }

    /// What the terminal is like.
    pub const fn terminal(&self) -> TerminalState {
        TerminalState {
            no_color: self.no_color,
            stdout_is_tty: self.stdout_is_tty,
            stderr_is_tty: self.stderr_is_tty,
        }
    }
}

impl Told {
    /// Reads what that side has told, without what may be secret in the lines of the script that exceptions show.
    pub fn read(json: &str) -> serde_json::Result<Self> {
        let mut told: Self = serde_json::from_str(json)?;
        for one in &mut told.exceptions {
            (one.message, one.trace) = of_exception(&one.message, &one.trace);
        }
        Ok(told)
    }

    /// Nobody knows how it ended: no success, unless something worse is known.
    pub fn cut_off(&mut self) {
        self.exit_code = gravest([self.exit_code, GENERIC].into_iter());
    }

    /// What several processes know together; one alone knows what it knows.
    pub fn merged(mut all: Vec<Self>) -> Self {
        if all.len() < 2 {
            return all.pop().unwrap_or_default();
        }
        let view = all[0].view.clone();
        let (mut scenarios, mut exceptions) = (Vec::new(), Vec::new());
        for one in &all {
            add_scenarios(&mut scenarios, &one.scenarios);
        }
        add_up(&mut exceptions, all.iter().flat_map(|one| &one.exceptions));
        let mut marks: Vec<_> = all.iter().flat_map(|one| one.marks.clone()).collect();
        marks.sort_by(|one, other| one.time.total_cmp(&other.time));
        Self {
            exit_code: worst(all.iter().map(|one| one.exit_code)),
            end_message: first_of(all.iter().map(|one| &one.end_message)),
            exceptions,
            marks,
            warnings: unique(all.iter().flat_map(|one| &one.warnings)),
            later_warnings: unique(all.iter().flat_map(|one| &one.later_warnings)),
            tasks_left_behind: all.iter().map(|one| one.tasks_left_behind).sum(),
            left_open: by_place(all.iter().flat_map(|one| &one.left_open)),
            gap_ms: all.iter().fold(0.0, |longest, one| one.gap_ms.max(longest)),
            samples_lost: all.iter().map(|one| one.samples_lost).sum(),
            held: first_of(all.iter().map(|one| &one.held)),
            scenarios,
            view,
            generated_at: all
                .iter()
                .map(|one| one.generated_at.clone())
                .max()
                .unwrap_or_default(),
        }
    }

    /// Completes the data of a summary as the core makes it.
    pub fn set_into(&self, data: &mut Value) {
        let run = &mut data["run"];
        let texts = |list: &Value| -> Vec<String> {
            let all = list.as_array().into_iter().flatten();
            all.filter_map(|one| one.as_str().map(str::to_owned))
                .collect()
        };
        let warnings = [
            &*self.warnings,
            &texts(&run["warnings"]),
            &self.later_warnings,
        ]
        .concat();
        let mut reasons = texts(&run["reasons"]);
        self.doubt(&mut reasons);
        run["scenarios"] = json!(self.scenarios);
        run["exit_code"] = json!(self.exit_code);
        run["end_message"] = json!(self.end_message);
        run["left_open"] = json!(self.left_open);
        run["exceptions"] = json!(self.exceptions);
        run["marks"] = json!(self.marks);
        run["warnings"] = json!(warnings);
        run["tasks_left_behind"] = json!(self.tasks_left_behind);
        run["samples_lost"] = json!(self.samples_lost);
        run["trustworthy"] = json!(reasons.is_empty());
        run["reasons"] = json!(reasons);
    }

    /// Adds to what makes numbers doubtful what only this side knows.
    fn doubt(&self, reasons: &mut Vec<String>) {
        if let Some(first) = reasons.first_mut().filter(|_| !self.held.is_empty()) {
            *first = format!("{first}; {}", self.held);
        }
        if self.gap_ms > 0.0 {
            reasons.push(format!(
                "nothing ran for {:.1} s: the process was stopped, or a handler did not give way; times of that part \
                 are ours",
                self.gap_ms / 1000.0
            ));
        }
        if self.samples_lost > 0 {
            reasons.push(format!(
                "outputs lost {} samples: write to a faster disk, or fewer of them",
                self.samples_lost
            ));
        }
    }
}

/// What ended one of them; thresholds are judged anew, over all numbers.
fn worst(codes: impl Iterator<Item = i64>) -> i64 {
    gravest(codes.filter(|code| *code != CROSSED))
}

/// The exit code that counts of several: what ended a run, then thresholds, what was demanded, what was not written.
pub(super) fn gravest(codes: impl Iterator<Item = i64>) -> i64 {
    let last = [CROSSED, NOT_OK, UNTRUSTWORTHY, GENERIC, 0];
    let rank = |code: &i64| (last.iter().position(|one| one == code), *code);
    codes.min_by_key(rank).unwrap_or_default()
}

/// Those of one name are one, with the iterations of all.
fn add_scenarios(known: &mut Vec<Scenario>, more: &[Scenario]) {
    for one in more {
        match known.iter_mut().find(|other| other.name == one.name) {
            Some(other) => other.add(one),
            None => known.push(one.clone()),
        }
    }
}

/// Those of one kind and place are one.
fn add_up<'a>(known: &mut Vec<Raised>, more: impl Iterator<Item = &'a Raised>) {
    let mut places = BTreeMap::new();
    for one in more {
        let free = known.len();
        let place = *places.entry((&one.class, &one.place)).or_insert(free);
        match known.get_mut(place) {
            Some(before) => before.add(one),
            None => known.push(one.clone()),
        }
    }
}

/// Those of one place are one.
fn by_place<'a>(more: impl Iterator<Item = &'a LeftOpen>) -> Vec<LeftOpen> {
    let mut known: Vec<LeftOpen> = Vec::new();
    for one in more {
        match known.iter_mut().find(|other| other.place == one.place) {
            Some(same) => same.count = same.count.saturating_add(one.count),
            None => known.push(one.clone()),
        }
    }
    known
}

/// The first that says something.
fn first_of<'a>(mut texts: impl Iterator<Item = &'a String>) -> String {
    let first = texts.find(|text| !text.is_empty());
    first.cloned().unwrap_or_default()
}

fn unique<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for text in texts {
        if !all.contains(text) {
            all.push(text.clone());
        }
    }
    all
}

/// A time in milliseconds since 1970, as ISO 8601 writes it; empty where the calendar has none.
pub(super) fn iso_date(milliseconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast of a float stays within what there is"
    )]
    let microseconds = (milliseconds * 1e3) as i128;
    let date = UtcDateTime::from_unix_timestamp_nanos(microseconds.saturating_mul(1_000));
    date.ok()
        .and_then(|date| date.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// The exit code of a threshold that does not hold.
pub(super) const CROSSED: i64 = 99;
/// Those of `--strict` and `--fail-on-untrustworthy`, and of what could not be written.
const NOT_OK: i64 = 113;
const UNTRUSTWORTHY: i64 = 112;
const GENERIC: i64 = 255;

#[cfg(test)]
mod tests;

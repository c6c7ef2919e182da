//! What is said once a second, and its bytes: a version, the delta by postcard, the pieces behind it.

use serde::{Deserialize, Serialize};

use super::error::{SnapshotError, VERSION};
use super::pieces::{Pieces, append};
use crate::metrics::{Kind, Unit, bounded};
use crate::verdict::{Health, Standing};

/// Everything that came since the last one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Delta {
    /// In the first one.
    pub opening: Option<Opening>,
    /// When it was made.
    pub now: Now,
    /// Metrics that are new, in the order of their numbers.
    #[serde(deserialize_with = "bounded::<MOST, _, _>")]
    pub metrics: Vec<Definition>,
    /// Series that are new, in the order of their numbers: the number of the metric, and the tags.
    #[serde(deserialize_with = "bounded::<MOST, _, _>")]
    pub series: Vec<(u32, Tags)>,
    /// Metrics that have more series than are told apart.
    #[serde(deserialize_with = "bounded::<MOST, _, _>")]
    pub full: Vec<u32>,
    /// Paths of groups that are new, in the order of their numbers.
    #[serde(deserialize_with = "bounded::<MOST, _, _>")]
    pub groups: Vec<String>,
    /// Checks that were made.
    #[serde(deserialize_with = "bounded::<MOST, _, _>")]
    pub checks: Vec<Checked>,
    /// Connections that were not made.
    #[serde(deserialize_with = "bounded::<MOST, _, _>")]
    pub refusals: Vec<Failed>,
    /// Connections that were made and broke.
    #[serde(deserialize_with = "bounded::<MOST, _, _>")]
    pub breaks: Vec<Failed>,
    /// Sessions that did not end in order.
    #[serde(deserialize_with = "bounded::<MOST, _, _>")]
    pub ends: Vec<Ended>,
    /// Those of them that found no room.
    pub other_ends: u64,
    /// What is said as it is; what the script's side knows only where it has changed.
    pub facts: Facts,
}

/// What a run knows beside its totals.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// How every threshold stands, in the order of the options.
    #[serde(deserialize_with = "bounded::<MOST, _, _>")]
    pub standings: Vec<Standing>,
    /// How the generator is.
    pub health: Health,
    /// Iterations that have finished.
    pub complete: u64,
    /// Iterations that were cut.
    pub interrupted: u64,
    /// Certificates were not verified.
    pub is_unverified: bool,
    /// What only the side of the script knows, as JSON.
    pub told: Option<String>,
    /// Nothing follows.
    pub is_last: bool,
}

/// What time it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Now {
    /// Nanoseconds since the opening.
    pub since_opening: u64,
    /// Milliseconds since 1970 at which the test clock started; 0 before.
    pub clock_started: f64,
    /// What it shows, in nanoseconds.
    pub test_time: u64,
    /// Milliseconds since 1970 at which the scenarios' clock started, behind setup; 0 before.
    pub scenarios_started: f64,
}
/// Keys and values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags(
    #[serde(deserialize_with = "bounded::<MOST_TAGS, _, _>")] pub Vec<(String, String)>,
);

/// What holds for the whole run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    /// Milliseconds since 1970.
    pub at: f64,
    /// The version of k6ws.
    pub tool: String,
    /// Names of the scenarios.
    #[serde(deserialize_with = "bounded::<MOST, _, _>")]
    pub scenarios: Vec<String>,
    /// The options that shape verdict and summary, as JSON.
    pub options: String,
    /// What is to be done when.
    #[serde(deserialize_with = "bounded::<MOST, _, _>")]
    pub stages: Vec<Planned>,
    /// Where it comes from, as JSON that the side of the script makes: script, options, environment, machine; no secrets.
    pub about: String,
}

/// A stretch of a scenario in which one thing is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// The name of the scenario.
    pub scenario: String,
    /// What is to be done, in few words.
    pub name: String,
    /// Milliseconds on the scenarios' clock.
    pub from: u64,
    /// Of its end.
    pub to: u64,
}

/// A metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// What it is called.
    pub name: String,
    /// How it adds up.
    pub kind: Kind,
    /// What it contains.
    pub unit: Unit,
    /// The script did not declare it.
    pub is_builtin: bool,
}

/// So many more results of a check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// The number of its group.
    pub group: u32,
    /// The number of the check in it.
    pub check: u32,
    /// Its name, the first time.
    pub name: Option<String>,
    /// How often it held.
    pub passes: u64,
    /// How often it did not.
    pub fails: u64,
}

/// So many more failures of a kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failed {
    /// The stable word.
    pub cause: String,
    /// The status of the answer.
    pub status: Option<u16>,
    /// How many.
    pub count: u64,
    /// Milliseconds since 1970 of the first of all.
    pub first_at: f64,
    /// Of the last so far.
    pub last_at: f64,
    /// What happened to the first, the hint, and what the server sent; the first time.
    pub texts: Option<[String; 3]>,
}

/// So many more sessions that ended in one way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// The close code.
    pub code: u16,
    /// `server`, `us` or `nobody`.
    pub by: String,
    /// What was given as reason.
    pub reason: Option<String>,
    /// How many.
    pub count: u64,
}

impl Delta {
    /// Its bytes, with the pieces that gathered, which are taken.
    pub fn encode(&self, pieces: Option<&mut Pieces>) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        append(&mut bytes, self);
        match pieces {
            Some(pieces) => pieces.move_to(&mut bytes),
            // There are none of them.
            None => bytes.push(0),
        }
        bytes
    }

    /// Reads what [`Delta::encode`] made; the pieces are the rest.
    pub fn decode(bytes: &[u8]) -> Result<(Self, &[u8]), SnapshotError> {
        match bytes.split_first() {
            None => Err(SnapshotError::Malformed("there is nothing in it")),
            Some((&VERSION, rest)) => postcard::take_from_bytes(rest).map_err(|_| {
                SnapshotError::Malformed("what it says ends too early or makes no sense")
            }),
            Some((&version, _)) => Err(SnapshotError::Version(version)),
        }
    }
}

/// Of anything that there is a list of: who made it says no more.
const MOST: usize = 100_000;
/// Tags of a series.
const MOST_TAGS: usize = 100;

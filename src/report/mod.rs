//! What happened, as data.
//!
//! The engine hands over what was recorded; here it is arranged the way people read it and scripts
//! receive it, whether one process measured it or many. Nothing is drawn here: no colours, no widths, no terminal, no file. And nothing is measured:
//! a figure that is not in the metrics or the check tree cannot be reported.

mod about;
mod breakdown;
mod by_name;
mod checks;
mod document;
mod ends;
mod failures;
mod figures;
mod glance;
pub mod history;
mod input;
mod numbers;
pub mod page;
mod parts;
mod progress;
mod rows;
mod run_block;
pub mod snapshot;
mod summary;
mod told;
mod totals;

pub use about::{Origin, about};
pub use breakdown::breakdown;
pub use by_name::requests_by_name;
pub use checks::{Check, CheckTree, Group};
pub use document::{complete, document};
pub use ends::{End, Ender, Ends};
pub use failures::{Failure, Failures};
pub use figures::values;
pub use glance::Glance;
pub use input::{SummaryInput, TerminalState};
pub use numbers::{Circumstances, Numbers};
pub use progress::{Progress, ScenarioProgress, progress};
pub use rows::{RowsInput, rows};
pub use run_block::{RunFacts, run_block};
pub use summary::{silent, summary};
use told::iso_date;
pub use told::{Told, View};
pub use totals::Totals;

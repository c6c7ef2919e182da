//! What happened, as data.
//!
//! The engine hands over what was recorded; here it is arranged the way people read it and scripts
//! receive it. Nothing is drawn here: no colours, no widths, no terminal, no file. And nothing is measured:
//! a figure that is not in the metrics or the check tree cannot be reported.

mod breakdown;
mod by_name;
mod checks;
mod figures;
mod input;
mod judgement;
mod parts;
mod summary;

pub use breakdown::breakdown;
pub use by_name::requests_by_name;
pub use checks::{Check, CheckTree, Group};
pub use figures::values;
pub use input::SummaryInput;
pub use judgement::{Judgement, PartOfMetric};
pub use summary::{silent, summary};

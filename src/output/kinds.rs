//! The kinds of outputs there are.

/// Their names, as `--out` takes them.
pub(super) const NAMES: [&str; 2] = ["csv", "json"];

//! The kinds of outputs there are.

/// Their names, as `--out` takes them.
pub(super) const NAMES: [&str; 3] = ["csv", "json", "snapshots"];

/// All of them, in a sentence.
pub(super) fn listed() -> String {
    let [others @ .., last] = NAMES;
    format!("{} and {last}", others.join(", "))
}

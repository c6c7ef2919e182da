//! How numbers add up without end.

/// A sum that stays finite: beyond the largest number there is none that JSON, a file or a page could tell.
pub(crate) const fn finite_sum(one: f64, other: f64) -> f64 {
    (one + other).clamp(f64::MIN, f64::MAX)
}

//! A number from 0 to 1 as it was written, never rounded.

use std::cmp::Ordering;
use std::fmt;

use thiserror::Error;

/// Why a text is not a fraction.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FractionError {
    /// Not a number in any of the spellings.
    #[error("expected a fraction such as 10%, 0.1 or 1/10, not {0:?}")]
    NoNumber(String),
    /// Below zero, or above the whole.
    #[error("expected a fraction from 0 to 1, not {0:?}")]
    OutOfRange(String),
}

/// An exact part of one.
///
/// Invariant: in lowest terms, at most one, and both terms are small enough that products of two fit a `u128`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fraction {
    over: u64,
    under: u64,
}

impl Fraction {
    /// Nothing.
    pub const ZERO: Self = Self { over: 0, under: 1 };
    /// All of it.
    pub const ONE: Self = Self { over: 1, under: 1 };

    /// Reads `10%`, `0.1` or `1/10`.
    pub fn parse(text: &str) -> Result<Self, FractionError> {
        let text = text.trim();
        let unread = || FractionError::NoNumber(text.to_owned());
        let (over, under) = if let Some((over, under)) = text.split_once('/') {
            (
                whole(over).ok_or_else(unread)?,
                whole(under).ok_or_else(unread)?,
            )
        } else if let Some(percent) = text.strip_suffix('%') {
            let (over, under) = decimal(percent.trim_end()).ok_or_else(unread)?;
            (over, under * 100)
        } else {
            decimal(text).ok_or_else(unread)?
        };
        if under == 0 {
            return Err(unread());
        }
        if over > under {
            return Err(FractionError::OutOfRange(text.to_owned()));
        }
        let divisor = common_divisor(over, under);
        Ok(Self {
            over: over / divisor,
            under: under / divisor,
        })
    }

    /// The smallest number of parts that both this fraction and `parts` parts divide into.
    pub(super) fn common_denominator(self, parts: u64) -> Option<u64> {
        (parts / common_divisor(parts, self.under)).checked_mul(self.under)
    }

    /// This fraction of `parts`, which must be a multiple of its denominator.
    pub(super) fn times(self, parts: u64) -> u64 {
        debug_assert!(parts.is_multiple_of(self.under), "{self} of {parts}");
        parts / self.under * self.over
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        let crossed = |a: u64, b: u64| u128::from(a) * u128::from(b);
        crossed(self.over, other.under).cmp(&crossed(other.over, self.under))
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.under {
            1 => write!(f, "{}", self.over),
            under => write!(f, "{}/{under}", self.over),
        }
    }
}

/// Digits alone: no sign, no spaces, and no more of them than can be right.
fn whole(digits: &str) -> Option<u64> {
    let is_plain = (1..=MOST_DIGITS).contains(&digits.len());
    (is_plain && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

/// `0.25` as 25 over 100.
fn decimal(text: &str) -> Option<(u64, u64)> {
    let Some((before, after)) = text.split_once('.') else {
        return Some((whole(text)?, 1));
    };
    let before = if before.is_empty() { 0 } else { whole(before)? };
    let under = 10_u64.pow(u32::try_from(after.len().min(MOST_DIGITS)).ok()?);
    Some((
        before.checked_mul(under)?.checked_add(whole(after)?)?,
        under,
    ))
}

/// Euclid's.
pub(super) fn common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// Enough for any fraction that can be dealt out; keeps products far from overflow.
const MOST_DIGITS: usize = 9;

//! Which part of a test this process does.
//!
//! Several processes share one test by *execution segments*: parts of the interval from 0 to 1 that together
//! fill it. [`Sequence`] says where all parts meet, [`Share`] which VUs, iterations and starts of the whole
//! test one part owns. Everything is exact: fractions are never rounded, so the parts of any number add up to
//! that number. Knows nothing of VUs or iterations: it deals out numbers.

mod fraction;
mod share;

#[cfg(test)]
mod tests;

use std::fmt;

use thiserror::Error;

pub use fraction::{Fraction, FractionError};
pub use share::Share;

/// Why a text is not a segment, or a sequence of them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SegmentError {
    /// One of its ends is no fraction.
    #[error(transparent)]
    NoFraction(#[from] FractionError),
    /// A segment with more than two ends.
    #[error("expected FROM:TO, such as 0:1/4")]
    NotFromTo,
    /// Its end is not after its start.
    #[error("the segment is empty: {from} is not before {to}")]
    Empty {
        /// Where it starts.
        from: Fraction,
        /// Where it ends.
        to: Fraction,
    },
    /// A border that is not after the one before it.
    #[error("expected borders in rising order: {before} stands before {after}")]
    NotRising {
        /// The one that stands first.
        before: Fraction,
        /// The one that follows it.
        after: Fraction,
    },
    /// A sequence of fewer than two borders.
    #[error("expected at least two borders, such as 0,1/2,1")]
    TooFew,
    /// The sequence has no such segment.
    #[error("no part of the sequence {sequence} is the segment {segment}")]
    NotInSequence {
        /// The segment.
        segment: Segment,
        /// The sequence.
        sequence: Sequence,
    },
    /// Too fine to be dealt out exactly.
    #[error("expected fractions with a common denominator of at most {MOST_PARTS}")]
    TooFine,
}

/// A part of the test: what lies after `from`, up to and including `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    from: Fraction,
    to: Fraction,
}

impl Segment {
    /// The whole test.
    pub const WHOLE: Self = Self {
        from: Fraction::ZERO,
        to: Fraction::ONE,
    };

    /// Reads `1/4:1/2`, or one fraction for a segment that starts at 0.
    pub fn parse(text: &str) -> Result<Self, SegmentError> {
        let (from, to) = match text.split_once(':') {
            None => (Fraction::ZERO, Fraction::parse(text)?),
            Some((_, to)) if to.contains(':') => return Err(SegmentError::NotFromTo),
            Some((from, to)) => (Fraction::parse(from)?, Fraction::parse(to)?),
        };
        if from < to {
            Ok(Self { from, to })
        } else {
            Err(SegmentError::Empty { from, to })
        }
    }
}

/// As it reads back: `1/4:1/2`.
impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.from, self.to)
    }
}

/// All segments of a test, as the borders between them.
///
/// Invariant: borders rise from 0 to 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    borders: Vec<Fraction>,
}

impl Sequence {
    /// Reads borders such as `0`, `1/4`, `1`. What they leave out before and after becomes a part of its own.
    pub fn parse<'a>(borders: impl IntoIterator<Item = &'a str>) -> Result<Self, SegmentError> {
        let borders: Result<Vec<_>, _> = borders.into_iter().map(Fraction::parse).collect();
        let borders = borders?;
        if borders.len() < 2 {
            return Err(SegmentError::TooFew);
        }
        if let Some(pair) = borders.windows(2).find(|pair| pair[0] >= pair[1]) {
            let (before, after) = (pair[0], pair[1]);
            return Err(SegmentError::NotRising { before, after });
        }
        Ok(Self::filled(borders))
    }

    /// The sequence of a segment that nothing is said about: what lies before it, it, what lies after.
    pub fn around(segment: Segment) -> Self {
        Self::filled(vec![segment.from, segment.to])
    }

    fn filled(mut borders: Vec<Fraction>) -> Self {
        if borders.first() != Some(&Fraction::ZERO) {
            borders.insert(0, Fraction::ZERO);
        }
        if borders.last() != Some(&Fraction::ONE) {
            borders.push(Fraction::ONE);
        }
        Self { borders }
    }

    /// The segments, from 0 to 1.
    pub fn segments(&self) -> impl Iterator<Item = Segment> {
        let pairs = self.borders.windows(2);
        pairs.map(|pair| Segment {
            from: pair[0],
            to: pair[1],
        })
    }

    /// Their lengths as multiples of one over the common denominator.
    fn lengths(&self) -> Result<Vec<u64>, SegmentError> {
        let mut common = 1;
        for border in &self.borders {
            let multiple = border.common_denominator(common);
            common = multiple
                .filter(|parts| *parts <= MOST_PARTS)
                .ok_or(SegmentError::TooFine)?;
        }
        let places: Vec<_> = self.borders.iter().map(|one| one.times(common)).collect();
        Ok(places.windows(2).map(|pair| pair[1] - pair[0]).collect())
    }
}

/// As it reads back: `0,1/4,1`.
impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let borders: Vec<_> = self.borders.iter().map(ToString::to_string).collect();
        f.write_str(&borders.join(","))
    }
}

/// Parts of a test that are dealt out one by one; more is a slip, and costs memory.
const MOST_PARTS: u64 = 1_000_000;

//! Durations as people write them.
//!
//! Reads and writes the spelling that k6 users know from Go: `1h2m3s`, `500ms`, `1.5s`, and in front of
//! them whole days, `2d12h`. Everything that names a duration as text, in options, scripts and reports,
//! comes through here. Knows nothing of clocks, and nothing of bare numbers: what those mean (seconds,
//! milliseconds) differs from place to place, so the place that accepts them says so.

use std::time::Duration;

use thiserror::Error;

/// Why a text is not a duration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DurationError {
    /// Nothing was written.
    #[error("invalid duration \"\": it is empty")]
    Empty,
    /// A minus sign in front: no option of a load test runs backwards.
    #[error("invalid duration {text:?}: it must not be negative")]
    Negative {
        /// What was written.
        text: String,
    },
    /// A number was expected and something else stood there.
    #[error("invalid duration {text:?}: expected a number before {rest:?}")]
    NoNumber {
        /// What was written.
        text: String,
        /// From where it could not be read.
        rest: String,
    },
    /// A number without a unit, as in `10`.
    #[error("invalid duration {text:?}: missing unit, use h, m, s, ms, us or ns")]
    NoUnit {
        /// What was written.
        text: String,
    },
    /// A unit that does not exist, or days anywhere but in front and whole.
    #[error("invalid duration {text:?}: unknown unit {unit:?}, use h, m, s, ms, us or ns")]
    UnknownUnit {
        /// What was written.
        text: String,
        /// The part that is no unit.
        unit: String,
    },
    /// More than Go (and so k6) can hold: about 292 years.
    #[error("invalid duration {text:?}: it is too long")]
    TooLong {
        /// What was written.
        text: String,
    },
}

/// Reads a duration in Go's syntax, with optional whole days in front.
///
/// Units are `h`, `m`, `s`, `ms`, `us` (or `µs`) and `ns`, in any order and any number; each number may
/// have a fraction. `0` needs no unit. What is finer than a nanosecond is cut off.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    if text.is_empty() {
        return Err(DurationError::Empty);
    }
    if text.starts_with('-') {
        return Err(DurationError::Negative { text: text.into() });
    }
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    if unsigned == "0" {
        return Ok(Duration::ZERO);
    }
    let (mut nanos, mut rest) = split_days(text, unsigned)?;
    loop {
        let (term, after) = split_term(text, rest)?;
        nanos = nanos
            .checked_add(term)
            .filter(|&n| n <= LONGEST)
            .ok_or_else(|| DurationError::TooLong { text: text.into() })?;
        rest = after;
        if rest.is_empty() {
            return Ok(from_nanos(nanos));
        }
    }
}

/// Writes a duration as Go does: `10m0s`, `1m30s`, `1.5s`, `500ms`, `0s`.
///
/// The text reads back as the same duration, as long as it is one that [`parse_duration`] admits.
pub fn format_duration(d: Duration) -> String {
    let seconds = d.as_secs();
    let nanos = d.subsec_nanos();
    if seconds == 0 {
        return match nanos {
            0 => "0s".to_owned(),
            1..1_000 => format!("{nanos}ns"),
            1_000..1_000_000 => decimal(nanos / 1_000, nanos % 1_000, 3, "µs"),
            _ => decimal(nanos / 1_000_000, nanos % 1_000_000, 6, "ms"),
        };
    }
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    let tail = decimal(seconds % 60, nanos, 9, "s");
    match (hours, minutes) {
        (0, 0) => tail,
        (0, _) => format!("{minutes}m{tail}"),
        _ => format!("{hours}h{minutes}m{tail}"),
    }
}

/// Takes `Nd` off the front. A `d` further back is left for the terms, where it is an unknown unit.
fn split_days<'a>(text: &str, unsigned: &'a str) -> Result<(u128, &'a str), DurationError> {
    let digits = digits_at_start(unsigned);
    let Some(rest) = unsigned[digits.len()..].strip_prefix('d') else {
        return Ok((0, unsigned));
    };
    let nanos = (!digits.is_empty())
        .then(|| number(digits).saturating_mul(DAY))
        .ok_or_else(|| DurationError::NoNumber {
            text: text.into(),
            rest: unsigned.into(),
        })?;
    if nanos > LONGEST {
        return Err(DurationError::TooLong { text: text.into() });
    }
    // `2d` alone is complete; a zero keeps the loop over the terms simple.
    Ok((nanos, if rest.is_empty() { "0s" } else { rest }))
}

/// Takes one number with its unit off the front: its nanoseconds, and what follows.
fn split_term<'a>(text: &str, rest: &'a str) -> Result<(u128, &'a str), DurationError> {
    let whole = digits_at_start(rest);
    let mut after = &rest[whole.len()..];
    let mut fraction = "";
    if let Some(tail) = after.strip_prefix('.') {
        fraction = digits_at_start(tail);
        after = &tail[fraction.len()..];
    }
    if whole.is_empty() && fraction.is_empty() {
        return Err(DurationError::NoNumber {
            text: text.into(),
            rest: rest.into(),
        });
    }
    let end = after
        .find(|c: char| c == '.' || c.is_ascii_digit())
        .unwrap_or(after.len());
    let (unit, after) = after.split_at(end);
    let Some(&(_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        let text = text.to_owned();
        return Err(match unit {
            "" => DurationError::NoUnit { text },
            _ => DurationError::UnknownUnit {
                text,
                unit: unit.into(),
            },
        });
    };
    let fraction = &fraction[..fraction.len().min(FRACTION_DIGITS)];
    let divisor = (0..fraction.len()).fold(1, |d: u128, _| d * 10);
    let nanos = number(whole).saturating_mul(scale);
    Ok((
        nanos.saturating_add(number(fraction) * scale / divisor),
        after,
    ))
}

fn digits_at_start(text: &str) -> &str {
    &text[..text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len())]
}

/// The value of a run of digits; saturates, so that an absurd number is found too long later.
fn number(digits: &str) -> u128 {
    digits.bytes().fold(0, |n: u128, digit| {
        n.saturating_mul(10)
            .saturating_add(u128::from(digit - b'0'))
    })
}

fn from_nanos(nanos: u128) -> Duration {
    Duration::from_nanos(u64::try_from(nanos).expect("checked against LONGEST, an i64"))
}

/// `whole.fraction unit`, without trailing zeros; the fraction has `digits` places.
fn decimal(whole: impl std::fmt::Display, fraction: u32, digits: usize, unit: &str) -> String {
    if fraction == 0 {
        return format!("{whole}{unit}");
    }
    let fraction = format!("{fraction:0digits$}");
    format!("{whole}.{}{unit}", fraction.trim_end_matches('0'))
}

/// Go counts nanoseconds in an `i64`; k6 refuses what does not fit, and so do we.
const LONGEST: u128 = i64::MAX as u128;

const DAY: u128 = 24 * 3_600_000_000_000;

/// More digits than this cannot change a nanosecond, and 18 of them times an hour still fit.
const FRACTION_DIGITS: usize = 18;

/// The micro sign and the Greek letter look alike and are both typed.
const UNITS: &[(&str, u128)] = &[
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ns", 1),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_read_as_in_go() {
        for (text, nanos) in [
            ("0", 0),
            ("+0", 0),
            ("0s", 0),
            ("1h2m3s", 3_723_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("500ms", 500_000_000),
            ("1.5s", 1_500_000_000),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("+2s", 2_000_000_000),
            ("3us", 3_000),
            ("3µs", 3_000),
            ("3μs", 3_000),
            ("7ns", 7),
            ("0.9ns", 0),
            ("0.3333333333333333333h", 1_199_999_999_999),
            ("1s1s", 2_000_000_000),
            ("9223372036854775807ns", i64::MAX.unsigned_abs()),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_nanos(nanos)),
                "{text}"
            );
        }
    }

    #[test]
    fn whole_days_may_stand_in_front() {
        assert_eq!(parse_duration("2d"), Ok(Duration::from_secs(172_800)));
        assert_eq!(
            parse_duration("1d2h3m"),
            Ok(Duration::from_secs(86_400 + 7_380))
        );
        assert_eq!(parse_duration("0d1s"), Ok(Duration::from_secs(1)));
        for text in ["1.5d", "2h1d", "d", "1d1d"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused_and_quoted() {
        for (text, message) in [
            ("", "invalid duration \"\": it is empty"),
            ("-1s", "invalid duration \"-1s\": it must not be negative"),
            (
                "10",
                "invalid duration \"10\": missing unit, use h, m, s, ms, us or ns",
            ),
            (
                "5x",
                "invalid duration \"5x\": unknown unit \"x\", use h, m, s, ms, us or ns",
            ),
            (
                "1 s",
                "invalid duration \"1 s\": unknown unit \" s\", use h, m, s, ms, us or ns",
            ),
            (
                "s",
                "invalid duration \"s\": expected a number before \"s\"",
            ),
            (
                ".s",
                "invalid duration \".s\": expected a number before \".s\"",
            ),
            (
                "1s.",
                "invalid duration \"1s.\": expected a number before \".\"",
            ),
            (
                "9223372036854775808ns",
                "invalid duration \"9223372036854775808ns\": it is too long",
            ),
            ("200000d", "invalid duration \"200000d\": it is too long"),
            (
                "106751d24h",
                "invalid duration \"106751d24h\": it is too long",
            ),
        ] {
            assert_eq!(parse_duration(text).unwrap_err().to_string(), message);
        }
        let absurd = format!("{}h", "9".repeat(200));
        assert!(matches!(
            parse_duration(&absurd),
            Err(DurationError::TooLong { .. })
        ));
    }

    #[test]
    fn durations_are_written_as_in_go() {
        for (nanos, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_100, "1.1µs"),
            (2_200_000, "2.2ms"),
            (500_000_000, "500ms"),
            (1_500_000_000, "1.5s"),
            (2_000_000_000, "2s"),
            (90_000_000_000, "1m30s"),
            (600_000_000_000, "10m0s"),
            (3_600_000_000_000, "1h0m0s"),
            (90_061_000_000_001, "25h1m1.000000001s"),
        ] {
            assert_eq!(format_duration(Duration::from_nanos(nanos)), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(nanos in prop_oneof![
            0..=i64::MAX.unsigned_abs(), 0..2_000_000_000_u64, 0..2_000_000_u64, 0..2_000_u64,
        ]) {
            let duration = Duration::from_nanos(nanos);
            prop_assert_eq!(parse_duration(&format_duration(duration)), Ok(duration));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[-+0-9.hmsund µ]{0,24}") {
            let _ = parse_duration(&text);
        }
    }
}

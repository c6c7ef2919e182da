//! Which figures of a trend the user wants to see.
//!
//! `summaryTrendStats` names them in k6's words: `avg`, `min`, `med`, `max`, `count`, `p(N)`. Thresholds
//! read the same words. Knows how to take a figure from a trend, not how to print it.

use std::fmt;

use thiserror::Error;

use super::Trend;

/// A word that names no figure of a trend.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "unknown trend statistic {text:?}: use avg, min, med, max, count or p(N) with N from 0 to 100"
)]
pub struct TrendStatError {
    /// What was written.
    pub text: String,
}

/// One figure of a trend.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum TrendStat {
    /// The mean.
    Avg,
    /// The smallest value.
    Min,
    /// The median, which is `p(50)`.
    Med,
    /// The largest value.
    Max,
    /// The number of values.
    Count,
    /// A percentile; the number is in 0..=100.
    P(f64),
}

impl TrendStat {
    /// Reads one of k6's words.
    pub fn parse(text: &str) -> Result<Self, TrendStatError> {
        match text {
            "avg" => Ok(Self::Avg),
            "min" => Ok(Self::Min),
            "med" => Ok(Self::Med),
            "max" => Ok(Self::Max),
            "count" => Ok(Self::Count),
            _ => text
                .strip_prefix("p(")
                .and_then(|rest| rest.strip_suffix(')'))
                .and_then(|number| number.trim().parse().ok())
                .filter(|p| (0.0..=100.0).contains(p))
                .map(Self::P)
                .ok_or_else(|| TrendStatError { text: text.into() }),
        }
    }

    /// What k6 shows if nobody asks for anything else.
    pub fn default_stats() -> Vec<Self> {
        vec![
            Self::Avg,
            Self::Min,
            Self::Med,
            Self::Max,
            Self::P(90.0),
            Self::P(95.0),
        ]
    }

    /// The figure of this trend; 0 if the trend is empty.
    pub fn of(self, trend: &Trend) -> f64 {
        match self {
            Self::Avg => trend.avg(),
            Self::Min => trend.min(),
            Self::Med => trend.percentile(50.0),
            Self::Max => trend.max(),
            Self::Count => trend.count() as f64,
            Self::P(p) => trend.percentile(p),
        }
    }
}

impl fmt::Display for TrendStat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Avg => f.write_str("avg"),
            Self::Min => f.write_str("min"),
            Self::Med => f.write_str("med"),
            Self::Max => f.write_str("max"),
            Self::Count => f.write_str("count"),
            Self::P(p) => write!(f, "p({p})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_k6_read_back_as_written() {
        for word in [
            "avg", "min", "med", "max", "count", "p(0)", "p(90)", "p(99.99)", "p(100)",
        ] {
            assert_eq!(TrendStat::parse(word).unwrap().to_string(), word);
        }
        let default: Vec<_> = TrendStat::default_stats()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(default.join(","), "avg,min,med,max,p(90),p(95)");
    }

    #[test]
    fn other_words_are_refused_and_quoted() {
        for word in [
            "", "mean", "p90", "p()", "p(x)", "p(-1)", "p(100.1)", "p(NaN)", "p(9", "Avg",
        ] {
            let error = TrendStat::parse(word).unwrap_err();
            assert!(error.to_string().contains(&format!("{word:?}")), "{error}");
        }
    }

    #[test]
    fn each_word_takes_its_figure() {
        let mut trend = Trend::new();
        for value in [1.0, 2.0, 6.0] {
            trend.add(value);
        }
        let stats = ["avg", "min", "med", "max", "count", "p(75)"];
        let figures = stats.map(|word| TrendStat::parse(word).unwrap().of(&trend).to_string());
        assert_eq!(figures, ["3", "1", "2", "6", "3", "4"]);
    }
}

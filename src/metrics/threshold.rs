//! Threshold expressions: `p(95)<200`, `rate>=0.99`, `p(95)<200 over 30s`.
//!
//! ```text
//! threshold = method operator number [ "over" duration ]
//! method    = "count" | "rate" | "value" | "avg" | "min" | "med" | "max" | "p(" N ")"     N from 0 to 100
//! operator  = "<=" | "<" | ">=" | ">" | "===" | "==" | "!="
//! number    = a decimal number: sign, fraction and exponent as you like
//! duration  = k6's spelling: "30s", "1m30s"
//! ```
//!
//! Spaces may stand between the parts or not. Reads and compares; which sink is judged, when, and what a
//! crossed threshold leads to is for others to know.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

use super::{Kind, Sink, TrendStat};
use crate::units::{format_duration, parse_duration};

/// A condition that a figure of a metric must fulfil.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// The figure.
    pub method: Method,
    /// How it is compared.
    pub operator: Operator,
    /// With what; never NaN.
    pub limit: f64,
    /// How far back samples count; without, all since the start do. At least [`Threshold::SHORTEST_WINDOW`].
    pub window: Option<Duration>,
}

/// A figure of a sink that can be compared.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Method {
    /// The sum of a counter.
    Count,
    /// A counter's sum per second; the share of a rate.
    Rate,
    /// The last value of a gauge.
    Value,
    /// A statistic of a trend.
    Stat(TrendStat),
}

/// How a figure is compared with the limit.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the comparison of that name")]
pub enum Operator {
    LessOrEqual,
    Less,
    GreaterOrEqual,
    Greater,
    Equal,
    NotEqual,
}

/// Why a text is no threshold, or not one of this metric.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ThresholdError {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

impl ThresholdError {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: hint.into(),
        }
    }
}

impl Threshold {
    /// Shorter windows than the time between two evaluations would miss samples.
    pub const SHORTEST_WINDOW: Duration = Duration::from_secs(2);

    /// Longer windows are longer than tests.
    pub const LONGEST_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, ThresholdError> {
        let at = text
            .find(OPERATOR_CHARS)
            .ok_or_else(|| ThresholdError::new("it compares with nothing", EXAMPLES))?;
        let (method, rest) = (text[..at].trim(), &text[at..]);
        let length = rest
            .find(|c| !OPERATOR_CHARS.contains(&c))
            .unwrap_or(rest.len());
        let operator = Operator::parse(&rest[..length])?;
        let rest = &rest[length..];
        let (number, window) = match rest.split_once("over") {
            Some((number, window)) => (number, Some(parse_window(window.trim())?)),
            None => (rest, None),
        };
        Ok(Self {
            method: Method::parse(method)?,
            operator,
            limit: parse_limit(number.trim())?,
            window,
        })
    }

    /// Whether metrics of this kind have the figure.
    pub fn suits(&self, kind: Kind) -> Result<(), ThresholdError> {
        if self.method.is_of(kind) {
            return Ok(());
        }
        let message = format!("a {} has no figure '{}'", kind.as_str(), self.method);
        Err(ThresholdError::new(
            message,
            format!("thresholds of a {} use {}", kind.as_str(), methods_of(kind)),
        ))
    }

    /// Whether a figure fulfils the condition.
    pub fn is_met_by(&self, figure: f64) -> bool {
        self.operator.compare(figure, self.limit)
    }

    /// Whether a metric of this kind fulfils it as soon as each part of it does: but for a sum, its figure lies between
    /// theirs.
    pub fn holds_with_its_parts(&self, kind: Kind) -> bool {
        kind != Kind::Counter && self.operator != Operator::NotEqual
    }

    /// Whether a metric fails it as soon as one part of it does: a single sample is enough for that.
    pub fn fails_with_one_part(&self) -> bool {
        matches!(
            (self.method, self.operator),
            (
                Method::Stat(TrendStat::Max),
                Operator::Less | Operator::LessOrEqual
            ) | (
                Method::Stat(TrendStat::Min),
                Operator::Greater | Operator::GreaterOrEqual
            )
        )
    }

    /// How far a figure is on the right side of the limit, negative on the wrong one; equality knows no distance.
    pub fn margin(&self, figure: f64) -> Option<f64> {
        match self.operator {
            Operator::Less | Operator::LessOrEqual => Some(self.limit - figure),
            Operator::Greater | Operator::GreaterOrEqual => Some(figure - self.limit),
            Operator::Equal | Operator::NotEqual => None,
        }
    }

    /// Of two figures the one that is nearer to failing; equality knows no nearness and takes the newer.
    pub fn worse(&self, older: f64, newer: f64) -> f64 {
        match self.operator {
            Operator::Less | Operator::LessOrEqual => older.max(newer),
            Operator::Greater | Operator::GreaterOrEqual => older.min(newer),
            Operator::Equal | Operator::NotEqual if !self.is_met_by(older) => older,
            Operator::Equal | Operator::NotEqual => newer,
        }
    }
}

impl Method {
    fn parse(text: &str) -> Result<Self, ThresholdError> {
        match text {
            "count" => Ok(Self::Count),
            "rate" => Ok(Self::Rate),
            "value" => Ok(Self::Value),
            "" => Err(ThresholdError::new("it names no figure", EXAMPLES)),
            _ => TrendStat::parse(text)
                .map(Self::Stat)
                .map_err(|_| ThresholdError {
                    message: format!("there is no figure '{text}'"),
                    hint: hint_for_method(text),
                }),
        }
    }

    fn is_of(self, kind: Kind) -> bool {
        match self {
            Self::Count => kind == Kind::Counter,
            Self::Rate => matches!(kind, Kind::Counter | Kind::Rate),
            Self::Value => kind == Kind::Gauge,
            Self::Stat(_) => kind == Kind::Trend,
        }
    }

    /// The figure of a sink that has it; what was counted is divided by `time` for a rate per second.
    ///
    /// `None` if the sink is of a kind without this figure, or empty and not a counter: nothing counted is
    /// a count of 0, but has no average.
    pub fn of(self, sink: &Sink, time: Duration) -> Option<f64> {
        match (self, sink) {
            (Self::Count, Sink::Counter { sum, .. }) => Some(*sum),
            (Self::Rate, Sink::Counter { .. }) if time.is_zero() => Some(0.0),
            (Self::Rate, Sink::Counter { sum, .. }) => {
                Some((sum / time.as_secs_f64()).clamp(f64::MIN, f64::MAX))
            }
            (_, sink) if sink.is_empty() => None,
            (Self::Rate, Sink::Rate { passes, total }) => Some(*passes as f64 / *total as f64),
            (Self::Value, Sink::Gauge { value, .. }) => Some(*value),
            (Self::Stat(stat), Sink::Trend(trend)) => Some(stat.of(trend)),
            _ => None,
        }
    }
}

impl Operator {
    fn parse(text: &str) -> Result<Self, ThresholdError> {
        match text {
            "<=" => Ok(Self::LessOrEqual),
            "<" => Ok(Self::Less),
            ">=" => Ok(Self::GreaterOrEqual),
            ">" => Ok(Self::Greater),
            "==" | "===" => Ok(Self::Equal),
            "!=" => Ok(Self::NotEqual),
            _ => Err(ThresholdError::new(
                format!("there is no operator '{text}'"),
                "operators are <=, <, >=, >, ==, === and !=",
            )),
        }
    }

    #[expect(
        clippy::float_cmp,
        reason = "the user asks whether two numbers are the same"
    )]
    fn compare(self, figure: f64, limit: f64) -> bool {
        match self {
            Self::LessOrEqual => figure <= limit,
            Self::Less => figure < limit,
            Self::GreaterOrEqual => figure >= limit,
            Self::Greater => figure > limit,
            Self::Equal => figure == limit,
            Self::NotEqual => figure != limit,
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.method, self.operator, self.limit)?;
        match self.window {
            Some(window) => write!(f, " over {}", format_duration(window)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count => f.write_str("count"),
            Self::Rate => f.write_str("rate"),
            Self::Value => f.write_str("value"),
            Self::Stat(stat) => stat.fmt(f),
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LessOrEqual => "<=",
            Self::Less => "<",
            Self::GreaterOrEqual => ">=",
            Self::Greater => ">",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        })
    }
}

fn methods_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Counter => "count, rate",
        Kind::Gauge => "value",
        Kind::Rate => "rate",
        Kind::Trend => "avg, min, med, max, p(N)",
    }
}

/// `p95` is what people write who know other tools.
fn hint_for_method(text: &str) -> String {
    let digits = text
        .strip_prefix(['p', 'P'])
        .map(|rest| rest.trim_matches(['(', ')', ' ']));
    let percentile = digits.and_then(|digits| digits.parse::<f64>().ok());
    match percentile {
        Some(p) if (0.0..=100.0).contains(&p) => format!("write p({p})"),
        Some(_) => "a percentile is from 0 to 100".into(),
        None => "figures are count, rate, value, avg, min, med, max and p(N)".into(),
    }
}

fn parse_limit(text: &str) -> Result<f64, ThresholdError> {
    if text.is_empty() {
        return Err(ThresholdError::new("it compares with nothing", EXAMPLES));
    }
    if let Some(limit) = text.parse().ok().filter(|limit: &f64| !limit.is_nan()) {
        return Ok(limit);
    }
    let number = text
        .trim_end_matches(|c: char| c.is_alphabetic() || c == '%')
        .trim_end();
    let unit = text[number.len()..].trim();
    let hint = match (number.parse::<f64>(), unit) {
        (Ok(share), "%") => format!("shares are from 0 to 1: write {}", share / 100.0),
        (Ok(_), _) => "limits have no unit: times are in milliseconds, data in bytes".into(),
        (Err(_), _) => EXAMPLES.into(),
    };
    Err(ThresholdError::new(format!("'{text}' is no number"), hint))
}

fn parse_window(text: &str) -> Result<Duration, ThresholdError> {
    let example = "write the window as in 'p(95)<200 over 30s'";
    let window = parse_duration(text)
        .map_err(|_| ThresholdError::new(format!("'{text}' is no duration"), example))?;
    let (shortest, longest) = (Threshold::SHORTEST_WINDOW, Threshold::LONGEST_WINDOW);
    if !(shortest..=longest).contains(&window) {
        let hint = format!(
            "windows are from {} to {}",
            format_duration(shortest),
            format_duration(longest)
        );
        let message = format!("a window of {} is not possible", format_duration(window));
        return Err(ThresholdError::new(message, hint));
    }
    Ok(window)
}

const OPERATOR_CHARS: [char; 4] = ['<', '>', '=', '!'];
const EXAMPLES: &str = "write it as in 'p(95)<200', 'rate>0.99' or 'count<10'";

#[cfg(test)]
mod tests;

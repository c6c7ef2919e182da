//! What samples are labelled with, and what the summary says of them.
//!
//! The words themselves belong to `metrics`; here a list of them is read, and the word at fault is named
//! by its place in the list.

use super::error::ConfigError;
use super::field::Field;
use super::nearest::nearest;
use crate::metrics::{SystemTags, TrendStat};

/// The system tags that are on; k6's choice unless given.
pub(super) fn system_tags(field: Option<&Field>) -> Result<SystemTags, ConfigError> {
    let Some(field) = field else {
        return Ok(SystemTags::default());
    };
    let words = field.words()?;
    let mut names = Vec::with_capacity(words.len());
    for word in &words {
        let name = word.text()?;
        SystemTags::parse(&[name]).map_err(|error| word.refuse(error.to_string()))?;
        names.push(name);
    }
    SystemTags::parse(&names).map_err(|error| field.refuse(error.to_string()))
}

/// The columns of a trend; k6's choice unless given.
pub(super) fn trend_stats(field: Option<&Field>) -> Result<Vec<TrendStat>, ConfigError> {
    let Some(field) = field else {
        return Ok(TrendStat::default_stats());
    };
    let stat = |word: &Field| {
        let name = word.text()?;
        TrendStat::parse(name).map_err(|_| {
            let error = word.refuse("unknown trend statistic");
            match nearest(name, TREND_STATS) {
                Some(guess) => error.with_hint(format!("did you mean '{guess}'?")),
                None => error.with_hint(format!("choose from {}, p(N)", TREND_STATS.join(", "))),
            }
        })
    };
    field.words()?.iter().map(stat).collect()
}

/// The unit of times in the summary, if it is fixed.
pub(super) fn time_unit(field: Option<&Field>) -> Result<Option<String>, ConfigError> {
    let Some(field) = field else { return Ok(None) };
    match field.text()? {
        unit @ ("s" | "ms" | "us") => Ok(Some(unit.to_owned())),
        _ => Err(field.refuse("expected one of s, ms, us")),
    }
}

const TREND_STATS: [&str; 6] = ["avg", "min", "med", "max", "count", "p(95)"];

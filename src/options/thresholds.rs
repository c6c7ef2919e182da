//! What must hold for the run to pass: `thresholds`.
//!
//! Reads the expressions and what stands beside them (`abortOnFail`, `delayAbortEval`, `allowNoData`).
//! Whether a metric exists, and is of a kind that has the figure, is known when the script has declared its
//! metrics: [`MetricThresholds::resolve`] is asked then, and blames the option as written.

use std::time::Duration;

use super::block::Block;
use super::error::ConfigError;
use super::field::Field;
use super::merge::Merged;
use super::names::{Name, THRESHOLD};
use super::nearest::nearest;
use crate::metrics::{MetricId, Registry, Selector, SystemTag, Threshold, ThresholdError};

/// What must hold for one metric, or for a part of it.
#[derive(Debug, Clone)]
pub struct MetricThresholds {
    /// The metric and its selector, as the user wrote them.
    pub name: String,
    /// The same, read.
    pub selector: Selector,
    /// The conditions; without any, the part still has its row in the summary.
    pub criteria: Vec<Criterion>,
    /// Whether its figures are shown while the run lasts: asked for by `show`, or without any condition.
    pub is_shown: bool,
    field: Field,
}

/// One condition, and what becomes of the run when it does not hold.
#[derive(Debug, Clone)]
pub struct Criterion {
    /// The condition as the user wrote it.
    pub expression: String,
    /// The same, read.
    pub threshold: Threshold,
    /// Whether the run ends as soon as it does not hold.
    pub abort_on_fail: bool,
    /// How long the test must have lasted before it may be ended.
    pub delay_abort_eval: Duration,
    /// Whether it holds for a metric without samples.
    pub allow_no_data: bool,
    field: Field,
}

impl MetricThresholds {
    /// Finds the metric, and checks that it has the figures.
    pub fn resolve(&self, registry: &Registry) -> Result<MetricId, ConfigError> {
        let name = &*self.selector.metric;
        let Some(id) = registry.find(name) else {
            let names = registry.iter().map(|(_, metric)| &*metric.name);
            let hint = match nearest(name, names) {
                Some(guess) => format!("did you mean '{guess}'?"),
                None => "a metric is built in, or declared in the body of the script".into(),
            };
            let message = format!("there is no metric '{name}'");
            return Err(self.field.refuse(message).with_hint(hint));
        };
        for criterion in &self.criteria {
            let suits = criterion.threshold.suits(registry.get(id).kind);
            suits.map_err(|error| because(&criterion.field, error))?;
        }
        Ok(id)
    }

    fn read(name: &str, field: Field) -> Result<Self, ConfigError> {
        let selector = selector(name, &field)?;
        if let serde_json::Value::String(text) = &field.value {
            // What is wrong in it comes first: advice to put it into a list as it is would lead to the next error.
            parse(text, &field)?;
            let hint = format!("write [{}]", field.value);
            return Err(field.refuse("expected a list").with_hint(hint));
        }
        let criteria = field.items()?;
        Ok(Self {
            name: name.into(),
            selector,
            is_shown: criteria.is_empty(),
            criteria: criteria
                .into_iter()
                .map(Criterion::read)
                .collect::<Result<_, _>>()?,
            field,
        })
    }

    /// Tags that no sample carries: the selector will match nothing.
    fn remark_on_metadata(&self, warnings: &mut Vec<String>) {
        let metadata = [SystemTag::Vu, SystemTag::Iter].map(SystemTag::as_str);
        for tag in self.selector.tags().filter(|tag| metadata.contains(tag)) {
            let path = super::error::printable(&self.field.path);
            warnings.push(format!(
                "option '{path}' selects by '{tag}', which is metadata and not a tag: it fits no sample \
                 unless the script sets a tag of that name"
            ));
        }
    }
}

impl Criterion {
    fn read(field: Field) -> Result<Self, ConfigError> {
        let Some(object) = field.value.as_object() else {
            let text = field.text().map_err(|_| {
                let hint =
                    "write \"p(95)<200\", or {\"threshold\": \"p(95)<200\", \"abortOnFail\": true}";
                field.refuse("expected an expression").with_hint(hint)
            })?;
            return Ok(Self {
                expression: text.into(),
                threshold: parse(text, &field)?,
                abort_on_fail: false,
                delay_abort_eval: Duration::ZERO,
                allow_no_data: false,
                field,
            });
        };
        let names: Vec<&'static Name> = THRESHOLD.iter().collect();
        let block = Block::read(&field.path, field.source, object, &names)?;
        if let Some((key, unknown)) = block.unknown.first() {
            let spelled: Vec<_> = names.iter().map(|name| name.like(key)).collect();
            let hint = match nearest(key, spelled.iter().copied()) {
                Some(guess) => format!("did you mean '{guess}'?"),
                None => format!("a threshold takes {}", spelled.join(", ")),
            };
            let error = unknown.refuse("unknown option of a threshold");
            return Err(error.with_hint(hint));
        }
        let Some(expression) = block.get("threshold") else {
            return Err(field
                .refuse("it has no 'threshold'")
                .with_hint("write {\"threshold\": \"p(95)<200\", …}"));
        };
        let flag = |name| block.get(name).map_or(Ok(false), Field::flag);
        Ok(Self {
            expression: expression.text()?.into(),
            threshold: parse(expression.text()?, expression)?,
            abort_on_fail: flag("abort_on_fail")?,
            delay_abort_eval: block
                .get("delay_abort_eval")
                .map_or(Ok(Duration::ZERO), |delay| delay.duration(Duration::ZERO))?,
            allow_no_data: flag("allow_no_data")?,
            field: expression.clone(),
        })
    }
}

/// Has the metrics of `show` shown while the run lasts, those among them for which there is no threshold.
pub(super) fn show(all: &mut Vec<MetricThresholds>, field: &Field) -> Result<(), ConfigError> {
    for word in field.words()? {
        let name = word.text()?;
        if let Some(known) = all.iter_mut().find(|one| one.name == name) {
            known.is_shown = true;
            continue;
        }
        all.push(MetricThresholds {
            name: name.into(),
            selector: selector(name, &word)?,
            criteria: Vec::new(),
            is_shown: true,
            field: word,
        });
    }
    Ok(())
}

fn selector(name: &str, field: &Field) -> Result<Selector, ConfigError> {
    Selector::parse(name).map_err(|error| {
        let hint = "write it as in 'ws_ping{scenario:chat}' or 'ws_ping{status!=101}'";
        field
            .refuse(format!("no metric and selector: {error}"))
            .with_hint(hint)
    })
}

/// Reads `thresholds`. With `noThresholds` nothing is judged, so what cannot be read is only remarked on.
pub(super) fn thresholds(
    merged: &Merged,
    no_thresholds: bool,
    warnings: &mut Vec<String>,
) -> Result<Vec<MetricThresholds>, ConfigError> {
    let Some(field) = merged.get("thresholds") else {
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    for (name, field) in field.entries()? {
        match MetricThresholds::read(&name, field) {
            Ok(mut one) => {
                one.remark_on_metadata(warnings);
                if no_thresholds {
                    one.criteria.clear();
                }
                all.push(one);
            }
            Err(error) if no_thresholds => warnings.push(error.to_string()),
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

fn parse(text: &str, field: &Field) -> Result<Threshold, ConfigError> {
    Threshold::parse(text).map_err(|error| because(field, error))
}

fn because(field: &Field, error: ThresholdError) -> ConfigError {
    field.refuse(error.message).with_hint(error.hint)
}

#[cfg(test)]
mod tests;

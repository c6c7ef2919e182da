//! How much is run: `scenarios`, or the shortcuts that stand for one scenario named `default`.
//!
//! | given | becomes |
//! | --- | --- |
//! | nothing | per-vu-iterations, 1 VU × 1 iteration |
//! | `vus` | shared-iterations, one for each VU |
//! | `iterations` (`vus`, `duration`) | shared-iterations; `duration` is its `maxDuration` |
//! | `duration` (`vus`) | constant-vus |
//! | `stages` (`vus`) | ramping-vus; `vus` is its `startVUs` |
//!
//! Works on merged values, so everything here comes from one tier.

use super::error::ConfigError;
use super::executor::ExecutorConfig;
use super::field::Field;
use super::merge::Merged;
use super::scenario::Scenario;

/// The scenarios of the run, at least one, in the order they were written.
pub(super) fn scenarios(
    merged: &Merged,
    warnings: &mut Vec<String>,
) -> Result<Vec<Scenario>, ConfigError> {
    let vus = merged.get("vus");
    if let Some(scenarios) = merged.get("scenarios") {
        if vus.is_some() {
            warnings.push("option 'vus' has no effect: every scenario has its own".into());
        }
        return read_all(scenarios, warnings);
    }
    // Mixes are refused, so whoever has stages has nothing else.
    let stages = merged.get("stages").filter(|field| !field.is_inert());
    if let Some(stages) = stages {
        let executor = ExecutorConfig::ramping_vus(vus, stages, None)?;
        return Ok(vec![Scenario::plain("default", executor)]);
    }
    let executor = match (merged.get("iterations"), merged.get("duration")) {
        (Some(iterations), duration) => {
            ExecutorConfig::shared_iterations(vus, Some(iterations), duration)
        }
        (None, Some(duration)) => ExecutorConfig::constant_vus(vus, duration),
        (None, None) if vus.is_some() => ExecutorConfig::shared_iterations(vus, vus, None),
        (None, None) => ExecutorConfig::per_vu_iterations(None, None, None),
    }?;
    Ok(vec![Scenario::plain("default", executor)])
}

fn read_all(field: &Field, warnings: &mut Vec<String>) -> Result<Vec<Scenario>, ConfigError> {
    let object = field.object()?;
    if object.is_empty() {
        return Err(field.refuse("expected at least one scenario"));
    }
    let read = |(name, value): (&String, &serde_json::Value)| {
        let path = format!("{}.{name}", field.path);
        let scenario = Field {
            path,
            value: value.clone(),
            source: field.source,
        };
        Scenario::read(name, &scenario, warnings)
    };
    object.iter().map(read).collect()
}

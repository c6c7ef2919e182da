//! One scenario: a named workload.
//!
//! Reads an entry of `scenarios`: what every scenario may say here, what its executor adds in `executor`.
//! A key that fits neither is an error, because a misspelled limit would silently change the load.
//! Whether the function named by `exec` exists is known only to who loads the script.

use std::collections::BTreeMap;
use std::time::Duration;

use super::arrival::Arrival;
use super::block::Block;
use super::error::ConfigError;
use super::executor::ExecutorConfig;
use super::field::Field;
use super::names::{EXECUTORS, Executor, ExecutorKind, Name, SCENARIO};
use super::nearest::nearest;

/// A named workload: what to run, how much of it, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// Its name: letters, digits, `_` and `-`.
    pub name: String,
    /// Delay after setup.
    pub start_time: Duration,
    /// How long running iterations may go on after the regular end.
    pub graceful_stop: Duration,
    /// The function of the script to call.
    pub exec: String,
    /// The function that begins a VU of it, where it names its own.
    pub vu_start: Option<String>,
    /// The same for the one that ends it.
    pub vu_stop: Option<String>,
    /// Laid over the script's environment in iterations of this scenario.
    pub env: BTreeMap<String, String>,
    /// Put on every sample of this scenario.
    pub tags: BTreeMap<String, String>,
    /// How much is run.
    pub executor: ExecutorConfig,
}

impl Scenario {
    /// A scenario that says nothing but how much.
    pub(super) fn plain(name: &str, executor: ExecutorConfig) -> Self {
        Self {
            name: name.into(),
            start_time: Duration::ZERO,
            graceful_stop: DEFAULT_GRACEFUL_STOP,
            exec: DEFAULT_EXEC.into(),
            vu_start: None,
            vu_stop: None,
            env: BTreeMap::new(),
            tags: BTreeMap::new(),
            executor,
        }
    }

    /// Reads the entry `name` of `scenarios`, adding to `warnings`.
    pub(super) fn read(
        name: &str,
        field: &Field,
        warnings: &mut Vec<String>,
    ) -> Result<Self, ConfigError> {
        let is_legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || !name.chars().all(is_legal) {
            let message = "expected a scenario name of letters, digits, '_' and '-'";
            return Err(field.refuse(message));
        }
        let object = field.object()?;
        let executor = executor_named_by(field)?;
        let names: Vec<_> = SCENARIO.iter().chain(executor.own).collect();
        let block = Block::read(&field.path, field.source, object, &names)?;
        if let Some((key, unknown)) = block.unknown.first() {
            return Err(unknown_key(executor, key, unknown, &names));
        }
        if block
            .get("options")
            .is_some_and(|options| !options.is_inert())
        {
            warnings.push(format!(
                "option '{}.options' has no effect: no browsers here",
                field.path
            ));
        }
        let mut scenario = Self::plain(name, configured(executor, &block, field)?);
        if let Some(start_time) = block.get("start_time") {
            scenario.start_time = start_time.duration(Duration::ZERO)?;
        }
        if let Some(graceful_stop) = block.get("graceful_stop") {
            scenario.graceful_stop = graceful_stop.duration(Duration::ZERO)?;
        }
        if let Some(exec) = block.get("exec") {
            scenario.exec = function_named_by(exec)?;
        }
        scenario.vu_start = block.get("vu_start").map(function_named_by).transpose()?;
        scenario.vu_stop = block.get("vu_stop").map(function_named_by).transpose()?;
        scenario.env = block
            .get("env")
            .map_or_else(|| Ok(BTreeMap::new()), Field::text_map)?;
        scenario.tags = block
            .get("tags")
            .map_or_else(|| Ok(BTreeMap::new()), Field::text_map)?;
        Ok(scenario)
    }
}

fn function_named_by(field: &Field) -> Result<String, ConfigError> {
    match field.text()? {
        "" => Err(field.refuse("expected the name of a function")),
        name => Ok(name.into()),
    }
}

fn executor_named_by(scenario: &Field) -> Result<&'static Executor, ConfigError> {
    let known = || EXECUTORS.iter().map(|executor| executor.name);
    let hint = || format!("executors are {}", known().collect::<Vec<_>>().join(", "));
    let path = format!("{}.executor", scenario.path);
    let value = scenario
        .value
        .get("executor")
        .filter(|value| !value.is_null());
    let Some(value) = value.cloned() else {
        let message = "required, but not given";
        return Err(ConfigError::new(path, None, scenario.source, message).with_hint(hint()));
    };
    let field = Field {
        path,
        value,
        source: scenario.source,
    };
    let name = field.text()?;
    if let Some(executor) = EXECUTORS.iter().find(|executor| executor.name == name) {
        return Ok(executor);
    }
    let guess = nearest(name, known());
    let hint = guess.map_or_else(hint, |name| format!("did you mean '{name}'?"));
    Err(field.refuse("unknown executor").with_hint(hint))
}

fn configured(
    executor: &Executor,
    block: &Block,
    scenario: &Field,
) -> Result<ExecutorConfig, ConfigError> {
    let (vus, iterations) = (block.get("vus"), block.get("iterations"));
    let max_duration = block.get("max_duration");
    let required = |name: &str| {
        block.get(name).ok_or_else(|| {
            let spelled = executor.own.iter().find(|own| own.snake == name);
            let path = format!(
                "{}.{}",
                scenario.path,
                spelled.map_or(name, |own| own.camel)
            );
            let message = format!("required by {}, but not given", executor.name);
            ConfigError::new(path, None, scenario.source, message)
        })
    };
    let arrival = || {
        Ok(Arrival {
            time_unit: block.get("time_unit"),
            pre_allocated_vus: required("pre_allocated_vus")?,
            max_vus: block.get("max_vus"),
        })
    };
    match executor.kind {
        ExecutorKind::SharedIterations => {
            ExecutorConfig::shared_iterations(vus, iterations, max_duration)
        }
        ExecutorKind::PerVuIterations => {
            ExecutorConfig::per_vu_iterations(vus, iterations, max_duration)
        }
        ExecutorKind::ConstantVus => ExecutorConfig::constant_vus(vus, required("duration")?),
        ExecutorKind::RampingVus => ExecutorConfig::ramping_vus(
            block.get("start_vus"),
            required("stages")?,
            block.get("graceful_ramp_down"),
        ),
        ExecutorKind::ConstantArrivalRate => {
            let (rate, duration) = (required("rate")?, required("duration")?);
            arrival()?.constant(rate, duration)
        }
        ExecutorKind::RampingArrivalRate => {
            let stages = required("stages")?;
            arrival()?.ramping(block.get("start_rate"), stages)
        }
    }
}

fn unknown_key(executor: &Executor, key: &str, field: &Field, names: &[&Name]) -> ConfigError {
    let kind = executor.name;
    let spelled: Vec<_> = names.iter().map(|name| name.like(key)).collect();
    let takes = || format!("a {kind} scenario takes {}", spelled.join(", "));
    if EXECUTORS
        .iter()
        .any(|other| other.own.iter().any(|name| name.is(key)))
    {
        return field
            .refuse(format!("not an option of {kind}"))
            .with_hint(takes());
    }
    let guess = nearest(key, spelled.iter().copied());
    let hint = guess.map_or_else(takes, |name| format!("did you mean '{name}'?"));
    field.refuse("unknown option of a scenario").with_hint(hint)
}

pub(super) const DEFAULT_EXEC: &str = "default";
const DEFAULT_GRACEFUL_STOP: Duration = Duration::from_secs(30);

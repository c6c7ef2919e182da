//! How much a scenario runs: the executor configurations.
//!
//! One variant per executor, each made by one function from the fields it wants, so that a scenario and its
//! top-level shortcut obey the same limits. Says how much and how long; *when* is for `schedule`.

use std::fmt;
use std::time::Duration;

use super::error::ConfigError;
use super::field::Field;
use crate::units::format_duration;

/// The executor of a scenario, with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecutorConfig {
    /// A fixed number of iterations, shared among the VUs.
    SharedIterations {
        /// VUs that take iterations.
        vus: u32,
        /// Iterations of all VUs together; at least `vus`.
        iterations: u64,
        /// No iteration starts after this, even if some are left.
        max_duration: Duration,
    },
    /// A fixed number of iterations for each VU.
    PerVuIterations {
        /// VUs that run.
        vus: u32,
        /// Iterations of every single VU.
        iterations: u64,
        /// No iteration starts after this, even if some are left.
        max_duration: Duration,
    },
    /// As many iterations as fit into a time.
    ConstantVus {
        /// VUs that loop.
        vus: u32,
        /// How long iterations start.
        duration: Duration,
    },
}

impl ExecutorConfig {
    pub(super) fn shared_iterations(
        vus: Option<&Field>,
        iterations: Option<&Field>,
        max_duration: Option<&Field>,
    ) -> Result<Self, ConfigError> {
        let config = Self::SharedIterations {
            vus: vus_or_one(vus)?,
            iterations: iterations_or_one(iterations)?,
            max_duration: max_duration_or_default(max_duration)?,
        };
        match (&config, iterations.or(vus)) {
            (
                Self::SharedIterations {
                    vus, iterations, ..
                },
                Some(field),
            ) if *iterations < u64::from(*vus) => {
                let message = format!("{iterations} iterations cannot be shared among {vus} VUs");
                Err(field
                    .refuse(message)
                    .with_hint(format!("ask for at least {vus} iterations")))
            }
            _ => Ok(config),
        }
    }

    pub(super) fn per_vu_iterations(
        vus: Option<&Field>,
        iterations: Option<&Field>,
        max_duration: Option<&Field>,
    ) -> Result<Self, ConfigError> {
        Ok(Self::PerVuIterations {
            vus: vus_or_one(vus)?,
            iterations: iterations_or_one(iterations)?,
            max_duration: max_duration_or_default(max_duration)?,
        })
    }

    pub(super) fn constant_vus(vus: Option<&Field>, duration: &Field) -> Result<Self, ConfigError> {
        Ok(Self::ConstantVus {
            vus: vus_or_one(vus)?,
            duration: duration.duration(MIN_DURATION)?,
        })
    }

    /// The executor's name, as in `executor: "constant-vus"`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SharedIterations { .. } => "shared-iterations",
            Self::PerVuIterations { .. } => "per-vu-iterations",
            Self::ConstantVus { .. } => "constant-vus",
        }
    }

    /// How many VUs it needs at most.
    pub fn vus(&self) -> u32 {
        match *self {
            Self::SharedIterations { vus, .. }
            | Self::PerVuIterations { vus, .. }
            | Self::ConstantVus { vus, .. } => vus,
        }
    }

    /// The part of a run description that stands in parentheses, if the executor has one.
    /// How long after the scenario's start iterations may start.
    pub fn regular_end(&self) -> Duration {
        match *self {
            Self::SharedIterations { max_duration, .. }
            | Self::PerVuIterations { max_duration, .. } => max_duration,
            Self::ConstantVus { duration, .. } => duration,
        }
    }

    pub(super) fn max_duration(&self) -> Option<Duration> {
        match *self {
            Self::SharedIterations { max_duration, .. }
            | Self::PerVuIterations { max_duration, .. } => Some(max_duration),
            Self::ConstantVus { .. } => None,
        }
    }
}

/// The run description up to its parenthesis, in k6's words.
impl fmt::Display for ExecutorConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SharedIterations {
                vus, iterations, ..
            } => {
                write!(f, "{iterations} iterations shared among {vus} VUs")
            }
            Self::PerVuIterations {
                vus, iterations, ..
            } => {
                write!(f, "{iterations} iterations for each of {vus} VUs")
            }
            Self::ConstantVus { vus, duration } => {
                write!(f, "{vus} looping VUs for {}", format_duration(*duration))
            }
        }
    }
}

fn vus_or_one(vus: Option<&Field>) -> Result<u32, ConfigError> {
    let Some(field) = vus else { return Ok(1) };
    let vus = field.count("virtual users", MAX_VUS.into())?;
    Ok(u32::try_from(vus).unwrap_or(MAX_VUS))
}

fn iterations_or_one(iterations: Option<&Field>) -> Result<u64, ConfigError> {
    iterations.map_or(Ok(1), |field| field.count("iterations", MAX_ITERATIONS))
}

fn max_duration_or_default(max_duration: Option<&Field>) -> Result<Duration, ConfigError> {
    max_duration.map_or(Ok(DEFAULT_MAX_DURATION), |field| {
        field.duration(MIN_DURATION)
    })
}

/// k6's: shorter runs are taken for a forgotten unit.
const MIN_DURATION: Duration = Duration::from_secs(1);
const DEFAULT_MAX_DURATION: Duration = Duration::from_secs(10 * 60);
/// More than one machine has ports and memory for; a larger number is a slip.
const MAX_VUS: u32 = 1_000_000;
/// Years of work; times `MAX_VUS` it still fits a counter.
const MAX_ITERATIONS: u64 = 1_000_000_000_000;

//! How much a scenario runs: the executor configurations.
//!
//! One variant per executor, each made by one function from the fields it wants, so that a scenario and its
//! top-level shortcut obey the same limits. Says how much and how long; *when* is for `schedule`.

use std::time::Duration;

use super::error::ConfigError;
use super::field::Field;
use super::stages::{Stage, stages};
use crate::segment::Share;

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
    /// A number of VUs that changes over time.
    RampingVus {
        /// VUs that loop from the start.
        start_vus: u32,
        /// How their number goes on from there.
        stages: Vec<Stage>,
        /// How long a VU that must go may finish its iteration.
        graceful_ramp_down: Duration,
    },
    /// Iterations that start at a fixed rate, whatever the VUs do.
    ConstantArrivalRate {
        /// Starts per time unit.
        rate: u64,
        /// What the rate counts by.
        time_unit: Duration,
        /// How long iterations start.
        duration: Duration,
        /// VUs to initialise before the start.
        pre_allocated_vus: u32,
        /// VUs at most; at least `pre_allocated_vus`.
        max_vus: u32,
    },
    /// Iterations that start at a rate that changes over time.
    RampingArrivalRate {
        /// Starts per time unit in the beginning.
        start_rate: u64,
        /// What rates count by.
        time_unit: Duration,
        /// How the rate goes on from there.
        stages: Vec<Stage>,
        /// VUs to initialise before the start.
        pre_allocated_vus: u32,
        /// VUs at most; at least `pre_allocated_vus`.
        max_vus: u32,
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

    /// Stages whose targets are VUs; `start` is what they start from.
    pub(super) fn ramping_vus(
        start: Option<&Field>,
        stages_field: &Field,
        graceful_ramp_down: Option<&Field>,
    ) -> Result<Self, ConfigError> {
        let start_vus = start.map_or(Ok(1), |field| field.number(VUS, 0, MAX_VUS.into()))?;
        let stages = stages(stages_field)?.read(VUS, MAX_VUS.into(), |_, _| Ok(()))?;
        if start_vus == 0 && stages.iter().all(|stage| stage.target == 0) {
            return Err(stages_field.refuse("nothing would run: every number of VUs is 0"));
        }
        Ok(Self::RampingVus {
            start_vus: u32::try_from(start_vus).unwrap_or(MAX_VUS),
            stages,
            graceful_ramp_down: graceful_ramp_down.map_or(Ok(DEFAULT_RAMP_DOWN), |field| {
                field.duration(Duration::ZERO)
            })?,
        })
    }

    /// The executor's name, as in `executor: "constant-vus"`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SharedIterations { .. } => "shared-iterations",
            Self::PerVuIterations { .. } => "per-vu-iterations",
            Self::ConstantVus { .. } => "constant-vus",
            Self::RampingVus { .. } => "ramping-vus",
            Self::ConstantArrivalRate { .. } => "constant-arrival-rate",
            Self::RampingArrivalRate { .. } => "ramping-arrival-rate",
        }
    }

    /// How many VUs the whole test needs at most.
    pub fn vus(&self) -> u32 {
        match self {
            Self::SharedIterations { vus, .. }
            | Self::PerVuIterations { vus, .. }
            | Self::ConstantVus { vus, .. } => *vus,
            Self::RampingVus {
                start_vus, stages, ..
            } => {
                let targets = stages.iter().map(|stage| stage.target);
                let most = targets.fold((*start_vus).into(), u64::max);
                u32::try_from(most).unwrap_or(MAX_VUS)
            }
            Self::ConstantArrivalRate { max_vus, .. }
            | Self::RampingArrivalRate { max_vus, .. } => *max_vus,
        }
    }

    /// How many of them are initialised before the start.
    pub fn planned_vus(&self) -> u32 {
        match self {
            Self::ConstantArrivalRate {
                pre_allocated_vus, ..
            }
            | Self::RampingArrivalRate {
                pre_allocated_vus, ..
            } => *pre_allocated_vus,
            _ => self.vus(),
        }
    }

    /// How long after the scenario's start iterations may start.
    pub fn regular_end(&self) -> Duration {
        match self {
            Self::SharedIterations { max_duration, .. }
            | Self::PerVuIterations { max_duration, .. } => *max_duration,
            Self::ConstantVus { duration, .. } | Self::ConstantArrivalRate { duration, .. } => {
                *duration
            }
            Self::RampingVus { stages, .. } | Self::RampingArrivalRate { stages, .. } => {
                stages.iter().map(|stage| stage.duration).sum()
            }
        }
    }

    /// Whether iterations start on a timetable, whatever the VUs do.
    pub fn has_timetable(&self) -> bool {
        matches!(
            self,
            Self::ConstantArrivalRate { .. } | Self::RampingArrivalRate { .. }
        )
    }

    /// Whether this share of the test has anything to do: without a VU it has not.
    pub fn has_work(&self, share: &Share) -> bool {
        share.of_vus(self.vus()) > 0
    }
}

fn vus_or_one(vus: Option<&Field>) -> Result<u32, ConfigError> {
    let Some(field) = vus else { return Ok(1) };
    let vus = field.count(VUS, MAX_VUS.into())?;
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
pub(super) const MIN_DURATION: Duration = Duration::from_secs(1);
const DEFAULT_RAMP_DOWN: Duration = Duration::from_secs(30);
const DEFAULT_MAX_DURATION: Duration = Duration::from_secs(10 * 60);
/// More than one machine has ports and memory for; a larger number is a slip.
pub(super) const MAX_VUS: u32 = 1_000_000;
const VUS: &str = "virtual users";
/// Years of work; times `MAX_VUS` it still fits a counter.
const MAX_ITERATIONS: u64 = 1_000_000_000_000;

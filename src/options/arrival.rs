//! The executors that start iterations on a timetable: how many per time unit, and with which VUs.

use std::time::Duration;

use super::error::ConfigError;
use super::executor::{ExecutorConfig, MAX_VUS, MIN_DURATION};
use super::field::Field;
use super::stages::stages;

/// What both of them are told beside their rates.
pub(super) struct Arrival<'a> {
    pub(super) time_unit: Option<&'a Field>,
    pub(super) pre_allocated_vus: &'a Field,
    pub(super) max_vus: Option<&'a Field>,
}

impl Arrival<'_> {
    pub(super) fn constant(
        self,
        rate: &Field,
        duration: &Field,
    ) -> Result<ExecutorConfig, ConfigError> {
        let time_unit = self.read_time_unit()?;
        let (pre_allocated_vus, max_vus) = self.read_vus()?;
        Ok(ExecutorConfig::ConstantArrivalRate {
            rate: number(rate, 1, time_unit)?,
            time_unit,
            duration: duration.duration(MIN_DURATION)?,
            pre_allocated_vus,
            max_vus,
        })
    }

    pub(super) fn ramping(
        self,
        start_rate: Option<&Field>,
        stages_field: &Field,
    ) -> Result<ExecutorConfig, ConfigError> {
        let time_unit = self.read_time_unit()?;
        let (pre_allocated_vus, max_vus) = self.read_vus()?;
        let start_rate = start_rate.map_or(Ok(0), |field| number(field, 0, time_unit))?;
        let stages = stages(stages_field)?.read(ITERATIONS, MAX_RATE, |field, rate| {
            refuse_too_fast(field, rate, time_unit)
        });
        let stages = stages.map_err(with_hint)?;
        if start_rate == 0 && stages.iter().all(|stage| stage.target == 0) {
            return Err(stages_field.refuse("nothing would start: every rate is 0"));
        }
        Ok(ExecutorConfig::RampingArrivalRate {
            start_rate,
            time_unit,
            stages,
            pre_allocated_vus,
            max_vus,
        })
    }

    fn read_time_unit(&self) -> Result<Duration, ConfigError> {
        let given = self.time_unit;
        given.map_or(Ok(DEFAULT_TIME_UNIT), |field| {
            field.duration(SHORTEST_TIME_UNIT)
        })
    }

    /// VUs to initialise before the start, and VUs at most.
    fn read_vus(&self) -> Result<(u32, u32), ConfigError> {
        let read = |field: &Field, least| {
            let vus = field.number("virtual users", least, MAX_VUS.into())?;
            Ok(u32::try_from(vus).unwrap_or(MAX_VUS))
        };
        let least = u64::from(self.max_vus.is_none());
        let pre_allocated = read(self.pre_allocated_vus, least)?;
        let Some(field) = self.max_vus else {
            return Ok((pre_allocated, pre_allocated));
        };
        let max = read(field, 1)?;
        if max < pre_allocated {
            let message = format!("expected at least the {pre_allocated} of preAllocatedVUs");
            return Err(field.refuse(message));
        }
        Ok((pre_allocated, max))
    }
}

/// Iterations per time unit.
fn number(field: &Field, least: u64, time_unit: Duration) -> Result<u64, ConfigError> {
    let rate = field
        .number(ITERATIONS, least, MAX_RATE)
        .map_err(with_hint)?;
    refuse_too_fast(field, rate, time_unit)?;
    Ok(rate)
}

fn refuse_too_fast(field: &Field, rate: u64, time_unit: Duration) -> Result<(), ConfigError> {
    if u128::from(rate) * SECOND > u128::from(MAX_PER_SECOND) * time_unit.as_nanos() {
        let message = format!("expected at most {MAX_PER_SECOND} iterations per second");
        return Err(field.refuse(message));
    }
    Ok(())
}

fn with_hint(error: ConfigError) -> ConfigError {
    if error.hint.is_none() && error.value.contains('.') {
        return error.with_hint("one every two seconds is 1 with a timeUnit of \"2s\"");
    }
    error
}

const ITERATIONS: &str = "iterations per time unit";
const SECOND: u128 = 1_000_000_000;
const DEFAULT_TIME_UNIT: Duration = Duration::from_secs(1);
const SHORTEST_TIME_UNIT: Duration = Duration::from_nanos(1);
/// More starts than any machine makes; keeps areas under a rate far from overflow.
const MAX_RATE: u64 = 1_000_000_000;
const MAX_PER_SECOND: u64 = 1_000_000;

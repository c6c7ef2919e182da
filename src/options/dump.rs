//! The options as they are carried out, under k6's names: what `execution.test.options` shows.
//!
//! Merged, with defaults, shortcuts made into scenarios; what was not set is null.

use serde_json::{Map, Value, json};

use super::{ExecutorConfig, Options, Scenario, Stage};
use crate::units::format_duration;

impl Options {
    /// All of them as one object.
    pub fn to_json(&self) -> Value {
        let scenarios: Map<String, Value> = self
            .scenarios
            .iter()
            .map(|scenario| (scenario.name.clone(), scenario.to_json()))
            .collect();
        let stats: Vec<String> = self
            .summary_trend_stats
            .iter()
            .map(ToString::to_string)
            .collect();
        json!({
            "scenarios": scenarios,
            "thresholds": self.thresholds_json(),
            "tags": self.tags,
            "systemTags": self.system_tags.names().collect::<Vec<_>>(),
            "userAgent": self.user_agent,
            "insecureSkipTLSVerify": self.tls.insecure_skip_verify,
            "tlsVersion": self.given_value("tls_version"),
            "tlsCipherSuites": self.given_value("tls_cipher_suites"),
            "throw": self.throw,
            "noCookiesReset": self.no_cookies_reset,
            "minIterationDuration": format_duration(self.min_iteration_duration),
            "setupTimeout": format_duration(self.setup_timeout),
            "teardownTimeout": format_duration(self.teardown_timeout),
            "handleSummaryTimeout": format_duration(self.handle_summary_timeout),
            "noSetup": self.no_setup,
            "noTeardown": self.no_teardown,
            "summaryTrendStats": stats,
            "summaryTimeUnit": self.summary_time_unit,
            "executionSegment": self.segment.map(|segment| segment.to_string()),
            "executionSegmentSequence": self.sequence.as_ref().map(ToString::to_string),
            "vus": null, "duration": null, "iterations": null, "stages": null,
        })
    }

    fn thresholds_json(&self) -> Value {
        let of_metric = |one: &super::MetricThresholds| {
            let expressions: Vec<&str> = one
                .criteria
                .iter()
                .map(|criterion| &*criterion.expression)
                .collect();
            (one.name.clone(), json!(expressions))
        };
        Value::Object(self.thresholds.iter().map(of_metric).collect())
    }
}

impl Scenario {
    fn to_json(&self) -> Value {
        let mut object = json!({
            "executor": self.executor.name(),
            "startTime": format_duration(self.start_time),
            "gracefulStop": format_duration(self.graceful_stop),
            "exec": self.exec,
            "vuStart": self.vu_start,
            "vuStop": self.vu_stop,
            "env": self.env,
            "tags": self.tags,
        });
        if let (Some(object), Value::Object(own)) = (object.as_object_mut(), own(&self.executor)) {
            object.extend(own);
        }
        object
    }
}

/// What an executor adds.
fn own(executor: &ExecutorConfig) -> Value {
    match executor {
        ExecutorConfig::SharedIterations {
            vus,
            iterations,
            max_duration,
        }
        | ExecutorConfig::PerVuIterations {
            vus,
            iterations,
            max_duration,
        } => json!({
            "vus": vus,
            "iterations": iterations,
            "maxDuration": format_duration(*max_duration),
        }),
        ExecutorConfig::ConstantVus { vus, duration } => json!({
            "vus": vus,
            "duration": format_duration(*duration),
        }),
        ExecutorConfig::RampingVus {
            start_vus,
            stages,
            graceful_ramp_down,
        } => json!({
            "startVUs": start_vus,
            "stages": stages_json(stages),
            "gracefulRampDown": format_duration(*graceful_ramp_down),
        }),
        ExecutorConfig::ConstantArrivalRate {
            rate,
            time_unit,
            duration,
            pre_allocated_vus,
            max_vus,
        } => json!({
            "rate": rate,
            "timeUnit": format_duration(*time_unit),
            "duration": format_duration(*duration),
            "preAllocatedVUs": pre_allocated_vus,
            "maxVUs": max_vus,
        }),
        ExecutorConfig::RampingArrivalRate {
            start_rate,
            time_unit,
            stages,
            pre_allocated_vus,
            max_vus,
        } => json!({
            "startRate": start_rate,
            "timeUnit": format_duration(*time_unit),
            "stages": stages_json(stages),
            "preAllocatedVUs": pre_allocated_vus,
            "maxVUs": max_vus,
        }),
    }
}

fn stages_json(stages: &[Stage]) -> Value {
    let stage = |stage: &Stage| json!({"duration": format_duration(stage.duration), "target": stage.target});
    stages.iter().map(stage).collect()
}

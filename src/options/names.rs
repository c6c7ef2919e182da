//! Every option name we know, in both spellings, and what becomes of it.
//!
//! The one table: reading, messages and suggestions all look here. k6's spelling and our `snake_case` are
//! the same option, so a k6 options block can be pasted. What k6 has and we do not is listed too, because
//! silence would be a lie: it gets a warning.

/// An option name in both spellings; they are equal for a single word.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Our spelling, by which the rest of this module asks for a value.
    pub(super) snake: &'static str,
    /// k6's spelling.
    pub(super) camel: &'static str,
}

impl Name {
    const fn one(word: &'static str) -> Self {
        Self {
            snake: word,
            camel: word,
        }
    }

    const fn two(snake: &'static str, camel: &'static str) -> Self {
        Self { snake, camel }
    }

    /// Whether `key` is this name, in either spelling.
    pub(super) fn is(&self, key: &str) -> bool {
        key == self.snake || key == self.camel
    }

    /// Whether `key` is the environment variable of this name: `K6WS_MAX_VUS`, or k6's `K6_MAX_VUS`.
    pub(super) fn is_variable(&self, key: &str) -> bool {
        let rest = VARIABLES.iter().find_map(|prefix| key.strip_prefix(prefix));
        rest.is_some_and(|rest| rest == self.snake.to_ascii_uppercase())
    }

    /// The spelling that suits an author who wrote `key`.
    pub(super) fn like(&self, key: &str) -> &'static str {
        if key.contains('_') {
            self.snake
        } else {
            self.camel
        }
    }
}

/// What becomes of a top-level option.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Read and acted upon.
    Honoured,
    /// It has no effect; the text completes the warning `option 'x' …`.
    Ignored(&'static str),
}

use Standing::{Honoured, Ignored};

/// The options that say how much is run. They come from one tier, together; `vus` is overridden by itself.
pub(super) const EXECUTION: &[&str] = &["duration", "iterations", "stages", "scenarios"];

/// Top-level options.
pub(super) const OPTIONS: &[(Name, Standing)] = &[
    (Name::one("vus"), Honoured),
    (Name::one("duration"), Honoured),
    (Name::one("iterations"), Honoured),
    (Name::one("scenarios"), Honoured),
    (Name::one("tags"), Honoured),
    (Name::two("system_tags", "systemTags"), Honoured),
    (Name::two("user_agent", "userAgent"), Honoured),
    (
        Name::two("insecure_skip_tls_verify", "insecureSkipTLSVerify"),
        Honoured,
    ),
    (Name::one("throw"), Honoured),
    (
        Name::two("fail_on_exceptions", "failOnExceptions"),
        Honoured,
    ),
    (Name::two("no_cookies_reset", "noCookiesReset"), Honoured),
    (
        Name::two("summary_trend_stats", "summaryTrendStats"),
        Honoured,
    ),
    (Name::two("summary_time_unit", "summaryTimeUnit"), Honoured),
    (Name::one("stages"), Honoured),
    (Name::two("execution_segment", "executionSegment"), Honoured),
    (
        Name::two("execution_segment_sequence", "executionSegmentSequence"),
        Honoured,
    ),
    (Name::one("paused"), Honoured),
    (
        Name::two("min_iteration_duration", "minIterationDuration"),
        Honoured,
    ),
    (Name::one("hosts"), Honoured),
    (Name::two("blacklist_ips", "blacklistIPs"), Honoured),
    (Name::two("block_hostnames", "blockHostnames"), Honoured),
    (Name::one("thresholds"), Honoured),
    (Name::two("no_thresholds", "noThresholds"), Honoured),
    (Name::one("show"), Honoured),
    (Name::two("setup_timeout", "setupTimeout"), Honoured),
    (Name::two("teardown_timeout", "teardownTimeout"), Honoured),
    (
        Name::two("handle_summary_timeout", "handleSummaryTimeout"),
        Honoured,
    ),
    (Name::two("no_setup", "noSetup"), Honoured),
    (Name::two("no_teardown", "noTeardown"), Honoured),
    (Name::one("dns"), Honoured),
    (Name::two("local_ips", "localIPs"), Honoured),
    (Name::two("tls_version", "tlsVersion"), Honoured),
    (Name::two("tls_cipher_suites", "tlsCipherSuites"), Honoured),
    (Name::two("tls_auth", "tlsAuth"), Honoured),
    (
        Name::two("metric_samples_buffer_size", "metricSamplesBufferSize"),
        Ignored(NO_NEED),
    ),
    (
        Name::two("no_usage_report", "noUsageReport"),
        Ignored(NO_NEED),
    ),
    (
        Name::two("max_redirects", "maxRedirects"),
        Ignored(HTTP_ONLY),
    ),
    (Name::two("http_debug", "httpDebug"), Ignored(HTTP_ONLY)),
    (
        Name::two("discard_response_bodies", "discardResponseBodies"),
        Ignored(HTTP_ONLY),
    ),
    (Name::one("batch"), Ignored(HTTP_ONLY)),
    (
        Name::two("batch_per_host", "batchPerHost"),
        Ignored(HTTP_ONLY),
    ),
    (Name::one("rps"), Ignored(HTTP_ONLY)),
    (
        Name::two("no_connection_reuse", "noConnectionReuse"),
        Ignored(HTTP_ONLY),
    ),
    (
        Name::two("no_vu_connection_reuse", "noVUConnectionReuse"),
        Ignored(HTTP_ONLY),
    ),
    (Name::one("cloud"), Ignored(CLOUD)),
    (Name::one("ext"), Ignored(CLOUD)),
];

/// What every scenario may say.
pub(super) const SCENARIO: &[Name] = &[
    Name::one("executor"),
    Name::two("start_time", "startTime"),
    Name::two("graceful_stop", "gracefulStop"),
    Name::one("exec"),
    Name::two("vu_start", "vuStart"),
    Name::two("vu_stop", "vuStop"),
    Name::one("env"),
    Name::one("tags"),
    Name::one("options"),
];

/// What a threshold that is more than its expression may say.
pub(super) const THRESHOLD: &[Name] = &[
    Name::one("threshold"),
    Name::two("abort_on_fail", "abortOnFail"),
    Name::two("delay_abort_eval", "delayAbortEval"),
    Name::two("allow_no_data", "allowNoData"),
];

/// What `tlsVersion` says when it is more than one version.
pub(super) const TLS_VERSION: &[Name] = &[Name::one("min"), Name::one("max")];

/// What an entry of `tlsAuth` says.
pub(super) const TLS_AUTH: &[Name] = &[
    Name::one("cert"),
    Name::one("key"),
    Name::one("password"),
    Name::one("domains"),
];

/// An executor by name, and the keys it adds to [`SCENARIO`].
#[derive(Debug)]
pub(super) struct Executor {
    pub(super) name: &'static str,
    pub(super) kind: ExecutorKind,
    pub(super) own: &'static [Name],
}

/// The executors, as k6 has them.
#[derive(Debug, Clone, Copy)]
pub(super) enum ExecutorKind {
    SharedIterations,
    PerVuIterations,
    ConstantVus,
    RampingVus,
    ConstantArrivalRate,
    RampingArrivalRate,
}

/// The executors of `scenarios.*.executor`.
pub(super) const EXECUTORS: &[Executor] = &[
    Executor {
        name: "shared-iterations",
        kind: ExecutorKind::SharedIterations,
        own: ITERATIONS,
    },
    Executor {
        name: "per-vu-iterations",
        kind: ExecutorKind::PerVuIterations,
        own: ITERATIONS,
    },
    Executor {
        name: "constant-vus",
        kind: ExecutorKind::ConstantVus,
        own: &[Name::one("vus"), Name::one("duration")],
    },
    Executor {
        name: "ramping-vus",
        kind: ExecutorKind::RampingVus,
        own: &[
            Name::two("start_vus", "startVUs"),
            Name::one("stages"),
            Name::two("graceful_ramp_down", "gracefulRampDown"),
        ],
    },
    Executor {
        name: "constant-arrival-rate",
        kind: ExecutorKind::ConstantArrivalRate,
        own: &[
            Name::one("rate"),
            TIME_UNIT,
            Name::one("duration"),
            PRE_ALLOCATED_VUS,
            MAX_VUS,
        ],
    },
    Executor {
        name: "ramping-arrival-rate",
        kind: ExecutorKind::RampingArrivalRate,
        own: &[
            Name::two("start_rate", "startRate"),
            TIME_UNIT,
            Name::one("stages"),
            PRE_ALLOCATED_VUS,
            MAX_VUS,
        ],
    },
];

/// What a stage says.
pub(super) const STAGE: &[Name] = &[Name::one("duration"), Name::one("target")];

const TIME_UNIT: Name = Name::two("time_unit", "timeUnit");
const PRE_ALLOCATED_VUS: Name = Name::two("pre_allocated_vus", "preAllocatedVUs");
const MAX_VUS: Name = Name::two("max_vus", "maxVUs");

const ITERATIONS: &[Name] = &[
    Name::one("vus"),
    Name::one("iterations"),
    Name::two("max_duration", "maxDuration"),
];

/// How variables for options begin: ours, and k6's, which mean the same.
const VARIABLES: [&str; 2] = ["K6WS_", "K6_"];

const NO_NEED: &str = "has no effect: there is nothing here to configure";
const HTTP_ONLY: &str = "has no effect: it acts on HTTP requests only";
const CLOUD: &str = "has no effect: it configures Grafana Cloud";

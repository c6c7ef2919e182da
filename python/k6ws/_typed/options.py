"""The options of a script and of ``k6ws.run``: every key in k6's spelling and in ours.

One in both spellings is refused when the run begins; no type can say that. Where k6 wants a list, one word is
no list: so these are lists here, and not sequences, which a text is as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Required, TypeAlias, TypedDict

from k6ws._typed.scenarios import Scenario, Stage
from k6ws._typed.values import Duration, Number

TlsVersion: TypeAlias = Literal["tls1.2", "tls1.3"]


class Threshold(TypedDict, total=False):
    """A threshold that is more than its expression."""

    threshold: Required[str]
    abortOnFail: bool
    abort_on_fail: bool
    delayAbortEval: Duration
    delay_abort_eval: Duration
    allowNoData: bool
    allow_no_data: bool


class Dns(TypedDict, total=False):
    """How names are resolved."""

    ttl: Duration
    select: Literal["first", "random", "roundRobin"]
    policy: Literal["preferIPv4", "preferIPv6", "onlyIPv4", "onlyIPv6", "any"]


class TlsVersions(TypedDict, total=False):
    """The lowest and the highest version of TLS that may be spoken."""

    min: TlsVersion
    max: TlsVersion


class TlsAuth(TypedDict, total=False):
    """A client certificate: PEM texts, and the hosts that it is for."""

    cert: Required[str]
    key: str
    password: str
    domains: list[str]


class Options(TypedDict, total=False):
    """The ``options`` of a script, and the keywords of :func:`k6ws.run`.

    What they mean, and what holds without them, is in ``docs/reference/options.md``.

    Example:
        >>> from k6ws import Options
        >>> options: Options = {"vus": 10, "duration": "30s", "thresholds": {"checks": ["rate==1"]}}
    """

    # How much is run.
    vus: Number
    duration: Duration
    iterations: Number
    stages: list[Stage]
    scenarios: Mapping[str, Scenario]
    executionSegment: str
    execution_segment: str
    executionSegmentSequence: list[str]
    execution_segment_sequence: list[str]
    paused: bool
    noSetup: bool
    no_setup: bool
    noTeardown: bool
    no_teardown: bool
    setupTimeout: Duration
    setup_timeout: Duration
    teardownTimeout: Duration
    teardown_timeout: Duration
    handleSummaryTimeout: Duration
    handle_summary_timeout: Duration
    minIterationDuration: Duration
    min_iteration_duration: Duration
    throw: bool
    failOnExceptions: bool
    fail_on_exceptions: bool
    # What is measured, and what is said of it.
    thresholds: Mapping[str, list[str | Threshold]]
    noThresholds: bool
    no_thresholds: bool
    show: list[str]
    tags: Mapping[str, str]
    systemTags: list[str]
    system_tags: list[str]
    summaryTrendStats: list[str]
    summary_trend_stats: list[str]
    summaryTimeUnit: Literal["s", "ms", "us"]
    summary_time_unit: Literal["s", "ms", "us"]
    # Where connections go, and how.
    hosts: Mapping[str, str]
    dns: Dns | str
    localIPs: list[str] | str
    local_ips: list[str] | str
    blacklistIPs: list[str]
    blacklist_ips: list[str]
    blockHostnames: list[str]
    block_hostnames: list[str]
    insecureSkipTLSVerify: bool
    insecure_skip_tls_verify: bool
    tlsVersion: TlsVersion | TlsVersions
    tls_version: TlsVersion | TlsVersions
    tlsCipherSuites: list[str]
    tls_cipher_suites: list[str]
    tlsAuth: list[TlsAuth]
    tls_auth: list[TlsAuth]
    userAgent: str
    user_agent: str
    noCookiesReset: bool
    no_cookies_reset: bool
    # k6 has them; here they have no effect, and a warning says so.
    metricSamplesBufferSize: object
    metric_samples_buffer_size: object
    noUsageReport: object
    no_usage_report: object
    maxRedirects: object
    max_redirects: object
    httpDebug: object
    http_debug: object
    batch: object
    batchPerHost: object
    batch_per_host: object
    rps: object
    discardResponseBodies: object
    discard_response_bodies: object
    noConnectionReuse: object
    no_connection_reuse: object
    noVUConnectionReuse: object
    no_vu_connection_reuse: object
    cloud: object
    ext: object

"""Scenarios: a class for each executor, which its name tells apart; keys in k6's spelling and in ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Required, TypeAlias, TypedDict

from k6ws._typed.values import Duration, Number


class Stage(TypedDict):
    """The way, in a straight line, from where the last stage ended to ``target``."""

    duration: Duration
    target: Number


class AnyScenario(TypedDict, total=False):
    """What every scenario may say."""

    exec: str
    startTime: Duration
    start_time: Duration
    gracefulStop: Duration
    graceful_stop: Duration
    vuStart: str
    vu_start: str
    vuStop: str
    vu_stop: str
    env: Mapping[str, str]
    tags: Mapping[str, str]
    options: Mapping[str, object]


class _Iterations(AnyScenario, total=False):
    vus: Number
    iterations: Number
    maxDuration: Duration
    max_duration: Duration


class SharedIterations(_Iterations, total=False):
    """A number of iterations that the VUs share."""

    executor: Required[Literal["shared-iterations"]]


class PerVuIterations(_Iterations, total=False):
    """A number of iterations for each VU."""

    executor: Required[Literal["per-vu-iterations"]]


class ConstantVus(AnyScenario, total=False):
    """As many iterations as a number of VUs can do in a time."""

    executor: Required[Literal["constant-vus"]]
    vus: Number
    duration: Required[Duration]


class RampingVus(AnyScenario, total=False):
    """The same, with a number of VUs that changes."""

    executor: Required[Literal["ramping-vus"]]
    startVUs: Number
    start_vus: Number
    stages: Required[list[Stage]]
    gracefulRampDown: Duration
    graceful_ramp_down: Duration


class _Arrivals(AnyScenario, total=False):
    timeUnit: Duration
    time_unit: Duration
    preAllocatedVUs: Number
    pre_allocated_vus: Number
    maxVUs: Number
    max_vus: Number


class ConstantArrivalRate(_Arrivals, total=False):
    """Iterations that begin at a fixed rate, whatever the VUs do."""

    executor: Required[Literal["constant-arrival-rate"]]
    rate: Required[Number]
    duration: Required[Duration]


class RampingArrivalRate(_Arrivals, total=False):
    """Iterations that begin at a rate that changes."""

    executor: Required[Literal["ramping-arrival-rate"]]
    startRate: Number
    start_rate: Number
    stages: Required[list[Stage]]


Scenario: TypeAlias = (
    SharedIterations
    | PerVuIterations
    | ConstantVus
    | RampingVus
    | ConstantArrivalRate
    | RampingArrivalRate
)
"""One entry of ``scenarios``: what its ``executor`` takes."""

"""The built-in metrics as type checkers see them: ``metrics["ws_req_duration"].med`` is known to be there.

Nothing is made of these classes: a :class:`Metric` is seen as one of them, where its name is written out. A
test holds the names and the core's table together.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from k6ws._result.metric import Figures

CounterName: TypeAlias = Literal[
    "data_received",
    "data_sent",
    "dropped_iterations",
    "iterations",
    "marks",
    "tcp_auto_replies",
    "tcp_deliveries",
    "tcp_deliveries_doubled",
    "tcp_deliveries_early",
    "tcp_deliveries_lost",
    "tcp_errors",
    "tcp_msgs_received",
    "tcp_msgs_unhandled",
    "tcp_partial_writes",
    "tcp_reads",
    "tcp_reconnects",
    "tcp_req_late",
    "tcp_reqs",
    "tcp_sockets",
    "tcp_timeouts",
    "tcp_writes",
    "tcp_writes_unsent",
    "vu_failed",
    "ws_auto_replies",
    "ws_closes",
    "ws_connect_failed",
    "ws_deliveries",
    "ws_deliveries_doubled",
    "ws_deliveries_early",
    "ws_deliveries_lost",
    "ws_msgs_dropped",
    "ws_msgs_received",
    "ws_msgs_sent",
    "ws_msgs_unhandled",
    "ws_msgs_unsent",
    "ws_paused",
    "ws_reconnects",
    "ws_req_late",
    "ws_reqs",
    "ws_sessions",
]
GaugeName: TypeAlias = Literal[
    "generator_cpu",
    "vus",
    "vus_max",
    "ws_active",
]
RateName: TypeAlias = Literal[
    "checks",
    "iteration_failed",
    "tcp_req_failed",
    "ws_req_failed",
]
TrendName: TypeAlias = Literal[
    "driver_lag",
    "group_duration",
    "iteration_duration",
    "iteration_lateness",
    "tcp_delivery_duration",
    "tcp_downtime",
    "tcp_req_blocked",
    "tcp_req_duration",
    "tcp_req_first_duration",
    "tcp_req_gap",
    "tcp_req_planned_duration",
    "tcp_req_stall",
    "tcp_socket_connecting",
    "tcp_socket_duration",
    "tcp_socket_resolving",
    "tcp_socket_tls",
    "vu_loop_lag",
    "ws_connecting",
    "ws_delivery_duration",
    "ws_dns",
    "ws_downtime",
    "ws_msg_size",
    "ws_ping",
    "ws_req_blocked",
    "ws_req_duration",
    "ws_req_first_duration",
    "ws_req_gap",
    "ws_req_planned_duration",
    "ws_req_stall",
    "ws_session_duration",
    "ws_tcp",
    "ws_tls",
    "ws_upgrade",
]


class CounterFigures(Figures):
    """A sum."""

    count: float
    rate: float


class GaugeFigures(Figures):
    """The last value, the smallest and the largest."""

    value: float
    min: float
    max: float


class RateFigures(Figures):
    """The share of samples that are not zero."""

    rate: float
    passes: float
    fails: float


class TrendFigures(Figures):
    """A distribution; which of its figures there are, ``summaryTrendStats`` says."""

    avg: float
    min: float
    med: float
    max: float
    count: float

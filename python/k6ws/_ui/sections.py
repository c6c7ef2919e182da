"""Which heading of the summary a metric stands under.

k6 decides by prefix, so a script's own `ws_foo` hides among the built-in ones and `checks_foo`
vanishes. Here only the exact names below leave CUSTOM, and only `checks` and `group_duration` have
no row: checks have a block of their own, and group times are for thresholds and files.

A new built-in metric that is not listed here is still shown, under CUSTOM.
"""

from __future__ import annotations

__all__ = ["SECTIONS", "is_hidden", "parent_name", "section_of", "tags_of"]

SECTIONS = ("CUSTOM", "EXECUTION", "NETWORK", "REQUESTS", "WEBSOCKET", "TCP")
"""Headings in the order in which they appear."""


def section_of(metric: str) -> str:
    """The heading for a metric or submetric name."""
    # A built-in metric whose name the script has taken.
    return _SECTION_BY_NAME.get(parent_name(metric).removeprefix("k6ws_"), "CUSTOM")


def is_hidden(metric: str) -> bool:
    """Whether the metric, or the metric it is a part of, has no row."""
    return parent_name(metric) in _HIDDEN


def parent_name(metric: str) -> str:
    """`ws_ping` for both `ws_ping` and `ws_ping{scenario:a}`."""
    return metric.partition("{")[0].strip()


def tags_of(metric: str) -> str | None:
    """`scenario:a` for `ws_ping{scenario:a}`, nothing for a whole metric."""
    _, brace, tags = metric.partition("{")
    return tags.removesuffix("}").strip() if brace else None


_HIDDEN = frozenset({"checks", "group_duration"})

_NAMES = {
    "EXECUTION": (
        "driver_lag",
        "dropped_iterations",
        "generator_cpu",
        "generator_lag",
        "iteration_duration",
        "iteration_failed",
        "iteration_lateness",
        "iterations",
        "marks",
        "vu_failed",
        "vu_loop_lag",
        "vus",
        "vus_max",
    ),
    "NETWORK": ("data_received", "data_sent"),
    "REQUESTS": (
        "tcp_auto_replies",
        "tcp_deliveries",
        "tcp_deliveries_doubled",
        "tcp_deliveries_early",
        "tcp_deliveries_lost",
        "tcp_delivery_duration",
        "tcp_req_blocked",
        "tcp_req_duration",
        "tcp_req_failed",
        "tcp_req_first_duration",
        "tcp_req_gap",
        "tcp_req_late",
        "tcp_req_planned_duration",
        "tcp_req_stall",
        "tcp_reqs",
        "ws_auto_replies",
        "ws_deliveries",
        "ws_deliveries_doubled",
        "ws_deliveries_early",
        "ws_deliveries_lost",
        "ws_delivery_duration",
        "ws_req_blocked",
        "ws_req_duration",
        "ws_req_failed",
        "ws_req_first_duration",
        "ws_req_gap",
        "ws_req_late",
        "ws_req_planned_duration",
        "ws_req_stall",
        "ws_reqs",
    ),
    "WEBSOCKET": (
        "ws_active",
        "ws_bytes_payload",
        "ws_bytes_wire",
        "ws_closes",
        "ws_connect_failed",
        "ws_connecting",
        "ws_dns",
        "ws_downtime",
        "ws_fanout_duration",
        "ws_msg_size",
        "ws_msgs_dropped",
        "ws_msgs_received",
        "ws_msgs_sent",
        "ws_msgs_unhandled",
        "ws_msgs_unsent",
        "ws_paused",
        "ws_ping",
        "ws_reconnects",
        "ws_session_duration",
        "ws_sessions",
        "ws_tcp",
        "ws_tls",
        "ws_upgrade",
    ),
    "TCP": (
        "tcp_downtime",
        "tcp_errors",
        "tcp_msgs_received",
        "tcp_msgs_unhandled",
        "tcp_partial_writes",
        "tcp_reads",
        "tcp_reconnects",
        "tcp_send_blocked",
        "tcp_socket_connecting",
        "tcp_socket_duration",
        "tcp_socket_resolving",
        "tcp_socket_tls",
        "tcp_sockets",
        "tcp_timeouts",
        "tcp_writes",
        "tcp_writes_unsent",
    ),
}
_SECTION_BY_NAME = {name: section for section, names in _NAMES.items() for name in names}

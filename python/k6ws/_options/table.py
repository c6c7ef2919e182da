"""Every option in one table: its flags, its variable, its default, and how a text stands for it.

What an option does is the core's affair (`src/options`); whether it has an effect at all is known there too.
A test holds this table, the core's and `docs/reference/options.md` together. To give an option a flag, fill
in its row.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a text on the command line or in a variable stands for."""

    TEXT = "text"
    NUMBER = "a whole number"
    TIME = "a duration"
    SWITCH = "true or false"
    WORDS = "words with commas between; the flag may be repeated"
    PAIRS = "names and values; the flag is repeated"
    STAGES = "TIME:TARGET with commas between; the flag may be repeated"
    FIELDS = "name=value with commas between"
    OBJECT = "JSON only: a file or a script"


@dataclass(frozen=True)
class Row:
    """One option.

    Attributes:
        name: Our spelling; the core knows k6's.
        kind: How a text stands for it.
        flags: How it is spelled on the command line, the short form first; none if k6 has none.
        metavar: What the help shows for its value.
        help: One sentence for the help and the documents.
        default: What holds if nobody says anything, for the documents.
        has_variable: Whether ``K6WS_NAME`` and ``K6_NAME`` set it.
        is_hidden: Accepted for the sake of old command lines, not advertised.
    """

    name: str
    kind: Kind
    flags: tuple[str, ...] = ()
    metavar: str = ""
    help: str = ""
    default: str = ""
    has_variable: bool = True
    is_hidden: bool = False

    @property
    def variable(self) -> str:
        """The environment variable, without its prefix."""
        return self.name.upper()


_HTTP = "Accepted for the sake of k6's command lines; it acts on HTTP requests only."

ROWS: tuple[Row, ...] = (
    # How much is run.
    Row("vus", Kind.NUMBER, ("-u", "--vus"), "N", "Virtual users.", "1"),
    Row("duration", Kind.TIME, ("-d", "--duration"), "TIME", "How long to run: 30s, 1m30s."),
    Row(
        "iterations", Kind.NUMBER, ("-i", "--iterations"), "N", "Iterations, shared among the VUs."
    ),
    Row(
        "stages",
        Kind.STAGES,
        ("-s", "--stage"),
        "TIME:TARGET",
        "Ramp to TARGET VUs within TIME; repeat it, or put commas between.",
    ),
    Row(
        "scenarios",
        Kind.OBJECT,
        help="Loads side by side, each with an executor of its own: see below.",
        has_variable=False,
    ),
    Row(
        "execution_segment",
        Kind.TEXT,
        ("--execution-segment",),
        "FROM:TO",
        "Run this part of the test only: 0:1/4, 25%:50%.",
        "all of it",
        has_variable=False,
    ),
    Row(
        "execution_segment_sequence",
        Kind.WORDS,
        ("--execution-segment-sequence",),
        "A,B,…",
        "Where all parts begin and end: 0,1/4,1/2,1.",
        has_variable=False,
    ),
    Row(
        "paused",
        Kind.SWITCH,
        ("-p", "--paused"),
        help="Wait with the start for the REST API; needs --address.",
        default="false",
    ),
    Row("no_setup", Kind.SWITCH, ("--no-setup",), help="Leave setup() out.", default="false"),
    Row(
        "no_teardown",
        Kind.SWITCH,
        ("--no-teardown",),
        help="Leave teardown() out.",
        default="false",
    ),
    Row("setup_timeout", Kind.TIME, help="How long setup() may take.", default="60s"),
    Row("teardown_timeout", Kind.TIME, help="How long teardown() may take.", default="60s"),
    Row(
        "handle_summary_timeout",
        Kind.TIME,
        help="How long handle_summary() may take.",
        default="2m",
    ),
    Row(
        "min_iteration_duration",
        Kind.TIME,
        ("--min-iteration-duration",),
        "TIME",
        "A VU waits until its iteration took this long.",
        "0s",
    ),
    Row(
        "throw",
        Kind.SWITCH,
        ("-w", "--throw"),
        help="Raise what is otherwise a warning, such as a connection that fails.",
        default="false",
    ),
    Row(
        "fail_on_exceptions",
        Kind.SWITCH,
        ("--fail-on-exceptions",),
        help="Exit with 107 if an iteration raised.",
        default="false",
    ),
    # What is measured, and what is said of it.
    Row(
        "thresholds",
        Kind.OBJECT,
        help="What must hold for the run to pass.",
        default="none",
        has_variable=False,
    ),
    Row(
        "no_thresholds",
        Kind.SWITCH,
        ("--no-thresholds",),
        help="Judge by no thresholds.",
        default="false",
    ),
    Row(
        "show",
        Kind.WORDS,
        ("--show",),
        "METRIC,…",
        "Show these metrics while the run lasts; in the summary they are as well.",
        "none",
    ),
    Row("tags", Kind.PAIRS, ("--tag",), "NAME=VALUE", "Tag for every sample.", "none"),
    Row(
        "system_tags",
        Kind.WORDS,
        ("--system-tags",),
        "A,B,…",
        "Which of the built-in tags samples carry.",
        "k6's",
    ),
    Row(
        "summary_trend_stats",
        Kind.WORDS,
        ("--summary-trend-stats",),
        "A,B,…",
        "What the summary says of a trend: avg, min, med, max, count, p(99.9) …",
        "avg,min,med,max,p(90),p(95)",
    ),
    Row(
        "summary_time_unit",
        Kind.TEXT,
        ("--summary-time-unit",),
        "s|ms|us",
        "One unit for all times of the summary.",
        "by size",
    ),
    Row("metric_samples_buffer_size", Kind.NUMBER),
    # Where connections go, and how.
    Row(
        "hosts",
        Kind.PAIRS,
        help="Names, perhaps with a port, and where to dial instead.",
        default="none",
    ),
    Row(
        "dns",
        Kind.FIELDS,
        ("--dns",),
        "ttl=…,select=…,policy=…",
        "How names are resolved.",
        "ttl=5m,select=random,policy=preferIPv4",
    ),
    Row(
        "local_ips",
        Kind.WORDS,
        ("--local-ips",),
        "IP,RANGE,CIDR",
        "Connect from these addresses, the one in least use next.",
        "the system's choice",
    ),
    Row("blacklist_ips", Kind.WORDS, ("--blacklist-ip",), "CIDR", "Never connect there.", "none"),
    Row(
        "block_hostnames",
        Kind.WORDS,
        ("--block-hostnames",),
        "PATTERN",
        "Never connect to such names: example.com, *.example.com.",
        "none",
    ),
    Row(
        "insecure_skip_tls_verify",
        Kind.SWITCH,
        ("--insecure-skip-tls-verify",),
        help="Accept any TLS certificate.",
        default="false",
    ),
    Row(
        "tls_version",
        Kind.OBJECT,
        help="The versions of TLS that may be spoken.",
        default="tls1.2 to tls1.3",
        has_variable=False,
    ),
    Row(
        "tls_cipher_suites",
        Kind.WORDS,
        help="Exactly these cipher suites are offered.",
        default="all of them",
    ),
    Row(
        "tls_auth",
        Kind.OBJECT,
        help="Client certificates, each for some hosts.",
        default="none",
        has_variable=False,
    ),
    Row(
        "user_agent",
        Kind.TEXT,
        ("--user-agent",),
        "TEXT",
        "The User-Agent of handshakes.",
        "k6ws/VERSION",
    ),
    Row(
        "no_cookies_reset",
        Kind.SWITCH,
        help="Keep the cookies of a VU from one iteration to the next.",
        default="false",
    ),
    # k6 has them; here they have no effect, and a warning says so.
    Row(
        "no_usage_report",
        Kind.SWITCH,
        ("--no-usage-report",),
        help="Nothing is ever reported.",
        is_hidden=True,
    ),
    Row("max_redirects", Kind.NUMBER, ("--max-redirects",), "N", _HTTP, is_hidden=True),
    Row("http_debug", Kind.TEXT, ("--http-debug",), "TEXT", _HTTP, is_hidden=True),
    Row("batch", Kind.NUMBER, ("--batch",), "N", _HTTP, is_hidden=True),
    Row("batch_per_host", Kind.NUMBER, ("--batch-per-host",), "N", _HTTP, is_hidden=True),
    Row("rps", Kind.NUMBER, ("--rps",), "N", _HTTP, is_hidden=True),
    Row(
        "discard_response_bodies",
        Kind.SWITCH,
        ("--discard-response-bodies",),
        help=_HTTP,
        is_hidden=True,
    ),
    Row("no_connection_reuse", Kind.SWITCH, ("--no-connection-reuse",), help=_HTTP, is_hidden=True),
    Row(
        "no_vu_connection_reuse",
        Kind.SWITCH,
        ("--no-vu-connection-reuse",),
        help=_HTTP,
        is_hidden=True,
    ),
    Row("cloud", Kind.OBJECT, has_variable=False),
    Row("ext", Kind.OBJECT, has_variable=False),
)

# What a command does with a run, as opposed to what the run is: flags, variables and the configuration file
# say it, a script does not. Our spelling, and k6's in the file.
SETTINGS: tuple[tuple[str, str], ...] = (
    ("out", "out"),
    ("linger", "linger"),
    ("console_output", "consoleOutput"),
    ("summary_mode", "summaryMode"),
    ("summary_export", "summaryExport"),
)

# Variables that are no options, so that they are not taken for misspelled ones.
OTHER_VARIABLES = frozenset(
    {name.upper() for name, _ in SETTINGS}
    | {
        "ADDRESS",
        "CONFIG",
        "DASHBOARD",
        "DASHBOARD_TOKEN",
        "FAIL_ON_UNTRUSTWORTHY",
        "JUNIT",
        "LOG_FORMAT",
        "LOG_OUTPUT",
        "NO_COLOR",
        "NO_GC_TUNING",
        "REPORT",
        "SECRET_SOURCE",
        "STRICT",
        "WS_DEBUG",
    }
)

_BY_NAME = {row.name: row for row in ROWS}


def row_of(name: str) -> Row:
    """The row of an option, by our spelling."""
    return _BY_NAME[name]

"""Draws a run in the terminal: pure functions from data to text.

Nothing here reads a clock, a socket, an environment or a global; width and colour are arguments.
Only `LiveDisplay` writes, to the stream it is given. Imports nothing else of k6ws.
`junit` is imported by who wants it: few runs write XML.
"""

from .bar import Executor, Phase, ScenarioProgress
from .conditions import compared, observed
from .display import Display
from .format import format_go_duration, format_value
from .html import render_html
from .last_line import render_verdict
from .limits import Limit, render_limits
from .live import LINES_MS, TERMINAL_MS, LiveDisplay
from .markdown import render_markdown
from .notebook import NOTEBOOK_MS, NotebookDisplay
from .plan import ScenarioPlan, render_plan
from .progress import (
    LiveNumbers,
    Progress,
    render_banner,
    render_plain,
    render_progress,
)
from .summary import render_summary
from .text import printable, shown_name, shown_text, without_escapes
from .troubles import headline
from .verdicts import check_path, each_check
from .watched import Watched

__all__ = [
    "LINES_MS",
    "NOTEBOOK_MS",
    "TERMINAL_MS",
    "Display",
    "Executor",
    "Limit",
    "LiveDisplay",
    "LiveNumbers",
    "NotebookDisplay",
    "Phase",
    "Progress",
    "ScenarioPlan",
    "ScenarioProgress",
    "Watched",
    "check_path",
    "compared",
    "each_check",
    "format_go_duration",
    "format_value",
    "headline",
    "observed",
    "printable",
    "render_banner",
    "render_html",
    "render_limits",
    "render_markdown",
    "render_plain",
    "render_plan",
    "render_progress",
    "render_summary",
    "render_verdict",
    "shown_name",
    "shown_text",
    "without_escapes",
]

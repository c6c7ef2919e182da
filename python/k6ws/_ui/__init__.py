"""Draws a run in the terminal: pure functions from data to text.

Nothing here reads a clock, a socket, an environment or a global; width and colour are arguments.
Only `LiveDisplay` writes, to the stream it is given. Imports nothing else of k6ws.
`junit` is imported by who wants it: few runs write XML.
"""

from .bar import Executor, Phase, ScenarioProgress
from .format import format_go_duration
from .limits import Limit, render_limits
from .live import LiveDisplay
from .markdown import render_markdown
from .plan import ScenarioPlan, render_plan
from .progress import (
    LiveNumbers,
    Progress,
    render_banner,
    render_plain,
    render_progress,
)
from .summary import render_summary
from .text import printable

__all__ = [
    "Executor",
    "Limit",
    "LiveDisplay",
    "LiveNumbers",
    "Phase",
    "Progress",
    "ScenarioPlan",
    "ScenarioProgress",
    "format_go_duration",
    "printable",
    "render_banner",
    "render_limits",
    "render_markdown",
    "render_plain",
    "render_plan",
    "render_progress",
    "render_summary",
]

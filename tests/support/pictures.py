"""What a terminal shows, as an SVG picture: the same letters give the same bytes on every machine."""

from __future__ import annotations

import io

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

# A dark terminal with colours that are told apart by eyes that see few.
THEME = TerminalTheme(
    (24, 26, 31),
    (214, 217, 224),
    [
        (24, 26, 31),
        (255, 123, 114),
        (126, 205, 132),
        (230, 192, 100),
        (121, 184, 255),
        (210, 168, 255),
        (118, 212, 224),
        (214, 217, 224),
    ],
)

# No font is fetched: the reader's own does, since every run of letters is given its width.
FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>k6ws in a terminal</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
<rect fill="#181a1f" width="{width}" height="{height}" rx="8"/>
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def picture(text: str, *, width: int) -> str:
    """The text, with its colours, as a terminal of that width shows it."""
    console = Console(
        record=True,
        file=io.StringIO(),
        width=width,
        force_terminal=True,
        color_system="standard",
        legacy_windows=False,
        highlight=False,
        emoji=False,
        markup=False,
    )
    console.print(Text.from_ansi(text.strip("\n"), overflow="fold"))
    drawn = console.export_svg(code_format=FORMAT, theme=THEME, unique_id="k6ws")
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"

"""docs/reference/command-line.md has every command and every flag of the program, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from k6ws._cli.main import COMMANDS, main
from k6ws._options import ROWS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "command-line.md").read_text()
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
WITH_A_SCRIPT = {"run", "inspect", "archive"}
# In the table of docs/reference/options.md, which has a test of its own.
OF_OPTIONS = {row.name for row in ROWS}
READ_ELSEWHERE = {"-o, --out": "K6WS_OUT", "--no-color": "K6WS_NO_COLOR"}


def shown(section: str) -> dict[str, str]:
    """The flags in the first column of a section's tables, the long one to its variables."""
    rows = re.findall(r"^\| (`-[^|]+) \|(.*)\|$", section, re.MULTILINE)
    return {
        ", ".join(re.findall(r"`(-[^`]+)`", flags)): ", ".join(re.findall(r"`(K6WS_\w+)`", rest))
        for flags, rest in rows
    }


def taken(command: click.Command) -> dict[str, str]:
    """The flags that a command takes, but for options of the test and its help."""
    found: dict[str, str] = {}
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            variables = parameter.envvar or ()
            variables = [variables] if isinstance(variables, str) else list(variables)
            flags = ", ".join(parameter.opts)
            if parameter.name not in OF_OPTIONS:
                found[flags] = ", ".join(name for name in variables if name.startswith("K6WS_"))
    return found


def command_of(name: str) -> click.Command:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    return command


def section_of(name: str) -> str:
    [section] = [text for title, text in SECTIONS.items() if title.startswith(f"`k6ws {name}")]
    return section


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_has_the_flags_of_its_section(name: str) -> None:
    expected = set(taken(command_of(name)))
    flags = set(shown(section_of(name)))
    if name in WITH_A_SCRIPT:
        [shared] = [text for title, text in SECTIONS.items() if title.startswith("With a script")]
        flags |= set(shown(shared))
    assert flags == expected


def test_every_section_of_a_command_is_one() -> None:
    titles = [title for title in SECTIONS if title.startswith("`k6ws ")]
    assert {title.split()[1].rstrip("`") for title in titles} == set(COMMANDS)


def test_variables_are_those_that_are_read() -> None:
    [shared] = [text for title, text in SECTIONS.items() if title.startswith("With a script")]
    # Click reads the variables of all but these two.
    read = taken(command_of("run")) | READ_ELSEWHERE
    assert {**shown(shared), **shown(section_of("run"))} == read

"""docs/reference/environment.md has the variables that are read; those of options have a page of theirs."""

from __future__ import annotations

import re
from pathlib import Path

import click

from k6ws._cli.main import COMMANDS, main
from k6ws._options import ROWS
from k6ws._options.table import OTHER_VARIABLES

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "environment.md").read_text()
# Read where they are used, not by click.
READ_ELSEWHERE = {"K6WS_OUT", "K6WS_NO_COLOR", "K6WS_DASHBOARD_TOKEN"}


def test_every_variable_of_ours_is_read() -> None:
    written = set(re.findall(r"`(K6WS_[A-Z_]+)`", PAGE)) - {"K6WS_NAME", "K6WS_VUS"}
    read = set(READ_ELSEWHERE)
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.name not in {r.name for r in ROWS}:
                variables = parameter.envvar or ()
                read.update([variables] if isinstance(variables, str) else variables)
    assert written == {name for name in read if name.startswith("K6WS_")}


def test_a_misspelled_one_is_told_from_all_of_them() -> None:
    written = set(re.findall(r"`K6WS_([A-Z_]+)`", PAGE)) - {"NAME", "VUS"}
    # k6's, which has no counterpart here and is no misspelling.
    assert written == OTHER_VARIABLES - {"SECRET_SOURCE"}

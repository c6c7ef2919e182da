"""What tests of commands need: something to talk to, and a script in a file."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from k6ws import _core
from support.told_ways import Told, told_in


@pytest.fixture
def echo() -> Iterator[_core.EchoServer]:
    """The built-in target, over WebSocket."""
    server = _core.EchoServer("127.0.0.1", 0)
    yield server
    server.stop()


@pytest.fixture
def url(echo: _core.EchoServer) -> str:
    """Where it is."""
    return echo.url()


@pytest.fixture
def script(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The ``SCRIPT`` of the test's module, as a file."""
    path = tmp_path / "script.py"
    text: str = vars(sys.modules[request.path.stem])["SCRIPT"]
    path.write_text(textwrap.dedent(text))
    return path


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """One run of everything, told in every way."""
    return told_in(tmp_path_factory.mktemp("told"))

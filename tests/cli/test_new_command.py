"""`k6ws new`: what it writes runs, as it is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from k6ws import _core
from k6ws._cli.new import TEMPLATES
from support.command import k6ws

TIMEOUT_S = 30
TESTS = Path(__file__).parents[1]
EXAMPLES = TESTS.parent / "examples"
# Each protocol that there is a template for, and something to speak it with.
PROTOCOLS = {
    "socketio": "support/stand_ins/socketio.py",
    "graphql": "support/stand_ins/graphql.py",
    "mqtt": "support/stand_ins/mqtt.py",
    "stomp": "support/stand_ins/stomp.py",
    "ocpp": "interop/servers/central_system.py",
}


@pytest.fixture
def tcp() -> Iterator[tuple[str, str]]:
    server = _core.EchoServer("127.0.0.1", 0, None, "tcp")
    host, _, port = server.url().removeprefix("tcp://").rpartition(":")
    yield host, port
    server.stop()


def new(folder: Path, template: str, name: str = "script.py") -> Path:
    script = folder / name
    done = k6ws("new", script, "--template", template)
    assert done.code == 0, done.err
    assert TEMPLATES[template] in done.out
    return script


def ran(*command: str | Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.mark.parametrize("template", ["minimal", "protocol"])
def test_a_script_for_websockets_runs(
    tmp_path: Path, echo: _core.EchoServer, template: str
) -> None:
    script = new(tmp_path, template)
    done = ran("-m", "k6ws", "run", "-e", f"URL={echo.url()}", script)
    assert re.search(r"checks_succeeded\.+: 100%", done.stdout)
    assert "failed:" not in done.stdout
    assert "ERROR" not in done.stderr


def test_a_script_for_tcp_runs(tmp_path: Path, tcp: tuple[str, str]) -> None:
    script = new(tmp_path, "tcp")
    where = ["-e", f"HOST={tcp[0]}", "-e", f"PORT={tcp[1]}"]
    done = ran("-m", "k6ws", "run", *where, script)
    assert "100% 10 out of 10" in done.stdout


def test_a_program_runs(
    tmp_path: Path, echo: _core.EchoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("URL", echo.url())
    assert "sessions: 20" in ran(new(tmp_path, "library")).stdout


def test_a_script_that_measures_replies_runs(tmp_path: Path, echo: _core.EchoServer) -> None:
    done = ran("-m", "k6ws", "run", "-e", f"URL={echo.url()}", new(tmp_path, "latency"))
    assert re.search(r"ws_reqs\.+: 200 ", done.stdout)
    # Nothing that is zero has a row.
    assert "ws_req_failed." not in done.stdout


@pytest.mark.parametrize("template", PROTOCOLS)
def test_a_script_of_a_protocol_is_that_of_the_examples_and_runs(
    tmp_path: Path, template: str
) -> None:
    script = new(tmp_path, template, f"{template}.py")
    assert script.read_bytes() == (EXAMPLES / "protocols" / script.name).read_bytes()
    with subprocess.Popen(
        [sys.executable, str(TESTS / PROTOCOLS[template])],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    ) as server:
        try:
            assert server.stdout is not None
            url = f"ws://127.0.0.1:{int(server.stdout.readline())}"
            ran("-m", "k6ws", "run", "-e", f"URL={url}", script)
        finally:
            server.terminate()


def test_the_script_that_measures_replies_is_that_of_the_examples(tmp_path: Path) -> None:
    script = new(tmp_path, "latency", "latency.py")
    assert script.read_bytes() == (EXAMPLES / "latency.py").read_bytes()


@pytest.mark.parametrize("name", ["script.py", "chat-1.py", "it's.py"])
def test_a_script_says_how_it_is_run_by_its_own_name(tmp_path: Path, name: str) -> None:
    for template in TEMPLATES:
        said = new(tmp_path, template, name).read_text()
        (tmp_path / name).unlink()
        compile(said, name, "exec")
        named = re.findall(r"\S+\.py\b", (said.split('"""', 2)[1]))
        known = {name} if name != "it's.py" else {"script.py", f"{template}.py"}
        assert named
        assert set(named) <= known, template


def test_every_template_is_run_by_a_test() -> None:
    assert set(TEMPLATES) == {"minimal", "protocol", "tcp", "library", "latency", *PROTOCOLS}


def test_without_words_it_is_the_minimal_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert k6ws("new").code == 0
    first = Path("script.py").read_bytes()
    assert k6ws("new", "-f", "script.py", "--template", "minimal").code == 0
    assert Path("script.py").read_bytes() == first


def test_a_file_that_is_there_stays_unless_forced(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("mine")
    done = k6ws("new", script)
    assert done.code == 255
    assert "exists already" in done.err
    assert "-f overwrites it" in done.err
    assert script.read_text() == "mine"
    assert k6ws("new", "-f", script).code == 0
    assert "def default():" in script.read_text()


def test_a_template_of_ones_own_is_copied(tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text("# ours\n")
    assert k6ws("new", tmp_path / "copy.py", "--template", own).code == 0
    assert (tmp_path / "copy.py").read_text() == "# ours\n"


def test_a_template_that_does_not_exist_is_named_with_the_nearest(tmp_path: Path) -> None:
    done = k6ws("new", tmp_path / "x.py", "--template", "protocoll")
    assert done.code == 255
    assert "did you mean 'protocol'?" in done.err
    done = k6ws("new", tmp_path / "x.py", "--template", "browser")
    assert "templates are minimal, protocol, tcp, library, latency, socketio, graphql" in done.err
    assert not (tmp_path / "x.py").exists()
    assert k6ws("new", "/no/such/folder/x.py").code == 255

"""A script file as users write it: its init context, its setup data, its exit code."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws import execution, timers
from support.servers import WebsocketsServer

INIT_CONTEXT = """
    import json
    from k6ws import K6Error, check, group, ws

    texts = []
    for call in (
        lambda: ws.connect("ws://127.0.0.1:1/", lambda socket: None),
        lambda: check(None, {"a": True}),
        lambda: group("g", lambda: None),
    ):
        try:
            call()
            texts.append("no error")
        except K6Error as error:
            texts.append(str(error))
    print("texts:", json.dumps(texts))

    def default():
        pass
"""

SETUP_DATA = """
    import json
    from k6ws import ws

    URL = URL_HERE

    def setup():
        return ws.connect(URL, lambda socket: socket.close())

    def default(data):
        print("data:", json.dumps(data, sort_keys=True))
"""


def written(folder: Path, source: str) -> Path:
    """The script as a file."""
    path = folder / "script.py"
    path.write_text(textwrap.dedent(source))
    return path


def printed(capfd: pytest.CaptureFixture[str], label: str) -> Any:
    """The JSON a script printed after its label."""
    lines = [line for line in capfd.readouterr().out.splitlines() if line.startswith(label)]
    assert len(lines) == 1
    return json.loads(lines[0].removeprefix(label))


@pytest.mark.parity("init-context-refuses")
def test_the_init_context_refuses_what_needs_a_vu(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    result = k6ws.run(str(written(tmp_path, INIT_CONTEXT)), vus=1, iterations=1)
    assert result.exit_code == 0
    texts = printed(capfd, "texts:")
    expected = [
        "using websockets in the init context is not supported",
        "Using check() in the init context is not supported",
        "Using group() in the init context is not supported",
    ]
    assert [text[: len(start)] for text, start in zip(texts, expected, strict=True)] == expected


@pytest.mark.parity("response-from-setup")
def test_a_response_from_setup_reaches_the_vus_as_json(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], server: WebsocketsServer
) -> None:
    url = server.url("/ws-echo")
    script = written(tmp_path, SETUP_DATA.replace("URL_HERE", repr(url)))
    result = k6ws.run(str(script), vus=1, iterations=1)
    assert (result.exceptions, result.exit_code) == ([], 0)
    data = printed(capfd, "data:")
    assert {key: data[key] for key in ("url", "status", "body", "error")} == {
        "url": url,
        "status": 101,
        "body": "",
        "error": "",
    }
    assert data["headers"]["Echo-User-Agent"] != ""
    assert set(data) == {"url", "status", "headers", "body", "error"}


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("def default():\n    pass\n", 0),
        ("def default():\n    raise ValueError('in an iteration')\n", 0),
        ("options = {'vus': -1}\ndef default():\n    pass\n", 104),
        ("def other():\n    pass\n", 104),
        ("raise ValueError('while loading')\n", 107),
        ("def setup():\n    pass\ndef default():\n    pass\n", 0),
        ("def setup():\n    1 / 0\ndef default():\n    pass\n", 107),
    ],
    ids=[
        "fine",
        "iteration raises",
        "bad option",
        "no default",
        "init raises",
        "setup",
        "setup raises",
    ],
)
def test_the_exit_code_says_what_went_wrong(tmp_path: Path, source: str, code: int) -> None:
    command = [sys.executable, "-m", "k6ws", "run", str(written(tmp_path, source)), "-i", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == code, done.stderr


INTERRUPTED = """
    from k6ws import ws

    once = {"executor": "constant-vus", "vus": 2, "duration": "60s", "gracefulStop": "0s"}
    options = {"scenarios": {"once": once}}

    def default():
        ws.connect(URL_HERE, lambda socket: socket.send("here"))
"""


def test_an_interrupted_run_closes_its_sockets_and_exits_with_105(
    tmp_path: Path, server: WebsocketsServer
) -> None:
    journal = server.journal

    def both_are_here() -> bool:
        return [session.messages for session in journal.sessions] == [["here"], ["here"]]

    script = written(tmp_path, INTERRUPTED.replace("URL_HERE", repr(server.url("/ws-listen"))))
    command = [sys.executable, "-m", "k6ws", "run", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        journal.wait_until(both_are_here, "a message of both VUs", patience=10)
        running.send_signal(signal.SIGINT)
        _, stderr = running.communicate(timeout=20)
    assert running.returncode == 105, stderr
    assert [journal.session(index).close_code for index in range(2)] == [1001, 1001]


def test_echo_prints_its_url_first_and_serves_it() -> None:
    command = [sys.executable, "-m", "k6ws", "echo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as echo:
        try:
            assert echo.stdout is not None
            url = next(word for word in echo.stdout.readline().split() if word.startswith("ws://"))
            received: list[str] = []

            def session(socket: k6ws.ws.Socket) -> None:
                socket.on("open", lambda: socket.send("hello"))
                socket.on("message", lambda message: (received.append(message), socket.close()))

            assert k6ws.ws.connect(url, session).status == 101
            assert received == ["hello"]
        finally:
            echo.send_signal(signal.SIGINT)
            echo.wait(timeout=10)


@pytest.mark.parametrize("function", ["setup", "teardown", "handle_summary"])
def test_what_runs_once_is_told_without_more_of_its_kind(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, function: str
) -> None:
    path = tmp_path / "script.py"
    path.write_text(f"def default(): pass\ndef {function}(*_): raise ValueError('x')\n")
    k6ws.run(path)
    [told] = [one.getMessage() for one in caplog.records if "failed" in one.getMessage()]
    assert told.startswith(f"{function}() failed\nTraceback")


def test_an_abort_by_several_vus_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    def default() -> None:
        timers.set_timeout(lambda: execution.test.abort("that is enough"), 10)

    assert k6ws.run(default, vus=3, iterations=3).exit_code == 108
    told = [one.getMessage() for one in caplog.records if "enough" in one.getMessage()]
    assert told == ["test aborted: that is enough"]


def test_setup_data_that_is_nested_too_deeply_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "script.py"
    path.write_text(
        "def setup():\n    data = []\n    for _ in range(100_000):\n        data = [data]\n    return data\n"
        "def default(data): pass\n"
    )
    assert k6ws.run(path).exit_code == 107
    [told] = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert "setup() returned data that is nested too deeply" in told


def test_the_summary_module_needs_no_import_of_its_own() -> None:
    assert "iterations" in k6ws.summary.text_summary(k6ws.run(lambda: None).to_dict())

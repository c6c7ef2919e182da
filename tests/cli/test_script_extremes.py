"""Scripts that ask for far too much, or from the wrong place: bounded memory, clear errors, a summary."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

LIMIT_S = 50
MEASURE = """
from pathlib import Path
def peak_mib():
    # Of this program alone: ru_maxrss begins with that of the process that started it.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024
"""


def run(tmp_path: Path, source: str, *words: str, prefix: tuple[str, ...] = ()) -> dict[str, Any]:
    """The summary of a run that came to its end."""
    script = tmp_path / "script.py"
    script.write_text(MEASURE + textwrap.dedent(source))
    export = tmp_path / "summary.json"
    command = [*prefix, sys.executable, "-m", "k6ws", "run", "-q", *words, str(script)]
    done = subprocess.run(
        [*command, "--summary-export", str(export)],
        capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") < 200, "a line for every failure"
    (tmp_path / "out").write_text(done.stdout)
    return json.loads(export.read_text())


def printed(tmp_path: Path, name: str) -> str:
    lines = (tmp_path / "out").read_text().splitlines()
    return next(line.removeprefix(f"{name} ") for line in lines if line.startswith(f"{name} "))


def test_a_handler_that_sends_a_million_messages_is_blocked_and_fills_no_memory(
    tmp_path: Path, url: str
) -> None:
    # The target echoes, and nobody reads while the handler sends: it stops taking, and so must we. Then the
    # session is over, and a further send says so.
    source = f"""
        from k6ws import ws

        causes = set()

        def default():
            def session(socket):
                def opened():
                    for _ in range(1_000_000):
                        socket.send("x" * 100)
                        if causes:
                            break
                socket.on("open", opened)
                socket.on("error", lambda error: causes.add(error.cause))
            ws.connect("{url}", session, send_timeout=500, max_buffered=1 << 20)

        def teardown():
            print("causes", *sorted(causes), flush=True)
            print("peak", peak_mib(), flush=True)
    """
    run(tmp_path, source)
    # Two limits of 500 ms, the session's and that of the send, and either may end first.
    assert printed(tmp_path, "causes") in {"closed send_blocked", "send_blocked"}
    assert int(printed(tmp_path, "peak")) < 200


def test_twenty_thousand_sockets_at_once_are_refused_by_the_limit_and_counted(
    tmp_path: Path, url: str
) -> None:
    source = f"""
        from k6ws.websockets import WebSocket

        def default():
            sockets = [WebSocket("{url}") for _ in range(20_000)]
            for socket in sockets:
                socket.onerror = lambda event: None
                socket.onopen = lambda event: event.target.close()

        def teardown():
            print("peak", peak_mib(), flush=True)
    """
    summary = run(tmp_path, source, prefix=("prlimit", "--nofile=256:256"))
    metrics = summary["metrics"]
    made = metrics["ws_closes"]["values"]["count"]
    failed = metrics["ws_connect_failed"]["values"]["count"]
    assert made + failed == metrics["ws_sessions"]["values"]["count"] == 20_000
    assert made > 0
    assert failed > 0
    assert int(printed(tmp_path, "peak")) < 1000


def test_a_million_tag_values_and_a_giant_one_fill_no_memory(tmp_path: Path) -> None:
    source = """
        from k6ws.metrics import Counter

        counter = Counter("tagged")

        def default():
            counter.add(1, {"text": "x" * 10_000_000})
            for number in range(1_000_000):
                counter.add(1, {"id": number})

        def teardown():
            print("peak", peak_mib(), flush=True)
    """
    script = tmp_path / "script.py"
    script.write_text(MEASURE + textwrap.dedent(source))
    done = subprocess.run(
        [sys.executable, "-m", "k6ws", "run", str(script)],
        capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "tagged...............: 1000001" in done.stdout
    assert "more than 1000 time series" in done.stdout.replace(",", "")
    peak = next(line for line in done.stdout.splitlines() if line.startswith("peak "))
    assert int(peak.split()[1]) < 300


def _takes_quit() -> None:
    # A shell's background job is made to ignore it.
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)


def test_a_quit_signal_is_the_systems_and_leaves_nothing_hanging(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from k6ws import sleep\ndef default():\n    print('up', flush=True)\n    sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-m", "k6ws", "run", "-q", "-d", "60s", str(script)],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_takes_quit,  # noqa: PLW1509 - it only resets a signal
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGQUIT)
        assert process.wait(10) == -signal.SIGQUIT


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_child_process_may_run_tests_of_its_own(tmp_path: Path, method: str, url: str) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(f"""
            import multiprocessing
            import k6ws
            from k6ws import ws

            def child(queue):
                def session(socket):
                    socket.on("open", lambda: socket.close())
                result = k6ws.run(lambda: ws.connect("{url}", session), vus=2, iterations=4)
                queue.put(result.metrics["ws_sessions"].count)

            if __name__ == "__main__":
                context = multiprocessing.get_context("{method}")
                queue = context.Queue()
                workers = [context.Process(target=child, args=(queue,)) for _ in range(2)]
                for worker in workers:
                    worker.start()
                print(sorted(queue.get(timeout=30) for _ in workers))
                for worker in workers:
                    worker.join(10)
                    assert worker.exitcode == 0
        """)
    )
    done = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert (done.stdout, done.returncode) == ("[4, 4]\n", 0), done.stderr

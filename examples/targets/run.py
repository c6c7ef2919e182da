"""`make examples`: start the target of each example, run the example as a user would, stop the target.

With the name of a script only that one, as `make demo` does.
"""

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent
K6WS = [sys.executable, "-m", "k6ws"]
# `make page` builds it, which needs Node.
PAGE = EXAMPLES.parent / "python" / "k6ws" / "_ui" / "page.html"
REPORT = ".make/report.html"

# Each script, and what `k6ws echo` is for it.
SCRIPTS = {
    "hello.py": [],
    "ws_echo.py": [],
    "crocochat.py": ["--chat"],
    "tcp_echo.py": ["--tcp"],
    "ws_echo_library.py": [],
    "session.py": [],
    "vu_start.py": [],
    "reconnect.py": [],
    "feeder.py": [],
    "think.py": [],
    "barrier.py": [],
    "offload.py": [],
    "latency.py": [],
    "delivered.py": [],
    "correlate.py": [],
    "every.py": [],
    "stream.py": [],
    "heartbeats.py": [],
    "coroutines.py": [],
    "tcp_session.py": ["--tcp"],
    "k6_options.py": [],
    "seeds/ws_on.py": [],
    "seeds/ws_socket.py": [],
    "seeds/tcp_on.py": ["--tcp"],
    "seeds/experimental_websockets.py": ["--chat"],
}
# Options that a script is given, as they come from k6.
CONFIGS = {"k6_options.py": "k6_options.json"}
# What else a script is told: a session of seconds, not of up to a minute.
VARIABLES = {"seeds/experimental_websockets.py": ["SESSION_MS=2500"]}
# Programs of their own as well, which start their target themselves.
PROGRAMS = ["ws_echo_library.py"]


def main() -> int:
    """Run the examples and return the first exit code that is not 0."""
    wanted = sys.argv[1:]
    for script, flags in SCRIPTS.items():
        if wanted and script not in wanted:
            continue
        code = run_script(script, flags, has_report=bool(wanted) and PAGE.exists())
        if code:
            return code
    for program in [] if wanted else PROGRAMS:
        print(f"$ python examples/{program}", flush=True)
        code = subprocess.run(
            [sys.executable, str(EXAMPLES / program)], check=False, timeout=60
        ).returncode
        if code:
            return code
    return 0


def run_script(script: str, flags: list[str], *, has_report: bool) -> int:
    """Run one script against its target; with a report, its path is the end of what is printed."""
    with subprocess.Popen(
        [*K6WS, "echo", "--port", "0", *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as target:
        try:
            # The first line is the URL, printed once it accepts connections.
            url = target.stdout.readline().strip() if target.stdout else ""
            if "://" not in url:
                print("the echo target did not start", file=sys.stderr)
                return 1
            where = [f"URL={url}"]
            if url.startswith("tcp://"):
                host, port = url.removeprefix("tcp://").rsplit(":", 1)
                where = [f"HOST={host}", f"PORT={port}"]
            variables = [*where, *VARIABLES.get(script, [])]
            given = [word for one in variables for word in ("-e", one)]
            config = CONFIGS.get(script)
            flags = ["-c", str(EXAMPLES / config)] if config else []
            if has_report:
                flags += ["--report", REPORT]
            shown = f"-c examples/{config} " if config else ""
            print(f"$ k6ws run {shown}examples/{script} {' '.join(given)}", flush=True)
            run = [*K6WS, "run", *flags, str(EXAMPLES / script), *given]
            return subprocess.run(run, check=False, timeout=60).returncode
        finally:
            target.terminate()


if __name__ == "__main__":
    sys.exit(main())

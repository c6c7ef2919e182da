"""`make demo`: start the echo target, run `ws_echo.py` against it as a user would, stop it."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Run the demo and return the exit code of `k6ws run`."""
    k6ws = [sys.executable, "-m", "k6ws"]
    with subprocess.Popen(
        [*k6ws, "echo", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as target:
        try:
            # The first line is the URL, printed once it accepts connections.
            url = target.stdout.readline().strip() if target.stdout else ""
            if not url.startswith("ws://"):
                print("the echo target did not start", file=sys.stderr)
                return 1
            print(f"$ k6ws run examples/ws_echo.py -e URL={url}", flush=True)
            run = [*k6ws, "run", str(HERE / "ws_echo.py"), "-e", f"URL={url}"]
            return subprocess.run(run, check=False, timeout=60).returncode
        finally:
            target.terminate()


if __name__ == "__main__":
    sys.exit(main())

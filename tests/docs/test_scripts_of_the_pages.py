"""Every whole script and every test that a page shows runs, against local servers, without an exception.

Pages with a test of their own are left out; so are pieces that are no scripts, which have no import.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

import k6ws
from k6ws import _core

ROOT = Path(__file__).parents[2]
TESTED_ELSEWHERE = {
    "differences-shown.md",
    "differences-from-k6.md",
    "first-load-test.md",
    "from-k6-to-k6ws.md",
    "log-in-first.md",
    "protocol-library.md",
    "test-in-pytest.md",
    "thresholds.md",
}
PAGES = [
    ROOT / "README.md",
    *(p for p in sorted(ROOT.glob("docs/**/*.md")) if p.name not in TESTED_ELSEWHERE),
]


def blocks() -> list[tuple[str, str]]:
    """Each script, with the page it is on."""
    found: list[tuple[str, str]] = []
    for page in PAGES:
        for block in re.findall(
            r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL
        ):
            is_whole = "import " in block and re.search(
                r"^(async )?def (default|test_\w+)\(", block, re.MULTILINE
            )
            if is_whole:
                found.append((f"{page.stem}-{len(found)}", block))
    return found


def test_the_pages_have_their_scripts() -> None:
    assert len(blocks()) >= 6


@pytest.mark.parametrize(
    "block", [block for _, block in blocks()], ids=[name for name, _ in blocks()]
)
def test_a_script_runs(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    echo, tcp = _core.EchoServer("127.0.0.1", 0), _core.EchoServer("127.0.0.1", 0, None, "tcp")
    monkeypatch.chdir(tmp_path)
    block = block.replace("ws://127.0.0.1:8765/", echo.url())
    block = block.replace("9000", tcp.url().rstrip("/").rsplit(":", 1)[1])
    # What one of the pages shows beside its script.
    (tmp_path / "users.csv").write_text(
        "name,password\nann,secret-1\nbob,secret-2\ncleo,secret-3\n"
    )
    script = tmp_path / "script.py"
    script.write_text(f"URL = {echo.url()!r}\n{block}")
    if "def test_" not in block:
        result = k6ws.run(script)
        assert (result.exit_code, result.exceptions, result.connection_failures) == (0, [], [])
    else:
        names: dict[str, object] = {}
        exec(script.read_text(), names)
        for name, test in names.items():
            if name.startswith("test_") and callable(test):
                outcome = test()
                if asyncio.iscoroutine(outcome):
                    asyncio.run(outcome)
    for one in (echo, tcp):
        one.stop()

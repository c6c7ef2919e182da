"""Every Python block of docs/how-to/from-k6-to-k6ws.md runs, against local servers, without an exception."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import k6ws
from k6ws import _core

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "from-k6-to-k6ws.md"
BLOCKS = re.findall(r"^## (.+?)$|^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def scripts() -> list[tuple[str, str]]:
    """Each block, under the heading it stands below."""
    heading, found = "", list[tuple[str, str]]()
    for title, block in BLOCKS:
        heading = title or heading
        if block:
            found.append((heading, block))
    return found


def test_the_page_has_its_blocks() -> None:
    assert len(scripts()) == 5


@pytest.mark.parametrize(("heading", "block"), scripts(), ids=[title for title, _ in scripts()])
def test_a_block_runs(
    heading: str, block: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target = _core.EchoServer("127.0.0.1", 0, None, "tcp" if "tcp" in heading else "echo")
    host, port = re.sub(r"^\w+://|/$", "", target.url()).rsplit(":", 1)
    script = tmp_path / "script.py"
    script.write_text(f"URL, HOST, PORT = {target.url()!r}, {host!r}, {port}\n{block}")
    result = k6ws.run(script)
    target.stop()
    assert (result.exit_code, result.exceptions) == (0, [])
    assert all(check.fails == 0 for check in result.checks.values())
    assert "failed:" not in capfd.readouterr().out
    if "tcp" in heading:
        assert result.metrics["tcp_reads"].count == 1
    elif "Before" not in heading:
        assert result.metrics["ws_msgs_received"].count >= 1

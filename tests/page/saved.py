"""Files of saved pages that no run writes: with data of another format, cut, or changed."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

DATA = re.compile(r'(<script type="application/json" id="data">)(.*?)(</script>)', re.DOTALL)


def built() -> str:
    """The page without data, as it was built."""
    return (resources.files("k6ws") / "_ui" / "page.html").read_text()


def data_of(page: str) -> Any:
    """The data of a saved page."""
    found = DATA.search(page)
    assert found is not None
    return json.loads(found[2])


def with_data(page: str, text: str) -> str:
    """The page with another text in place of its data."""
    escaped = text.replace("<", "\\u003c")
    changed, count = DATA.subn(lambda found: found[1] + escaped + found[3], page)
    assert count == 1
    return changed


def file(folder: Path, text: str, name: str = "report.html") -> Path:
    """The page as a file."""
    path = folder / name
    path.write_text(text)
    return path

"""What the tests of the page share: one browser, runs, and viewers that must have seen no harm."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from page import hostile, runs, shopkeeper

if find_spec("playwright") is None:
    raise pytest.UsageError("tests/page needs playwright: `make test-page` installs it")

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from page.viewer import Viewer

DEMO = runs.ROOT / "examples" / "ws_echo.py"
SHOP = Path(__file__).with_name("shop.py")
# A browser starts, a run of seconds is waited for.
TIMEOUT_S = 180


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-pictures", action="store_true", help="write docs/pictures/ anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TIMEOUT_S))


@pytest.fixture(scope="session", autouse=True)
def _is_built() -> None:
    page = resources.files("k6ws") / "_ui" / "page.html"
    if not page.is_file():
        pytest.exit("tests/page needs the built page: `make page`", returncode=4)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from page.browser import started  # noqa: PLC0415 - what is missing is said first

    with started() as running:
        yield running


@pytest.fixture
def arrive(browser: Browser) -> Iterator[Callable[..., Viewer]]:
    """Brings viewers; at the end none has seen an error, a report of the policy, a dialog."""
    from page.viewer import arrive as arriving  # noqa: PLC0415

    viewers: list[Viewer] = []

    def comes(**settings: Any) -> Viewer:
        viewers.append(arriving(browser, **settings))
        return viewers[-1]

    yield comes
    unexpected = [
        one for viewer in viewers if not viewer.page.is_closed() for one in viewer.unexpected()
    ]
    for viewer in viewers:
        viewer.context.close()
    assert unexpected == []


@pytest.fixture
def offline(arrive: Callable[..., Viewer]) -> Viewer:
    """A viewer without a network."""
    return arrive(offline=True)


def _made(
    factory: pytest.TempPathFactory, name: str, script: str, *words: str, **given: Any
) -> runs.Run:
    folder = factory.mktemp(name)
    (folder / "script.py").write_text(script)
    return runs.run(folder / "script.py", folder, *words, **given)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> runs.Run:
    """The run that `make demo` shows."""
    with runs.echo() as url:
        ran = _made(tmp_path_factory, "demo", DEMO.read_text(), variables=[f"URL={url}"])
    assert ran.code == 0, ran.err
    return ran


@pytest.fixture(scope="session")
def struck(tmp_path_factory: pytest.TempPathFactory) -> runs.Run:
    """A run whose every name means harm to the page."""
    texts = tmp_path_factory.mktemp("texts") / "texts.json"
    texts.write_text(json.dumps(hostile.TEXTS))
    with hostile.peer() as url:
        given = [f"URL={url}", f"TEXTS={texts}", f"HARM={hostile.TEXTS[1]}"]
        ran = _made(tmp_path_factory, "hostile", hostile.script(), variables=given)
    assert ran.code == 99, ran.err
    return ran


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory) -> runs.Run:
    """A run with requests, trends of its own, failures and marks, and thresholds that do not hold."""
    with shopkeeper.opened() as url:
        ran = _made(
            tmp_path_factory, "rich", SHOP.read_text(), variables=[f"URL={url}", "SECONDS=8"]
        )
    assert ran.code == 99, ran.err
    return ran

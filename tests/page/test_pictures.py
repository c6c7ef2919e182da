"""The pictures of the docs. Only `make test-page ARGS=--update-pictures` makes them; people look at them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from page import runs, shopkeeper, tabs
from page.viewer import Viewer

PICTURES = runs.ROOT / "docs" / "pictures"
SHOP = Path(__file__).with_name("shop.py")


@pytest.fixture(scope="module")
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> runs.Run:
    if not request.config.getoption("--update-pictures"):
        pytest.skip("pictures are made with --update-pictures")
    # A name without folders: what a picture shows is of no machine.
    folder = tmp_path_factory.mktemp("shop")
    shutil.copy(SHOP, folder)
    with shopkeeper.opened() as url:
        ran = runs.run(Path(SHOP.name), folder, variables=[f"URL={url}"])
    # One of its thresholds does not hold.
    assert ran.code == 99, ran.err
    return ran


TABS = ["overview", "latency", "requests"]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}},
    "narrow": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}


@pytest.mark.parametrize("look", LOOKS)
def test_the_tabs_of_the_docs_have_their_pictures(
    arrive: Callable[..., Viewer], shop: runs.Run, look: str
) -> None:
    page = arrive(offline=True, reduced_motion="reduce", **LOOKS[look]).see(shop.report)
    for name in tabs.names(page):
        tabs.choose(page, name)
        tab = page.get_by_role("tab", selected=True).get_attribute("id") or ""
        # One tab stands for the others where only the colours or the width differ.
        if tab.removeprefix("tab-") not in (TABS if look == "light" else TABS[:1]):
            continue
        tabs.ink(page)
        page.screenshot(path=PICTURES / f"page-{tab.removeprefix('tab-')}-{look}.png")


def test_print_has_its_picture(arrive: Callable[..., Viewer], shop: runs.Run) -> None:
    page = arrive(offline=True, viewport={"width": 794, "height": 1123}).see(shop.report)
    page.emulate_media(media="print")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    tabs.ink(page)
    page.screenshot(path=PICTURES / "page-print.png")

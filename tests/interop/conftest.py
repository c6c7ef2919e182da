"""What the interop tests share: an authority, an echo server, and no proxy around us."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.certificates import Authority
from support.servers import WebsocketsServer


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def server() -> Iterator[WebsocketsServer]:
    with WebsocketsServer() as running:
        yield running


@pytest.fixture(autouse=True)
def _no_proxy_around_us(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)

"""The keywords that editors complete are the parameters that exist, and each of them is a setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from k6ws._params import TCP, WEBSOCKET, Keywords, Settings, SocketSettings
from k6ws.tcp.options import Options


def test_keywords_and_parameters_are_the_same() -> None:
    assert Keywords.__annotations__.keys() == WEBSOCKET.keys()


@pytest.mark.parametrize(
    ("taken", "settings"), [(WEBSOCKET, Settings), (TCP, Options)], ids=["websocket", "tcp"]
)
def test_a_parameter_sets_what_there_is_and_nothing_is_left_unset(
    taken: Mapping[str, Any], settings: Any
) -> None:
    places = {(one.of_socket, one.field or name) for name, one in taken.items()}
    known = {(False, field) for field in settings._fields if field != "socket"}
    known |= {(True, field) for field in SocketSettings._fields}
    # What is not of raw TCP: nobody upgrades it.
    known -= {(True, "upgrade_timeout")} if settings is Options else set()
    assert places == known

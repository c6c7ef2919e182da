"""The keywords that editors complete are the parameters that exist."""

from __future__ import annotations

from k6ws._params import WEBSOCKET, Keywords


def test_keywords_and_parameters_are_the_same() -> None:
    assert Keywords.__annotations__.keys() == WEBSOCKET.keys()

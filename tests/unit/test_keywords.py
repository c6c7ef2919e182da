"""The parameters that type checkers know are those that exist, in both spellings, and each is a setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args, get_type_hints

import pytest

from k6ws._conversation import SessionKeywords, TcpSessionKeywords, parameters
from k6ws._params import TCP, WEBSOCKET, Settings, SocketSettings, compression, pace, read_tls, tls
from k6ws._params.keywords import (
    CompressionKeywords,
    KeepAlive,
    Params,
    TcpKeywords,
    TcpTarget,
    Tls,
    TlsVersion,
    WriteKeywords,
)
from k6ws._params.names import spellings
from k6ws.tcp import options
from k6ws.tcp.encoding import encode
from k6ws.tcp.options import Options

NAMES = {
    Params: spellings(WEBSOCKET),
    TcpKeywords: spellings(TCP),
    TcpTarget: spellings((*TCP, "port", "host")),
    SessionKeywords: spellings((*WEBSOCKET, *parameters.WEBSOCKET_NAMES)),
    TcpSessionKeywords: spellings((*TCP, *parameters.TCP_NAMES)),
    Tls: tls._NAMES,
    CompressionKeywords: compression._NAMES,
    KeepAlive: pace._KEYS,
    WriteKeywords: options._OF_WRITE,
}


@pytest.mark.parametrize("kind", NAMES, ids=lambda kind: kind.__name__)
def test_keywords_and_parameters_are_the_same(kind: type) -> None:
    assert kind.__annotations__.keys() == NAMES[kind].keys()


def test_every_word_that_is_named_is_known() -> None:
    encodings, _ = get_args(get_type_hints(WriteKeywords)["encoding"])
    for encoding in get_args(encodings):
        assert encode("", encoding) == b""
    for version in get_args(TlsVersion):
        assert read_tls({"minVersion": version, "max_version": version}, "tls", options.API)


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

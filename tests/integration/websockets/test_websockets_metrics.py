"""What a socket of `k6ws.websockets` asks for, and what its samples are tagged with."""

from __future__ import annotations

from typing import Any

import pytest

import k6ws
from k6ws import http
from k6ws._socket.send_room import ACCEPTED
from k6ws.websockets import WebSocket
from support import frames
from support.runs import STATE, assert_session_metrics, run_once, total
from support.scripted import ScriptedServer, Step, fin, rst, send, upgrade
from support.servers import WebsocketsServer

# k6 states its items without `throw`.
OPTIONS = {key: value for key, value in STATE.items() if key != "throw"}


@pytest.mark.parity("websocket-subprotocol-is-known")
def test_the_subprotocol_that_the_server_chose_is_known() -> None:
    chosen: list[str] = []
    with WebsocketsServer(subprotocols=["unsupported", "supported"]) as server:
        url = server.url("/ws-echo")

        def default() -> None:
            socket = WebSocket(url, ["one", "supported"])
            assert not socket.protocol
            socket.onopen = lambda: (chosen.append(socket.protocol), socket.send("x"))
            socket.onmessage = lambda event: (chosen.append(event.data), socket.close())

        result = run_once(default, **OPTIONS)
    assert chosen == ["supported", "x"]
    assert_session_metrics(result, url, subproto="supported")


@pytest.mark.parity("websocket-headers-reach-the-server")
def test_headers_and_the_user_agent_reach_the_server(server: WebsocketsServer) -> None:
    url = server.url("/ws-echo")

    def default() -> None:
        socket = WebSocket(url, None, {"headers": {"x-lorem": "ipsum"}})
        socket.onopen = lambda: socket.close()

    assert_session_metrics(run_once(default, **OPTIONS), url)
    session = server.journal.session()
    assert (session.header("X-Lorem"), session.header("User-Agent")) == ("ipsum", "TestUserAgent")


@pytest.mark.parity("websocket-jar-of-the-call-replaces-it", "websocket-jar-of-the-vu-is-asked")
@pytest.mark.parametrize("own_jar", [True, False])
def test_cookies_of_the_jar_are_sent(server: WebsocketsServer, *, own_jar: bool) -> None:
    url = server.url("/ws-echo")

    def default() -> None:
        http.cookie_jar().set(server.http_url(), "someheader", "defaultjar")
        params: Any = {}
        if own_jar:
            params["jar"] = http.CookieJar()
            params["jar"].set(server.http_url(), "someheader", "customjar")
        socket = WebSocket(url, None, params)
        socket.onopen = lambda: socket.close()

    assert_session_metrics(run_once(default, **OPTIONS), url)
    expected = "someheader=customjar" if own_jar else "someheader=defaultjar"
    assert server.journal.session().header("Cookie") == expected


@pytest.mark.parity("websocket-name-tag-stands-for-the-url")
def test_a_name_tag_stands_for_the_url(server: WebsocketsServer) -> None:
    def default() -> None:
        socket = WebSocket(server.url("/ws-echo"), None, {"tags": {"name": "custom"}})
        socket.onopen = lambda: (socket.send("x"), socket.close())

    result = run_once(default, system_tags=["url", "name"])
    for metric in ("ws_sessions", "ws_connecting", "ws_session_duration", "ws_msgs_sent"):
        tagged = [tags for tags, _ in result.series(metric)]
        assert [(tags["url"], tags["name"]) for tags in tagged] == [("custom", "custom")], metric


@pytest.mark.parametrize("is_malformed", [False, True])
def test_the_name_tag_is_the_url_unless_the_script_sets_it(
    server: WebsocketsServer, *, is_malformed: bool
) -> None:
    # Refused by ours only, after k6's own check of a constructor.
    url = "ws://:0/?token=secret" if is_malformed else server.url("/ws-echo") + "?token=secret"

    def default() -> None:
        socket = WebSocket(url)
        socket.onopen = lambda: (socket.send("x"), socket.close())
        socket.onerror = lambda: None

    result = run_once(default, system_tags=["url", "name"])
    metrics = ["ws_sessions", "ws_session_duration"]
    if not is_malformed:
        metrics += ["ws_connecting", "ws_msgs_sent", "ws_closes"]
    for metric in metrics:
        [(tags, _)] = result.series(metric)
        assert (tags["name"], tags["url"]) == (url.partition("?")[0],) * 2, metric


@pytest.mark.parity("websocket-system-tag-alone")
@pytest.mark.parametrize("tag", ["status", "subproto", "url", "ip"])
def test_only_the_enabled_system_tag_is_set(server: WebsocketsServer, tag: str) -> None:
    def default() -> None:
        socket = WebSocket(server.url("/ws-echo"))
        socket.onopen = lambda: socket.send("test")
        socket.onmessage = lambda: socket.close()

    result = run_once(default, system_tags=[tag])
    # The close code is what `ws_closes` is about, not a system tag.
    metrics = [metric for metric in result.metrics if metric != "ws_closes"]
    found = [tags for metric in metrics for tags, _ in result.series(metric)]
    ours = [tags for tags in found if tags]
    assert {frozenset(tags) for tags in ours} == {frozenset({tag})}
    assert len(ours) >= 5


@pytest.mark.parity("websocket-tags-of-the-call")
def test_tags_of_the_call_are_on_every_sample(server: WebsocketsServer) -> None:
    def default() -> None:
        tags = {"lorem": "ipsum", "version": 13}
        socket = WebSocket(server.url("/ws-echo"), tags=tags)
        socket.onopen = lambda: (socket.send("x"), socket.close())

    result = run_once(default, **OPTIONS)
    for metric in ("ws_sessions", "ws_session_duration", "ws_msgs_sent"):
        [(tags, _)] = result.series(metric)
        assert (tags["lorem"], tags["version"]) == ("ipsum", "13")
        assert tags["url"] == server.url("/ws-echo")


@pytest.mark.parametrize("ends", [[fin], [rst], [send(frames.close(1000)), fin]])
def test_what_is_sent_to_a_peer_that_has_just_gone_counts_as_unsent(ends: list[Step]) -> None:
    taken = 0

    def default() -> None:
        socket = WebSocket(server.url())
        socket.onerror = lambda: None

        def speak() -> None:
            nonlocal taken
            # Nothing is delivered meanwhile: the socket is open, and at some time its connection has ended.
            while socket._session.send_text("x") == ACCEPTED:
                taken += 1
                k6ws.sleep(0.001)
            assert socket.ready_state == WebSocket.OPEN
            socket.send("text")
            socket.send(b"binary")

        socket.onopen = speak

    with ScriptedServer([upgrade(), *ends]) as server:
        result = run_once(default)
    assert total(result, "ws_msgs_sent") + total(result, "ws_msgs_unsent") == taken + 2
    assert total(result, "ws_msgs_unsent") >= 2

"""Cookies of the handshake: which jar is asked, and which jar learns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from k6ws import http, ws
from support.runs import STATE, assert_session_metrics, run_once

if TYPE_CHECKING:
    from support.servers import EchoServer, WebsocketsServer


def close(socket: ws.Socket) -> None:
    socket.close()


def cookies_seen(server: EchoServer, count: int) -> list[str | None]:
    """The Cookie header of each of the first sessions."""
    return [server.journal.session(index).header("Cookie") for index in range(count)]


@pytest.mark.parity("ws-empty-jar-sends-no-cookie")
def test_an_empty_jar_sends_no_cookie(any_server: EchoServer) -> None:
    run_once(lambda: ws.connect(any_server.url("/ws-echo"), close), **STATE)
    assert cookies_seen(any_server, 1) == [None]


@pytest.mark.parity("ws-jar-of-the-vu-is-asked")
def test_the_vus_jar_is_asked_as_if_for_http(any_server: EchoServer) -> None:
    def default() -> None:
        jar = http.cookie_jar()
        assert jar.set(any_server.http_url(), "someheader", "defaultjar") is True
        ws.connect(any_server.url("/ws-echo"), close)

    run_once(default, **STATE)
    assert cookies_seen(any_server, 1) == ["someheader=defaultjar"]


@pytest.mark.parity("ws-jar-of-the-call-replaces-it")
def test_a_jar_given_as_parameter_replaces_the_vus_jar(any_server: EchoServer) -> None:
    url = any_server.url("/ws-echo")

    def default() -> None:
        http.cookieJar().set(any_server.http_url(), "someheader", "defaultjar")
        jar = http.CookieJar()
        jar.set(any_server.http_url(), "someheader", "customjar")
        ws.connect(url, {"jar": jar}, close)

    result = run_once(default, **STATE)
    assert cookies_seen(any_server, 1) == ["someheader=customjar"]
    assert_session_metrics(result, url)


def test_a_cookie_header_replaces_the_cookies_of_the_jar(server: WebsocketsServer) -> None:
    def default() -> None:
        http.cookie_jar().set(server.http_url(), "from", "jar")
        ws.connect(server.url("/ws-echo"), {"headers": {"Cookie": "from=header"}}, close)

    run_once(default, **STATE)
    assert cookies_seen(server, 1) == ["from=header"]


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/ws-cookie", [None, "flavour=oat"]),
        ("/status/403?cookie=flavour%3Doat%3B%20Path%3D%2F", ["flavour=oat"]),
    ],
)
def test_cookies_set_by_any_handshake_answer_are_kept_and_sent_back(
    server: WebsocketsServer, path: str, seen: list[str | None]
) -> None:
    kept: list[dict[str, list[str]]] = []

    def default() -> None:
        ws.connect(server.url(path), close)
        kept.append(dict(http.cookie_jar().cookies_for_url(server.http_url())))
        ws.connect(server.url("/ws-echo"), close)

    run_once(default, **{**STATE, "throw": False})
    assert kept == [{"flavour": ["oat"]}]
    assert cookies_seen(server, len(seen)) == seen


def test_a_cookie_for_another_host_or_path_is_not_sent(server: WebsocketsServer) -> None:
    def default() -> None:
        jar = http.CookieJar()
        jar.set("http://other.example/", "host", "other")
        jar.set(server.http_url("/deeper/"), "path", "other", {"path": "/deeper"})
        jar.set(server.http_url(), "secure", "only", {"secure": True})
        jar.set(server.http_url(), "gone", "1", {"expires": "Mon, 02 Jan 2006 15:04:05 GMT"})
        jar.set(server.http_url(), "here", "1")
        ws.connect(server.url("/ws-echo"), close, jar=jar)

    run_once(default, **STATE)
    assert cookies_seen(server, 1) == ["here=1"]


def test_every_iteration_starts_with_an_empty_jar(server: WebsocketsServer) -> None:
    run_once(lambda: ws.connect(server.url("/ws-cookie"), close), **{**STATE, "iterations": 2})
    assert cookies_seen(server, 2) == [None, None]


def test_cookies_are_kept_between_iterations_when_asked(server: WebsocketsServer) -> None:
    options: dict[str, Any] = {**STATE, "iterations": 2, "no_cookies_reset": True}
    run_once(lambda: ws.connect(server.url("/ws-cookie"), close), **options)
    assert cookies_seen(server, 2) == [None, "flavour=oat"]


def test_a_jar_forgets_one_name_or_a_whole_url(server: WebsocketsServer) -> None:
    def default() -> None:
        url = server.http_url()
        jar = http.CookieJar()
        jar.set(url, "one", "1")
        jar.set(url, "two", "2")
        assert jar.cookiesForURL(url) == {"one": ["1"], "two": ["2"]}
        jar.delete(url, "one")
        assert jar.cookies_for_url(url) == {"two": ["2"]}
        jar.clear(url)
        assert jar.cookies_for_url(url) == {}

    run_once(default, **STATE)

"""`hosts`, `blockHostnames` and `blacklistIPs`: where names lead, and where nothing may go."""

from __future__ import annotations

from typing import Any

import pytest

import k6ws
from k6ws import ws
from k6ws.tcp import Socket, TCPError
from k6ws.websockets import WebSocket
from support.runs import run_once
from support.servers import WebsocketsServer


def connect(url: str, **options: Any) -> tuple[ws.Response, k6ws.Result]:
    """One session under these options."""
    responses: list[ws.Response] = []
    result = run_once(
        lambda: responses.append(ws.connect(url, lambda socket: socket.close())), **options
    )
    return responses[0], result


@pytest.mark.parity("hosts-lead-the-dial", "addresses-with-and-without-port")
@pytest.mark.parametrize("with_port", [False, True])
def test_hosts_changes_the_route_and_nothing_else(
    server: WebsocketsServer, *, with_port: bool
) -> None:
    port = 1 if with_port else server.port
    target = f"127.0.0.1:{server.port}" if with_port else "127.0.0.1"
    url = f"ws://no-such-host.example:{port}/ws-echo"
    response, result = connect(
        url, hosts={"*.example": "192.0.2.1", "no-such-host.example": target}
    )
    assert response.status == 101
    assert server.journal.session().header("Host") == f"no-such-host.example:{port}"
    [(tags, _)] = result.series("ws_sessions")
    assert tags["url"] == url


@pytest.mark.parity("hosts-lead-the-dial")
def test_hosts_leads_tcp_sockets_too_ports_included(server: WebsocketsServer) -> None:
    """Upstream dials the port that was asked for and reports the one of `hosts`."""
    ends: list[Any] = []

    def default() -> None:
        socket = Socket()
        socket.connect(9, "name.example").wait()
        ends.append((socket.remote_ip, socket.remote_port))
        socket.destroy()

    result = run_once(default, hosts={"name.example:9": f"127.0.0.1:{server.port}"})
    assert ends == [("127.0.0.1", server.port)]
    [(tags, _)] = result.series("tcp_sockets")
    assert (tags["host"], tags["port"]) == ("name.example", "9")


@pytest.mark.parity("hosts-lead-the-dial", "blocked-names-leave-addresses")
@pytest.mark.parametrize(
    ("options", "host", "text", "cause"),
    [
        (
            {"blockHostnames": ["*"], "hosts": {"a.example": "127.0.0.1"}},
            "a.example",
            "hostname (a.example) is in a blocked pattern (*)",
            "blocked_host",
        ),
        (
            {"block_hostnames": ["*.Example"]},
            "a.example",
            "hostname (a.example) is in a blocked pattern (*.Example)",
            "blocked_host",
        ),
        (
            {"blacklistIPs": ["127.0.0.0/8"]},
            "localhost",
            "IP (127.0.0.1) is in a blacklisted range (127.0.0.0/8)",
            "blacklisted_ip",
        ),
        (
            {"blacklist_ips": ["127.0.0.0/8"], "hosts": {"b.example": "127.0.0.1"}},
            "b.example",
            "IP (127.0.0.1) is in a blacklisted range (127.0.0.0/8)",
            "blacklisted_ip",
        ),
    ],
)
@pytest.mark.keeps_threads(1)
def test_what_is_forbidden_is_refused(
    server: WebsocketsServer, options: dict[str, Any], host: str, text: str, cause: str
) -> None:
    response, result = connect(f"ws://{host}:{server.port}/ws-echo", **options)
    assert (response.status, response.error) == (0, text)
    failures = result.to_dict()["run"]["connection_failures"]
    assert [(one["cause"], one["count"], text in one["message"]) for one in failures] == [
        (cause, 1, True)
    ]
    errors: list[str] = []

    def others() -> None:
        socket = WebSocket(f"ws://{host}:{server.port}/ws-echo")
        socket.onerror = lambda event: errors.append(event.error)
        with pytest.raises(TCPError) as caught:
            Socket().connect(server.port, host).wait()
        errors.append(caught.value.message)

    run_once(others, **options)
    assert errors == [text] * 2


@pytest.mark.parity("blocked-names-leave-addresses")
def test_blocked_names_leave_addresses_alone(server: WebsocketsServer) -> None:
    response, _ = connect(server.url("/ws-echo"), blockHostnames=["*"])
    assert response.status == 101


@pytest.mark.parametrize("host", ["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "mapped.example"])
def test_an_address_that_is_mapped_into_ipv6_is_blacklisted_as_itself(
    server: WebsocketsServer, host: str
) -> None:
    rules: dict[str, Any] = {
        "blacklistIPs": ["127.0.0.0/8"],
        "hosts": {"mapped.example": "::ffff:127.0.0.1"},
    }
    response, _ = connect(f"ws://{host}:{server.port}/ws-echo", **rules)
    assert response.cause == "blacklisted_ip"
    assert server.journal.sessions == []


def test_a_proxy_at_such_an_address_is_none(server: WebsocketsServer) -> None:
    causes: list[str] = []

    def default() -> None:
        proxy = f"http://[::ffff:127.0.0.1]:{server.port}"
        response = ws.connect("ws://target.example/", lambda s: s.close(), proxy=proxy)
        causes.append(response.cause)

    run_once(default, blacklistIPs=["127.0.0.0/8"])
    assert causes == ["blacklisted_ip"]
    assert server.journal.refused == []

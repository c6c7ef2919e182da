"""Where connections come from, how many fit there, and the options of their sockets."""

from __future__ import annotations

import ipaddress
import socket as sockets
from typing import TYPE_CHECKING, Any

import pytest

import k6ws
from k6ws import ws
from k6ws._loop import current_loop
from k6ws.errors import InvalidParameter, OptionsError
from k6ws.tcp import Socket
from support.namespace import run_in_namespace
from support.runs import run_once
from support.servers import ScriptedServer, WebsocketsServer, read_to_end, upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.servers import Peer


def close(socket: ws.Socket) -> None:
    socket.close()


def sources(server: WebsocketsServer, count: int, **options: Any) -> list[str | None]:
    """The addresses of this many connections that are open at the same time."""
    open_ones: list[Socket] = []
    for _ in range(count):
        raw = Socket(**options)
        raw.connect(server.port, "127.0.0.1").wait()
        open_ones.append(raw)
    found = [raw.local_ip for raw in open_ones]
    for raw in open_ones:
        raw.destroy()
    while current_loop().core.connections():
        k6ws.sleep(0.001)
    return found


def test_a_run_spreads_its_connections_over_its_addresses(server: WebsocketsServer) -> None:
    found: list[list[str | None]] = []
    run_once(lambda: found.append(sources(server, 6)), local_ips="127.0.0.2-127.0.0.3,127.0.0.8/31")
    every = ["127.0.0.2", "127.0.0.3", "127.0.0.8", "127.0.0.9"]
    assert found == [every + every[:2]]


@pytest.fixture
def noting() -> Iterator[tuple[ScriptedServer, list[str]]]:
    """A server that notes where its connections come from."""
    found: list[str] = []

    def note(peer: Peer) -> None:
        found.append(peer.sock.getpeername()[0])

    with ScriptedServer([note, upgrade(), read_to_end]) as server:
        yield server, found


def test_so_do_websockets(noting: tuple[ScriptedServer, list[str]]) -> None:
    server, found = noting
    local = ["127.0.0.2", "127.0.0.3"]
    k6ws.run(lambda: ws.connect(server.url(), close), vus=1, iterations=4, localIPs=local)
    assert sorted(found) == ["127.0.0.2"] * 2 + ["127.0.0.3"] * 2


@pytest.mark.parametrize(
    "value",
    [
        "127.0.0.2-127.0.0.3",
        "127.0.0.2/31",
        ["127.0.0.2", "127.0.0.3"],
        ipaddress.ip_network("127.0.0.2/31"),
        [ipaddress.ip_address("127.0.0.2"), "127.0.0.3"],
    ],
)
def test_the_parameter_names_several_in_many_ways(server: WebsocketsServer, value: Any) -> None:
    assert sorted(map(str, sources(server, 4, local_address=value))) == [
        "127.0.0.2",
        "127.0.0.2",
        "127.0.0.3",
        "127.0.0.3",
    ]


def test_it_comes_before_the_option(server: WebsocketsServer) -> None:
    found: list[list[str | None]] = []

    def default() -> None:
        found.append(sources(server, 1, localAddress="127.0.0.5"))

    run_once(default, local_ips="127.0.0.2")
    assert found == [["127.0.0.5"]]


@pytest.mark.parametrize("value", ["", "x", [], ["127.0.0.1", "y"], "127.0.0.9-127.0.0.1", 5.5])
def test_what_names_no_address_is_refused(value: Any) -> None:
    with pytest.raises(InvalidParameter, match="local_address: "):
        ws.connect("ws://127.0.0.1:1/", close, local_address=value)


def test_so_it_is_in_the_option() -> None:
    with pytest.raises(OptionsError, match=r"'local_ips\[1\]' = \"y\""):
        k6ws.run(lambda: None, local_ips=["127.0.0.1", "y"])


def test_an_address_of_another_machine_is_named() -> None:
    response = ws.connect("ws://127.0.0.1:1/", close, local_address="192.0.2.7")
    assert response.error == (
        "dial tcp 192.0.2.7->127.0.0.1:1: bind: cannot assign requested address"
    )
    assert "this machine does not have that address" in response.hint


# Ten local ports; each target of its own may use them all, also from an address that is given.
TEN_PORTS = """
import socket, threading
from k6ws import run
from k6ws.tcp import Socket, TCPError
raise_loopback()
set_local_ports(40000, 40009)
listeners = [socket.create_server(("127.0.0.1", port), backlog=100) for port in (8000, 8001)]

def connected(count, port=8000, **options):
    found = []
    for _ in range(count):
        raw = Socket(**options)
        raw.connect(port, "127.0.0.1").wait()
        found.append(raw)
    return found

def refused(**options):
    try:
        connected(1, **options)
    except TCPError as error:
        return [error.cause, str(error), error.hint]
"""


def test_when_no_port_is_left_the_error_says_so_and_what_to_do() -> None:
    cause, text, hint = run_in_namespace(
        TEN_PORTS
        + """
held = connected(10)
report(refused())
"""
    )
    assert cause == "no_ports"
    assert text.endswith("dial tcp 127.0.0.1:8000: connect: cannot assign requested address")
    assert hint == (
        "local ports 40000 to 40009 are in use towards this target: "
        '`sysctl -w net.ipv4.ip_local_port_range="1024 65535"`, '
        "or more source addresses with --local-ips"
    )


@pytest.mark.parametrize(("linger", "again"), [(0, None), (None, "no_ports")])
def test_a_linger_of_zero_gives_ports_back_at_once(linger: int | None, again: str | None) -> None:
    found = run_in_namespace(
        TEN_PORTS
        + f"""
for raw in connected(10, linger={linger}):
    raw.destroy()
why = refused()
report(None if why is None else why[0])
"""
    )
    assert found == again


def test_more_addresses_have_more_ports() -> None:
    found = run_in_namespace(
        TEN_PORTS
        + """
found = []
def default():
    held = connected(20)
    found.append(refused()[0])
    held += connected(20, 8001)
    for raw in held:
        found.append(raw.local_ip)
        raw.destroy()
run(default, vus=1, iterations=1, local_ips="127.0.0.2,127.0.0.3")
report(found)
"""
    )
    assert found[0] == "no_ports"
    assert found.count("127.0.0.2") == found.count("127.0.0.3") == 20
    # Another target has the same ports once more.
    assert len(found) == 1 + 20 + 20


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"linger": 5}, InvalidParameter),
        ({"linger": True}, TypeError),
        ({"recv_buffer": 0}, InvalidParameter),
        ({"send_buffer": 1 << 31}, InvalidParameter),
        ({"send_buffer": "1k"}, TypeError),
        ({"no_delay": 1}, TypeError),
        ({"tcp_keep_alive": []}, TypeError),
    ],
)
def test_options_of_the_socket_are_checked(given: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        ws.connect("ws://127.0.0.1:1/", close, **given)


@pytest.mark.parametrize("given", ["40000s", "1ms", 1e9])
def test_a_keep_alive_that_the_system_has_not_is_the_nearest_it_has(
    server: WebsocketsServer, given: str | float
) -> None:
    """TCP takes 1 s to 32,767 s, on a new connection and on an open one."""
    response = ws.connect(server.url("/ws-echo"), close, tcp_keep_alive=given)
    assert (response.status, response.error) == (101, "")
    failures: list[Any] = []
    with sockets.create_server(("127.0.0.1", 0)) as listener:
        socket = Socket(keep_alive=given)
        socket.on("error", failures.append)
        socket.connect(listener.getsockname()[1], "127.0.0.1").wait()
        socket.set_keep_alive(given).write(b"x").wait()
        socket.destroy()
        k6ws.wait()
    assert failures == []


def test_options_of_the_socket_are_for_websockets_too(
    noting: tuple[ScriptedServer, list[str]],
) -> None:
    server, found = noting
    response = ws.connect(
        server.url(),
        close,
        no_delay=False,
        tcp_keep_alive="45s",
        recv_buffer=32_768,
        linger=0,
        local_address="127.0.0.4",
    )
    assert (response.status, found) == (101, ["127.0.0.4"])

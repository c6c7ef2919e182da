"""A link-local address means something only with its zone, which is this machine's own affair."""

from __future__ import annotations

import pytest

from k6ws import ws
from k6ws._socket.url import parse
from k6ws.tcp import Socket, TCPError
from support.namespace import run_in_namespace

_LINK_LOCAL = """
    import ssl, subprocess
    raise_loopback()
    for words in ("link add v0 type veth peer name v1", "link set v0 up", "link set v1 up",
                  "addr add fe80::77/64 dev v0 nodad"):
        subprocess.run(["ip", *words.split()], check=True)
"""


def test_each_kind_of_socket_reaches_a_link_local_address() -> None:
    story = run_in_namespace(
        _LINK_LOCAL
        + """
    import trustme
    from k6ws import ws
    from k6ws.tcp import Socket
    from support.scripted import Peer, read_frame, send, upgrade
    from support import frames

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("fe80::77").configure_cert(context)
    hosts = []

    def serve(listener):
        for is_tls in (False, False, True):
            connection, _ = listener.accept()
            if is_tls:
                connection = context.wrap_socket(connection, server_side=True)
            peer = Peer(connection, threading.Event())
            for step in (upgrade(), read_frame(frames.CLOSE), send(frames.close(1000))):
                step(peer)
            hosts.append(peer.header("Host"))
            connection.close()
        connection, _ = listener.accept()
        hosts.append(connection.recv(16).decode())
        connection.close()

    listener = socket.create_server(("::", 0), family=socket.AF_INET6)
    port = listener.getsockname()[1]
    serving = threading.Thread(target=serve, args=(listener,), daemon=True)
    serving.start()
    tls = {"ca": authority.cert_pem.bytes().decode()}
    statuses = [
        ws.connect(f"{scheme}://[fe80::77{zone}]:{port}/", lambda s: s.close(), tls=tls).status
        for scheme, zone in (("ws", "%25v0"), ("ws", "%v0"), ("wss", "%25v0"))
    ]
    raw = Socket()
    raw.connect(port, "fe80::77%v0").wait()
    raw.write(b"hello").wait()
    serving.join(10)
    raw.destroy()
    report([statuses, [host.replace(str(port), "PORT") for host in hosts]])
    """
    )
    assert story == [[101, 101, 101], ["[fe80::77]:PORT"] * 3 + ["hello"]]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("ws://[fe80::7%25eth0]:80/", "fe80::7%eth0"),
        ("ws://[fe80::7%eth0]/", "fe80::7%eth0"),
        ("ws://[fe80::7%25Wlan-0]/", "fe80::7%Wlan-0"),
        ("ws://[fe80::7%2525]/", "fe80::7%25"),
    ],
)
def test_a_zone_is_read_quoted_and_as_people_copy_it(url: str, host: str) -> None:
    target = parse(url)
    assert target.host == host
    assert target.host_header.startswith("[fe80::7]")


def test_an_interface_that_is_not_there_is_named() -> None:
    told = "lookup fe80::7%k6ws-none: no such network interface"
    response = ws.connect("ws://[fe80::7%25k6ws-none]:9/", lambda socket: socket.close())
    assert (response.error, response.cause) == (told, "dns")
    assert "ip link" in response.hint
    with pytest.raises(TCPError, match=told):
        Socket().connect(9, "fe80::7%k6ws-none").wait()

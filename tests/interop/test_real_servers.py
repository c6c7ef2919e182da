"""nginx, tinyproxy, microsocks, dnsmasq and Node's `ws`, as they come from their packages."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import k6ws
from interop.programs import NODE_MODULES, free_port, needs, running
from k6ws import ws
from support.namespace import run_in_namespace

if TYPE_CHECKING:
    from support.certificates import Authority
    from support.servers import WebsocketsServer

LONG = "ä" * 70_000


def echoed(url: str, **params: Any) -> list[str | bytes]:
    """What comes back of a short text, a long one and bytes."""
    received: list[str | bytes] = []

    def session(socket: ws.Socket) -> None:
        def take(message: str | bytes) -> None:
            received.append(message)
            if len(received) == 3:
                socket.close()

        socket.on("message", take)
        socket.on("binaryMessage", take)
        for text in ("hello", LONG):
            socket.send(text)
        socket.send_binary(b"\0\xff")

    response = ws.connect(url, session, timeout="10s", **params)
    assert (response.status, response.error) == (101, "")
    return received


EXPECTED = ["hello", LONG, b"\0\xff"]


@pytest.fixture
def nginx(tmp_path: Path) -> Callable[[str], list[str]]:
    """The command that runs nginx with these server blocks."""
    program = needs("nginx", "nginx-light")

    def command(servers: str) -> list[str]:
        config = tmp_path / "nginx.conf"
        config.write_text(f"""
            daemon off; pid {tmp_path}/nginx.pid; error_log stderr; worker_processes 1;
            events {{}}
            http {{
                access_log off;
                client_body_temp_path {tmp_path}/a; proxy_temp_path {tmp_path}/b;
                fastcgi_temp_path {tmp_path}/c; uwsgi_temp_path {tmp_path}/d; scgi_temp_path {tmp_path}/e;
                {servers}
            }}
        """)
        return [program, "-e", "stderr", "-p", str(tmp_path), "-c", str(config)]

    return command


def test_nginx_ends_tls(
    nginx: Callable[[str], list[str]],
    server: WebsocketsServer,
    authority: Authority,
    tmp_path: Path,
) -> None:
    port = free_port()
    chain = authority.chain_path(tmp_path)
    command = nginx(f"""
        server {{
            listen 127.0.0.1:{port} ssl;
            ssl_certificate {chain}; ssl_certificate_key {chain};
            location / {{
                proxy_pass http://127.0.0.1:{server.port}; proxy_http_version 1.1;
                proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
            }}
        }}""")
    with running(command, port):
        url = f"wss://127.0.0.1:{port}/ws-echo-multi"
        assert echoed(url, tls={"ca": authority.pem}) == EXPECTED
        refused = ws.connect(url, lambda socket: socket.close())
        assert refused.error.startswith("tls: failed to verify certificate: x509: ")


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_nginx_reads_our_proxy_protocol(nginx: Callable[[str], list[str]], version: Any) -> None:
    port = free_port()
    command = nginx(f"""
        server {{
            listen 127.0.0.1:{port} proxy_protocol;
            location / {{ return 403 "$proxy_protocol_addr to $proxy_protocol_server_port"; }}
        }}""")
    with running(command, port):
        url = f"ws://127.0.0.1:{port}/"
        response = ws.connect(url, lambda socket: socket.close(), proxy_protocol=version)
        assert (response.status, response.body) == (403, f"127.0.0.1 to {port}")
        without = ws.connect(url, lambda socket: socket.close(), timeout="5s")
        assert without.status == 0


@pytest.fixture
def tinyproxy(tmp_path: Path, server: WebsocketsServer) -> tuple[list[str], int]:
    """The command and the port; it lets `alice` connect to our server and to port 1."""
    program = needs("tinyproxy", "tinyproxy-bin")
    port, config = free_port(), tmp_path / "tinyproxy.conf"
    config.write_text(
        f"Port {port}\nListen 127.0.0.1\nTimeout 20\nAllow 127.0.0.1\nMaxClients 20\n"
        f"BasicAuth alice secret\nConnectPort {server.port}\nConnectPort 1\n"
    )
    return [program, "-d", "-c", str(config)], port


def test_through_tinyproxy(tinyproxy: tuple[list[str], int], server: WebsocketsServer) -> None:
    command, port = tinyproxy
    url, proxy = server.url("/ws-echo-multi"), f"http://alice:secret@127.0.0.1:{port}"
    with running(command, port):
        assert echoed(url, proxy=proxy) == EXPECTED

        def refused(url: str, proxy: str) -> tuple[str, str]:
            response = ws.connect(url, lambda socket: socket.close(), proxy=proxy)
            start = f"proxy http://127.0.0.1:{port} for 127.0.0.1:"
            assert response.error.startswith(start), response.error
            return response.error.split("refused: ")[-1][:3], response.hint

        assert refused(url, f"http://127.0.0.1:{port}") == (
            "407",
            "the proxy wants a user and a password: http://user:password@host:port",
        )
        wrong = refused(url, f"http://alice:wrong@127.0.0.1:{port}")
        assert wrong[1] == "the proxy does not take this user and password"
        assert refused("ws://127.0.0.1:2/", proxy)[0] == "403"
        assert refused("ws://127.0.0.1:1/", proxy)[0] in {"500", "502", "503"}


def test_the_environment_leads_through_tinyproxy(
    tinyproxy: tuple[list[str], int], server: WebsocketsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, port = tinyproxy
    monkeypatch.setenv("HTTP_PROXY", f"http://alice:secret@127.0.0.1:{port}")
    found: list[int] = []

    def default() -> None:
        # An address of this machine that Go's rules do not take for loopback.
        response = ws.connect(f"ws://0.0.0.0:{server.port}/ws-echo", lambda socket: socket.close())
        found.append(response.status)

    with running(command, port):
        k6ws.run(default, vus=1, iterations=1)
    k6ws.run(default, vus=1, iterations=1)
    assert found == [101, 0]


def test_through_microsocks(server: WebsocketsServer) -> None:
    port = free_port()
    program = needs("microsocks", "microsocks")
    command = [program, "-i", "127.0.0.1", "-p", str(port), "-u", "alice", "-P", "secret"]
    url = server.url("/ws-echo-multi")
    with running(command, port):
        for scheme in ("socks5", "socks5h"):
            assert echoed(url, proxy=f"{scheme}://alice:secret@127.0.0.1:{port}") == EXPECTED

        def refused(url: str, login: str) -> str:
            proxy = f"socks5h://{login}127.0.0.1:{port}"
            response = ws.connect(url, lambda socket: socket.close(), proxy=proxy)
            return response.error.split(": ", 1)[1]

        assert refused(url, "") == "the SOCKS proxy wants a user and a password"
        wrong = refused(url, "alice:wrong@")
        assert wrong == "the SOCKS proxy does not take this user and password"
        dead = refused("ws://127.0.0.1:1/", "alice:secret@")
        assert dead == "the SOCKS proxy says: connection refused"


def test_names_from_dnsmasq() -> None:
    found = run_in_namespace(
        """
import socket, subprocess, threading, time
from k6ws import run, ws
raise_loopback()
mount_over("/etc/resolv.conf", "nameserver 127.0.0.53\\n")
server = subprocess.Popen([
    sys.argv[1], "--no-daemon", "--no-resolv", "--no-hosts", "--conf-file=/dev/null",
    "--listen-address=127.0.0.53", "--bind-interfaces", "--pid-file=",
    "--host-record=two.test,127.0.0.9", "--host-record=two.test,127.0.0.1", "--host-record=six.test,::1",
    "--cname=alias.test,six.test", "--local=/test/",
])
listeners = [socket.create_server(("127.0.0.1", 8000)),
             socket.create_server(("::1", 8000), family=socket.AF_INET6)]
def accept(listener):
    while True:
        peer, _ = listener.accept()
        peer.recv(4096)
        peer.sendall(b"HTTP/1.1 401 X\\r\\nContent-Length: 0\\r\\n\\r\\n")
        peer.close()
for listener in listeners:
    threading.Thread(target=accept, args=(listener,), daemon=True).start()
while server.poll() is None:
    try:
        socket.getaddrinfo("six.test", 80)
        break
    except OSError:
        time.sleep(0.05)
found = {}
def default():
    for name in ("two.test", "six.test", "alias.test", "none.test"):
        found[name] = ws.connect(f"ws://{name}:8000/", lambda s: s.close(), timeout="5s").status
run(default, vus=1, iterations=1, dns={"ttl": "0"})
server.terminate()
report(found)
""",
        needs("dnsmasq", "dnsmasq-base"),
    )
    assert found == {"two.test": 401, "six.test": 401, "alias.test": 401, "none.test": 0}


@pytest.mark.parametrize(
    ("deflate", "compression"),
    [
        (False, None),
        (True, "deflate"),
        (True, {"algorithm": "deflate"}),
        ({"serverNoContextTakeover": True, "serverMaxWindowBits": 10}, {"algorithm": "deflate"}),
        ({"clientMaxWindowBits": 9, "threshold": 0}, {"algorithm": "deflate", "level": 9}),
    ],
)
def test_node_ws_echoes(deflate: object, compression: object) -> None:
    node = needs("node", "nodejs")
    if not (NODE_MODULES / "ws").is_dir():
        pytest.skip("needs ws: package ws of npm (`make test-servers` installs it)")
    script = Path(__file__).parent / "servers" / "ws_echo.mjs"
    with subprocess.Popen(
        [node, str(script), json.dumps({"maxPayload": 1 << 20, "perMessageDeflate": deflate})],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "NODE_PATH": str(NODE_MODULES)},
    ) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            params = {} if compression is None else {"compression": compression}
            assert echoed(f"ws://127.0.0.1:{port}/", **params) == EXPECTED
        finally:
            process.terminate()

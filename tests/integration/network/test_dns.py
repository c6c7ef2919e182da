"""Names and addresses with a name server of our own, in a network of its own."""

from __future__ import annotations

from typing import Any

import pytest

from support.namespace import run_in_namespace

# Servers that say who they are: a status that no other gives, so that a response tells whom it came from.
PRELUDE = """
import socket, threading
from k6ws import run, ws
raise_loopback()

def serve(address, status):
    listener = socket.create_server(address, family=socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    def accept():
        while True:
            peer, _ = listener.accept()
            peer.recv(4096)
            peer.sendall(f"HTTP/1.1 {status} X\\r\\nContent-Length: 0\\r\\n\\r\\n".encode())
            peer.close()
    threading.Thread(target=accept, daemon=True).start()

def statuses(url, times, **options):
    found = []
    def default():
        response = ws.connect(url, lambda s: s.close(), timeout="3s")
        found.append((response.status, response.error, response.hint))
    result = run(default, vus=1, iterations=times, **options)
    return found
"""


def inside(script: str) -> Any:
    return run_in_namespace(PRELUDE + script)


def test_the_first_of_many_addresses_is_dead() -> None:
    found = inside("""
NameServer({"many.test": ["127.0.0.9", "127.0.0.8", "127.0.0.1"]})
serve(("127.0.0.1", 8000), 401)
dns = {"select": "first", "policy": "onlyIPv4"}
report(statuses("ws://many.test:8000/", 1, dns=dns))
""")
    [[status, error, hint]] = found
    assert (status, error) == (401, "websocket: bad handshake")
    assert hint.startswith("the server answered 401: ")


@pytest.mark.parametrize(
    ("dns", "asked"),
    [("ttl=5m", 1), ("ttl=inf", 1), ("ttl=0", 3), ("", 1)],
)
def test_answers_are_kept_for_the_ttl(dns: str, asked: int) -> None:
    found = inside(f"""
server = NameServer({{"a.test": ["127.0.0.1"]}})
serve(("127.0.0.1", 8000), 401)
options = {{"dns": {dns!r}}} if {dns!r} else {{}}
responses = statuses("ws://a.test:8000/", 3, **options)
report([len(responses), [kind for _, kind in server.asked].count("A")])
""")
    assert found == [3, asked]


def test_select_and_policy_choose_the_address() -> None:
    script = """
NameServer({"two.test": ["127.0.0.1", "127.0.0.2", "::1"]})
for address, status in [("127.0.0.1", 401), ("127.0.0.2", 402), ("::1", 406)]:
    serve((address, 8000), status)
found = {}
for dns in ["select=roundRobin", "policy=preferIPv6", "policy=onlyIPv6"]:
    found[dns] = [status for status, *_ in statuses("ws://two.test:8000/", 4, dns=dns)]
some = statuses("ws://two.test:8000/", 40, dns="select=random")
found["random"] = sorted({status for status, *_ in some})
report(found)
"""
    found = inside(script)
    assert sorted(found["select=roundRobin"]) == [401, 401, 402, 402]
    assert found["select=roundRobin"][:2] == found["select=roundRobin"][2:]
    assert found["policy=preferIPv6"] == found["policy=onlyIPv6"] == [406] * 4
    assert found["random"] == [401, 402]


def test_a_silent_name_server_is_a_dns_error_at_the_deadline() -> None:
    found = inside("""
import time
NameServer({"silent.test": None})
started = time.monotonic()
def default():
    response = ws.connect(
        "ws://silent.test:8000/", lambda s: s.close(), resolve_timeout="300ms"
    )
    report([response.error, response.hint, time.monotonic() - started < 2])
run(default, vus=1, iterations=1)
import os; sys.stdout.flush(); os._exit(0)  # the question still waits on its thread
""")
    assert found == [
        "lookup silent.test: i/o timeout",
        "the resolve phase had not ended within 300ms",
        True,
    ]


def test_a_name_that_does_not_exist_is_named() -> None:
    found = inside("""
NameServer({"a.test": ["127.0.0.1"]})
report(statuses("ws://b.test:8000/", 1))
""")
    [[status, error, hint]] = found
    assert (status, error) == (0, "lookup b.test: no such host")
    assert hint.startswith("check the name, or /etc/hosts")


def test_an_ipv6_literal_is_dialled_as_it_is() -> None:
    found = inside("""
serve(("::1", 8000), 406)
report([status for status, *_ in statuses("ws://[::1]:8000/", 1)])
""")
    assert found == [406]

"""What the options of a run say of TLS: it holds for every connection that does not say otherwise."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

import k6ws
from k6ws import _core, execution, ws
from k6ws.errors import InvalidParameter, OptionsError
from k6ws.tcp import Socket
from support.runs import run_once
from support.tcp_server import TcpServer, echo
from support.tls_witness import TlsWitness

if TYPE_CHECKING:
    from support.certificates import Authority

NAMES = ("a.test", "b.test", "x.wild.test", "y.x.wild.test", "127.0.0.1")

NOTHING: dict[str, Any] = {}


def close(socket: ws.Socket) -> None:
    socket.close()


def visit(server: TlsWitness, authority: Authority, hosts: list[str], **options: Any) -> list[Any]:
    """Connect to the server under each of these names; as whom we came, each time."""
    port = urlsplit(server.url()).port

    def default() -> None:
        for host in hosts:
            response = ws.connect(f"wss://{host}:{port}/", close, tls={"ca": authority.pem})
            assert response.status == 101, response.error

    run_once(default, hosts=dict.fromkeys(NAMES[:-1], "127.0.0.1"), **options)
    return [one.client for one in server.seen]


def entry(authority: Authority, name: str, *domains: str) -> dict[str, Any]:
    cert, key = authority.client(name)
    return {"cert": cert, "key": key, "domains": list(domains)}


@pytest.mark.parametrize("spelling", ["tlsAuth", "tls_auth"])
def test_client_certificates_by_domain(authority: Authority, spelling: str) -> None:
    auth = [
        entry(authority, "wild", "*.wild.test"),
        entry(authority, "exact", "x.wild.test", "a.test"),
    ]
    context = authority.asking_context(*NAMES, is_strict=False)
    with TlsWitness(context) as server:
        hosts = ["a.test", "b.test", "x.wild.test", "y.x.wild.test"]
        shown = visit(server, authority, hosts, **{spelling: auth})
    assert shown == ["exact", None, "exact", "wild"]


def test_a_client_certificate_without_domains_is_for_all(authority: Authority) -> None:
    auth = entry(authority, "all")
    del auth["domains"]
    with TlsWitness(authority.asking_context(*NAMES)) as server:
        assert visit(server, authority, ["a.test", "127.0.0.1"], tls_auth=[auth]) == ["all"] * 2


def test_a_connection_has_the_last_word(authority: Authority) -> None:
    cert, key = authority.client("own")
    options: dict[str, Any] = {
        "tls_auth": [entry(authority, "run", "127.0.0.1")],
        "tls_version": {"max": "tls1.2"},
        "insecure_skip_tls_verify": True,
    }
    given: list[k6ws.Tls] = [
        {},
        {"ca": authority.pem, "cert": cert, "key": key, "max_version": "tls1.3"},
        {"insecure_skip_tls_verify": False},
    ]
    statuses: list[int] = []

    def default() -> None:
        statuses.extend(ws.connect(server.url(), close, tls=tls).status for tls in given)

    with TlsWitness(authority.asking_context()) as server:
        run_once(default, **options)
    assert statuses == [101, 101, 0]
    assert [(one.client, one.version) for one in server.seen] == [
        ("run", "TLSv1.2"),
        ("own", "TLSv1.3"),
    ]


@pytest.mark.parametrize(
    ("version", "spoken"),
    [("tls1.2", "TLSv1.2"), ("tls1.3", "TLSv1.3"), ({"min": "", "max": "tls1.2"}, "TLSv1.2")],
)
def test_the_version_of_a_run(authority: Authority, version: Any, spoken: str) -> None:
    with TlsWitness(authority.asking_context(is_strict=False)) as server:
        visit(server, authority, ["127.0.0.1"], tlsVersion=version)
    assert [one.version for one in server.seen] == [spoken]


def test_the_cipher_suites_of_a_run(authority: Authority) -> None:
    with TlsWitness(authority.asking_context(is_strict=False)) as server:
        suites = ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"]
        visit(server, authority, ["127.0.0.1"], tlsCipherSuites=suites)
    assert [one.cipher for one in server.seen] == ["ECDHE-ECDSA-AES256-GCM-SHA384"]


def test_raw_tcp_goes_by_the_options_too(authority: Authority) -> None:
    shown: list[Any] = []

    async def note(reader: Any, writer: Any) -> None:
        subject = writer.get_extra_info("peercert")["subject"]
        shown.extend(value for part in subject for kind, value in part if kind == "commonName")
        await echo(reader, writer)

    def default() -> None:
        socket = Socket()
        socket.on("data", lambda: socket.destroy())
        socket.connect(server.port, "127.0.0.1", tls={"ca": authority.pem}).wait()
        socket.write("x")

    with TcpServer(note, tls=authority.asking_context()) as server:
        run_once(default, tls_auth=[entry(authority, "run", "127.0.0.1")])
    assert shown == ["run"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tlsVersion": "tls1.1"}, ["tlsVersion", "no longer", "tls1.2 and tls1.3"]),
        ({"tlsVersion": {"min": "tls1.3", "max": "tls1.2"}}, ["tlsVersion", "above"]),
        ({"tlsVersion": {"mim": "tls1.3"}}, ["tlsVersion.mim", "min"]),
        ({"tlsVersion": 1.2}, ["tlsVersion"]),
        ({"tlsCipherSuites": ["nope"]}, ["tlsCipherSuites", "nope", "TLS_AES_128_GCM_SHA256"]),
        (
            {"tlsVersion": "tls1.2", "tlsCipherSuites": ["TLS_AES_128_GCM_SHA256"]},
            ["tlsCipherSuites", "versions"],
        ),
        ({"tlsAuth": NOTHING}, ["tlsAuth", "list"]),
        ({"tlsAuth": [NOTHING]}, ["tlsAuth[0]", "cert"]),
        ({"tlsAuth": [{"cert": "/no/such", "key": "x"}]}, ["tlsAuth[0].cert", "/no/such"]),
        ({"tlsAuth": [{"cert": 1}]}, ["tlsAuth[0].cert"]),
        ({"tlsAuth": [{"cert": "x", "kee": "y"}]}, ["tlsAuth[0].kee", "key"]),
    ],
)
def test_options_that_cannot_be_used(options: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(OptionsError) as caught:
        k6ws.run(lambda: None, **options)
    said = f"{caught.value} {caught.value.hint}"
    assert all(word in said for word in words), said


def test_neither_a_key_nor_a_password_is_repeated_in_an_error(authority: Authority) -> None:
    cert, key = authority.client("one")
    _, other = authority.client("two")
    secrets = (key.splitlines()[1], "geheim")
    for auth in (
        {"cert": cert, "key": other, "password": "geheim"},
        {"cert": cert, "key": key.replace("BEGIN", "BEGIN ENCRYPTED"), "password": "geheim"},
        {"cert": cert, "key": key, "passwort": "geheim"},
        {"key": key, "password": "geheim"},
        {"cert": cert, "key": key, "password": ["geheim"]},
    ):
        with pytest.raises(OptionsError) as caught:
            k6ws.run(lambda: None, tls_auth=[auth])  # type: ignore[arg-type]
        said = f"{caught.value} {caught.value.hint}"
        assert "tls_auth[0]" in said
        assert not any(secret in said for secret in (*secrets, other.splitlines()[1])), said
    with pytest.raises(InvalidParameter) as refused:
        ws.connect("wss://x/", close, tls={"cert": cert, "key": other, "password": "geheim"})
    assert other.splitlines()[1] not in str(refused.value)


@pytest.mark.parametrize("where", ["run", "call", "nowhere"])
def test_skipped_verification_is_said_once(authority: Authority, where: str) -> None:
    options: Any = {"insecure_skip_tls_verify": True} if where == "run" else {}
    tls: k6ws.Tls = {"insecure_skip_tls_verify": True} if where == "call" else {"ca": authority.pem}

    def default() -> None:
        assert ws.connect(server.url(), close, tls=tls if where != "run" else {}).status == 101

    with TlsWitness(authority.server_context()) as server:
        result = k6ws.run(default, vus=2, iterations=4, **options)
    said = [one for one in result.to_dict()["run"]["warnings"] if "not verified" in one]
    assert len(said) == (0 if where == "nowhere" else 1)


SCRIPT = """
from k6ws import ws
options = {{"insecureSkipTLSVerify": True}}
def default():
    assert ws.connect({url!r}, lambda socket: socket.close()).status == 101
"""


def run_script(script: Path, *words: str, **variables: str) -> str:
    """What a run in a process of its own says."""
    command = [sys.executable, "-m", "k6ws", "run", *words, str(script)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **variables}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_the_summary_says_that_nothing_was_verified(authority: Authority, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    with TlsWitness(authority.server_context()) as server:
        script.write_text(SCRIPT.format(url=server.url()))
        said = run_script(script, "-i", "3")
    assert said.count("certificates were not verified") == 1


def test_the_keys_of_connections_are_logged(authority: Authority, tmp_path: Path) -> None:
    script, log = tmp_path / "script.py", tmp_path / "keys.log"
    context = authority.server_context()
    ours = tmp_path / "server.log"
    context.keylog_filename = str(ours)
    with TlsWitness(context) as server:
        script.write_text(SCRIPT.format(url=server.url()))
        run_script(script, "-i", "2", SSLKEYLOGFILE=str(log))
    context.keylog_filename = None  # pyright: ignore[reportAttributeAccessIssue] - closes it

    def secrets(path: Path) -> set[str]:
        pattern = r"^(?:CLIENT|SERVER)_TRAFFIC_SECRET_0 .*$"
        return set(re.findall(pattern, path.read_text(), re.MULTILINE))

    # What OpenSSL logged on the other side.
    assert len(secrets(log)) == 4
    assert secrets(log) == secrets(ours)
    assert log.stat().st_mode & 0o077 == 0


def test_a_key_log_that_cannot_be_written_is_said(authority: Authority, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    log = tmp_path / "no" / "such" / "keys.log"
    with TlsWitness(authority.server_context()) as server:
        script.write_text(SCRIPT.format(url=server.url()))
        said = run_script(script, "-i", "1", SSLKEYLOGFILE=str(log))
    assert f"SSLKEYLOGFILE: {log} cannot be written" in said


def test_each_vu_has_a_certificate_that_is_parsed_once(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vus, rounds = 100, 3
    for vu in range(1, vus + 1):
        cert, key = authority.client(f"vu-{vu}")
        (tmp_path / f"{vu}.pem").write_text(cert)
        (tmp_path / f"{vu}.key").write_text(key)
    parsed: list[str] = []

    def parse(cert: str, key: str | None, password: str | None) -> Any:
        parsed.append(cert)
        return identity(cert, key, password)

    identity = _core.TlsIdentity
    monkeypatch.setattr(_core, "TlsIdentity", parse)

    def default() -> None:
        mine = tmp_path / str(execution.vu.id_in_test)
        tls: k6ws.Tls = {"ca": authority.pem, "cert": f"{mine}.pem", "key": f"{mine}.key"}
        assert ws.connect(server.url(), close, tls=tls).status == 101

    scenario: k6ws.Scenario = {"executor": "per-vu-iterations", "vus": vus, "iterations": rounds}
    with TlsWitness(authority.asking_context()) as server:
        result = k6ws.run(default, scenarios={"one": scenario})
    assert result.exceptions == []
    shown = sorted(str(one.client) for one in server.seen)
    assert shown == sorted([f"vu-{vu}" for vu in range(1, vus + 1)] * rounds)
    assert len(parsed) == vus
    # The second and third connection of each take up the session of its own first.
    assert sum(one.is_resumed for one in server.seen) == vus * (rounds - 1)

"""When TLS fails, each time from a real cause: what failed, why, and the way out of it."""

from __future__ import annotations

import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from k6ws import ws
from k6ws.errors import ConnectError
from k6ws.tcp import Socket, TCPError
from support import frames
from support.runs import run_once
from support.servers import ScriptedServer, WebsocketsServer, hang, read_frame, send, upgrade
from support.tcp_server import TcpServer
from support.transcript import Transcript

if TYPE_CHECKING:
    from support.servers import Authority, Peer


def failure(url: str, **params: Any) -> ConnectError:
    """How a connect failed."""
    caught: list[ConnectError] = []

    def default() -> None:
        try:
            given: dict[str, Any] = {"timeout": "5s", **params}
            ws.connect(url, lambda _: None, **given)
        except ConnectError as error:
            caught.append(error)

    run_once(default, throw=True)
    [error] = caught
    return error


def assert_failed(
    error: ConnectError, cause: str, text: str, hint: str, phase: str = "tls"
) -> None:
    assert (error.phase, error.cause) == (phase, cause)
    assert text in str(error)
    assert hint in error.hint


def refuse(error: ConnectError, why: str, hint: str) -> None:
    assert_failed(error, "tls_verify", f"tls: failed to verify certificate: x509: {why}", hint)


def self_signed(folder: Path, *extra: str) -> tuple[ssl.SSLContext, str]:
    cert, key = folder / "self.pem", folder / "self.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-keyout", str(key), "-out", str(cert), "-days", "2", "-subj", "/CN=self"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", *extra]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, str(cert)


def test_an_unknown_authority(authority: Authority) -> None:
    with WebsocketsServer(tls=authority.server_context()) as server:
        error = failure(server.url("/ws-echo"))
        assert server.journal.sessions == []
    refuse(error, "certificate signed by unknown authority", 'tls={"ca"')


def test_a_certificate_that_signed_itself(tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path)
    with WebsocketsServer(tls=context) as server:
        error = failure(server.url("/ws-echo"))
    refuse(error, "certificate signed by unknown authority: it is self-signed", 'tls={"ca"')


def connected(url: str, **tls: Any) -> int:
    given: Any = tls
    return ws.connect(url, lambda socket: socket.close(), tls=given).status


@pytest.mark.parametrize("is_authority", ["TRUE", "FALSE"])
def test_a_certificate_that_signed_itself_may_be_trusted(tmp_path: Path, is_authority: str) -> None:
    """Also the one that `openssl req -x509` makes: an authority and the server's own in one."""
    extra = ["-addext", f"basicConstraints=critical,CA:{is_authority}"]
    context, cert = self_signed(tmp_path, *extra)
    with WebsocketsServer(tls=context) as server:
        assert connected(server.url("/ws-echo"), ca=cert) == 101
        error = failure(server.url("/ws-echo"), tls={"ca": cert, "server_name": "else.example"})
    refuse(error, "certificate is valid for 127.0.0.1, not else.example", "server_name")


def test_another_one_of_the_same_name_is_not(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    context, _ = self_signed(tmp_path / "one")
    _, other = self_signed(tmp_path / "two")
    with WebsocketsServer(tls=context) as server:
        error = failure(server.url("/ws-echo"), tls={"ca": other})
    why = "certificate signed by unknown authority: it is self-signed"
    refuse(error, why, "the one that the server shows today")


def test_one_that_is_trusted_has_its_dates_nevertheless(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "self")])
    past = datetime.now(UTC) - timedelta(days=3)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, past - timedelta(9), past)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    chain = tmp_path / "chain.pem"
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain.write_bytes(plain + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    with WebsocketsServer(tls=context) as server:
        error = failure(server.url("/ws-echo"), tls={"ca": pem.decode()})
    refuse(error, "certificate has expired or is not yet valid: it expired", "renew")


def test_an_authority_that_was_made_anew_is_another_one(tmp_path: Path) -> None:
    old, new = (trustme.CA(organization_unit_name="dev CA") for _ in range(2))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    new.issue_cert("127.0.0.1").configure_cert(context)  # pyright: ignore[reportUnknownMemberType] - or a context of pyOpenSSL
    with WebsocketsServer(tls=context) as server:
        url = server.url("/ws-echo")
        assert connected(url, ca=new.cert_pem.bytes().decode()) == 101
        error = failure(url, tls={"ca": old.cert_pem.bytes().decode()})
    why = "certificate signed by unknown authority: it was signed by another authority of the same name"
    refuse(error, why, "was the authority made anew?")


def test_who_has_given_an_authority_is_not_told_to_give_one(
    authority: Authority, tmp_path: Path
) -> None:
    _, other = self_signed(tmp_path)
    with WebsocketsServer(tls=authority.server_context()) as server:
        error = failure(server.url("/ws-echo"), tls={"ca": other})
    refuse(
        error, "certificate signed by unknown authority", "none of the authorities in the ca given"
    )


def test_the_certificate_of_an_authority_is_none_of_a_server(tmp_path: Path) -> None:
    root = trustme.CA()
    intermediate = root.create_child_ca()
    chain = tmp_path / "chain.pem"
    chain.write_bytes(intermediate.private_key_pem.bytes() + intermediate.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    with WebsocketsServer(tls=context) as server:
        pem = root.cert_pem.bytes().decode()
        error = failure(server.url("/ws-echo"), tls={"ca": pem})
    refuse(error, "the server shows the certificate of an authority as its own", "CA:FALSE")


def test_an_expired_certificate(authority: Authority) -> None:
    with WebsocketsServer(tls=authority.expired_context()) as server:
        error = failure(server.url("/ws-echo"), tls={"ca": authority.pem})
    why = "certificate has expired or is not yet valid: it expired 3 days ago"
    refuse(error, why, "renew")


def test_a_certificate_of_somebody_else(authority: Authority) -> None:
    with WebsocketsServer(tls=authority.server_context("example.com", "example.org")) as server:
        error = failure(server.url("/ws-echo"), tls={"ca": authority.pem})
    why = "certificate is valid for example.com, example.org, not 127.0.0.1"
    refuse(error, why, "server_name")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
def test_a_server_of_tls_1_0(authority: Authority) -> None:
    context = authority.server_context()
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with ScriptedServer([hang], tls=context) as server:
        error = failure(server.url(), tls={"ca": authority.pem})
    assert_failed(error, "tls_protocol", "no version or cipher suite in common", "TLS 1.2 and 1.3")


def test_wss_to_a_port_that_speaks_plain_http() -> None:
    def answer(peer: Peer) -> None:
        peer.read()
        peer.sock.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

    with ScriptedServer([answer]) as server:
        error = failure(server.url().replace("ws://", "wss://"))
    text = "tls: first record does not look like a TLS handshake"
    assert_failed(error, "tls_protocol", text, "ws://")


def test_ws_to_a_port_that_speaks_tls() -> None:
    def alert(peer: Peer) -> None:
        peer.read()
        # What OpenSSL answers: a fatal alert.
        peer.sock.sendall(bytes.fromhex("15030300020246"))

    with ScriptedServer([alert]) as server:
        error = failure(server.url())
    assert_failed(error, "tls_protocol", "the server speaks TLS", "is it wss:// ?", "upgrade")


def test_ws_to_an_openssl_server(authority: Authority, tmp_path: Path) -> None:
    """OpenSSL itself, which says nothing or an alert; either is an error with a cause."""
    with ScriptedServer([hang], tls=authority.server_context()) as server:
        error = failure(server.url().replace("wss://", "ws://"))
    assert error.cause in {"tls_protocol", "eof", "reset"}
    assert "wss://" in error.hint


def test_a_handshake_that_stalls() -> None:
    with ScriptedServer([hang]) as server:
        url = server.url().replace("ws://", "wss://")
        error = failure(url, timeout=300)
    assert_failed(error, "tls_timeout", "i/o timeout", "the tls phase had not ended")


def test_a_server_that_leaves_in_the_handshake() -> None:
    with ScriptedServer([lambda peer: peer.read()]) as server:
        error = failure(server.url().replace("ws://", "wss://"))
    assert_failed(error, "eof", "tls: unexpected EOF", "speak TLS on this port")


@pytest.mark.parametrize("version", ["tls1.2", "tls1.3"])
def test_a_client_certificate_is_wanted(authority: Authority, version: str) -> None:
    tls = {"ca": authority.pem, "max_version": version}
    with ScriptedServer([upgrade(), hang], tls=authority.asking_context()) as server:
        error = failure(server.url(), tls=tls)
    # In TLS 1.3 the refusal comes when the client's handshake is over.
    phase = "tls" if version == "tls1.2" else "upgrade"
    assert_failed(error, "tls_protocol", "tls: the server", 'tls={"cert"', phase)


@pytest.mark.parametrize("version", ["tls1.2", "tls1.3"])
def test_a_client_certificate_of_somebody_unknown(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory, version: str
) -> None:
    stranger = type(authority)(tmp_path_factory.mktemp("stranger"))
    cert, key = stranger.client("mallory")
    tls = {"ca": authority.pem, "cert": cert, "key": key, "max_version": version}
    with ScriptedServer([upgrade(), hang], tls=authority.asking_context()) as server:
        error = failure(server.url(), tls=tls)
    phase = "tls" if version == "tls1.2" else "upgrade"
    text = "tls: the server does not accept the client certificate: UnknownCA"
    assert_failed(error, "tls_protocol", text, "authority that the server trusts", phase)


def test_raw_tcp_is_told_of_a_certificate_that_is_wanted(authority: Authority) -> None:
    story: list[Any] = []

    def default() -> None:
        socket = Socket()
        socket.on("error", lambda error: story.append((error.method, error.hint)))
        socket.on("close", lambda: story.append("close"))
        socket.connect(port, "127.0.0.1", tls={"ca": authority.pem}).wait()

    with ScriptedServer([hang], tls=authority.asking_context()) as server:
        port = int(server.url().split(":")[2].strip("/"))
        run_once(default)
    assert story == [
        ("read", 'give one with tls={"cert": "client.pem", "key": "client.key"}'),
        "close",
    ]


def test_raw_tcp_has_the_same_words(authority: Authority) -> None:
    caught: list[TCPError] = []

    def default() -> None:
        try:
            Socket().connect(server.port, "127.0.0.1", tls={"ca": authority.pem}).wait()
        except TCPError as error:
            caught.append(error)

    with TcpServer(tls=authority.server_context("example.com")) as server:
        run_once(default)
    [error] = caught
    assert (error.phase, error.cause) == ("tls", "tls_verify")
    assert "certificate is valid for example.com, not 127.0.0.1" in str(error)


@pytest.mark.parametrize("has_closed", [True, False])
def test_tcp_cut_without_a_close_notify(authority: Authority, *, has_closed: bool) -> None:
    transcript = Transcript()

    def cut(peer: Peer) -> None:
        # SSLSocket.close() sends no close_notify.
        peer.sock.close()

    script: list[Any] = [upgrade()]
    if has_closed:
        script += [send(frames.close(1000)), read_frame(8)]
    with ScriptedServer([*script, cut], tls=authority.server_context()) as server:
        ws.connect(server.url(), transcript.before(lambda _: None), tls={"ca": authority.pem})
    clean = [("open",), ("close", 1000)]
    text = "websocket: close 1006 (abnormal closure): unexpected EOF"
    torn = [("open",), ("error", text), ("close", 1006)]
    assert transcript.events == (clean if has_closed else torn)

"""What a connection says of TLS, seen by a server that Python's `ssl` made."""

from __future__ import annotations

import re
import ssl
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from k6ws import K6Error, ws
from k6ws.errors import InvalidParameter, UnknownOption
from k6ws.tcp import Socket, TCPError
from support.runs import run_once
from support.tcp_server import TcpServer
from support.tls_witness import TlsWitness

if TYPE_CHECKING:
    from support.certificates import Authority


def close(socket: ws.Socket) -> None:
    socket.close()


def connect(server: TlsWitness, **tls: Any) -> ws.Response:
    given: Any = tls
    return ws.connect(server.url(), close, tls=given)


def refused(**tls: Any) -> str:
    """The text of the refusal at the call, and its hint."""
    given: Any = tls
    with pytest.raises(InvalidParameter) as caught:
        ws.connect("wss://127.0.0.1:1/", close, tls=given)
    assert isinstance(caught.value, K6Error)
    return f"{caught.value} ({caught.value.hint})"


@pytest.fixture
def files(authority: Authority, tmp_path: Path) -> tuple[str, str]:
    """A client certificate and its key, as files."""
    paths = (tmp_path / "client.pem", tmp_path / "client.key")
    for path, text in zip(paths, authority.client("ann"), strict=True):
        path.write_text(text)
    return str(paths[0]), str(paths[1])


@pytest.mark.parametrize("form", ["path", "Path", "text", "bytes", "together"])
def test_a_client_certificate_is_shown(
    authority: Authority, files: tuple[str, str], form: str
) -> None:
    texts = [Path(one).read_text() for one in files]
    given: dict[str, Any] = {
        "path": {"cert": files[0], "key": files[1]},
        "Path": {"cert": Path(files[0]), "key": Path(files[1])},
        "text": {"cert": texts[0], "key": texts[1]},
        "bytes": {"cert": texts[0].encode(), "key": texts[1].encode()},
        "together": {"cert": "".join(texts)},
    }[form]
    with TlsWitness(authority.asking_context()) as server:
        response = connect(server, ca=authority.pem, **given)
    assert response.status == 101
    assert [one.client for one in server.seen] == ["ann"]


def test_another_certificate_in_the_same_file_is_another_certificate(
    authority: Authority, files: tuple[str, str]
) -> None:
    tls = {"ca": authority.pem, "cert": files[0], "key": files[1]}
    with TlsWitness(authority.asking_context()) as server:
        connect(server, **tls)
        for path, text in zip(files, authority.client("bob"), strict=True):
            Path(path).write_text(text)
        connect(server, **tls)
    assert [one.client for one in server.seen] == ["ann", "bob"]


OPENSSL = {
    "pkcs8": ["pkcs8", "-topk8", "-passout", "pass:secret"],
    "pkcs8 scrypt": ["pkcs8", "-topk8", "-scrypt", "-passout", "pass:secret"],
    "pkcs8 3des": ["pkcs8", "-topk8", "-v2", "des3", "-passout", "pass:secret"],
    "old aes128": ["ec", "-aes128", "-passout", "pass:secret"],
    "old aes256": ["ec", "-aes256", "-passout", "pass:secret"],
    "old 3des": ["ec", "-des3", "-passout", "pass:secret"],
}


@pytest.mark.parametrize("way", OPENSSL)
def test_a_key_behind_a_password(authority: Authority, files: tuple[str, str], way: str) -> None:
    cert, plain = files
    key = plain + ".locked"
    command = ["openssl", *OPENSSL[way], "-in", plain, "-out", key]
    subprocess.run(command, check=True, capture_output=True)
    assert "ENCRYPTED" in Path(key).read_text()
    with TlsWitness(authority.asking_context()) as server:
        tls = {"ca": authority.pem, "cert": cert, "key": key, "password": "secret"}
        assert connect(server, **tls).status == 101
    assert [one.client for one in server.seen] == ["ann"]
    assert "wrong password" in refused(cert=cert, key=key, password="wrong")
    missing = refused(cert=cert, key=key)
    assert "tls.password" in missing
    assert "there is no password" in missing
    assert key in missing


def test_a_key_in_a_way_that_is_not_known_says_how_to_convert_it(files: tuple[str, str]) -> None:
    cert, plain = files
    key = plain + ".locked"
    command = [
        "openssl",
        "ec",
        "-camellia256",
        "-passout",
        "pass:secret",
        "-in",
        plain,
        "-out",
        key,
    ]
    subprocess.run(command, check=True, capture_output=True)
    assert "openssl pkcs8 -topk8" in refused(cert=cert, key=key, password="secret")


def test_files_that_are_not_what_they_should_be(
    authority: Authority, files: tuple[str, str], tmp_path: Path
) -> None:
    cert, key = files
    other = tmp_path / "other.key"
    other.write_text(authority.client("bob")[1])
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_bytes(b"\x30\x82\x00\xff")
    torn = tmp_path / "torn.pem"
    torn.write_text(Path(cert).read_text()[:200])
    refusals: list[tuple[dict[str, Any], list[str]]] = [
        (
            {"cert": cert, "key": str(other)},
            ["tls.key", "other.key", "does not belong", "client.pem"],
        ),
        ({"cert": "/no/such.pem", "key": key}, ["tls.cert", "/no/such.pem", "no such file"]),
        ({"cert": cert, "key": "/no/such.key"}, ["tls.key", "/no/such.key", "no such file"]),
        ({"cert": cert, "key": str(tmp_path)}, ["tls.key", "is a directory"]),
        (
            {"cert": str(rubbish), "key": key},
            ["tls.cert", "rubbish.pem", "not PEM", "openssl x509"],
        ),
        ({"cert": str(torn), "key": key}, ["tls.cert", "torn.pem"]),
        ({"cert": key, "key": key}, ["tls.cert", "no certificate"]),
        ({"cert": cert, "key": cert}, ["tls.key", "no private key"]),
        ({"cert": cert}, ["tls.key", "no private key"]),
        ({"key": key}, ["tls.key", "no certificate to it"]),
        ({"password": "x"}, ["tls.password"]),
        ({"ca": str(rubbish)}, ["tls.ca", "rubbish.pem", "not PEM"]),
        ({"ca": key}, ["tls.ca", "no certificate"]),
        ({"ca": []}, ["tls.ca", "no certificate"]),
        ({"ca": "no\x00name"}, ["tls.ca"]),
    ]
    for given, words in refusals:
        said = refused(**given)
        assert all(word in said for word in words), said


@pytest.mark.parametrize(
    ("given", "version"),
    [
        ({"max_version": "tls1.2"}, "TLSv1.2"),
        ({"maxVersion": "tls1.2", "minVersion": "tls1.2"}, "TLSv1.2"),
        ({"min_version": "tls1.3"}, "TLSv1.3"),
        ({}, "TLSv1.3"),
    ],
)
def test_versions(authority: Authority, given: dict[str, Any], version: str) -> None:
    with TlsWitness(authority.asking_context(is_strict=False)) as server:
        assert connect(server, ca=authority.pem, **given).status == 101
    assert [one.version for one in server.seen] == [version]


@pytest.mark.parametrize("version", ["tls1.0", "tls1.1", "ssl3.0", "TLS 1.2", ""])
def test_versions_that_are_not_spoken(version: str) -> None:
    said = refused(min_version=version)
    assert "tls.min_version" in said
    assert "tls1.2 and tls1.3" in said


def test_cipher_suites(authority: Authority) -> None:
    with TlsWitness(authority.asking_context(is_strict=False)) as server:
        for suites in [
            ["TLS_AES_128_GCM_SHA256"],
            ["TLS_CHACHA20_POLY1305_SHA256"],
            ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
            ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305"],
        ]:
            assert connect(server, ca=authority.pem, cipherSuites=suites).status == 101
    assert [one.cipher for one in server.seen] == [
        "TLS_AES_128_GCM_SHA256",
        "TLS_CHACHA20_POLY1305_SHA256",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
    ]
    for suites in ["TLS_RSA_WITH_RC4_128_SHA"], ["nonsense"], []:
        said = refused(cipher_suites=suites)
        assert "tls.cipher_suites" in said
        assert "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384" in said


def test_protocols(authority: Authority) -> None:
    context = authority.server_context()
    context.set_alpn_protocols(["mine", "http/1.1"])
    with TlsWitness(context) as server:
        connect(server, ca=authority.pem)
        connect(server, ca=authority.pem, alpn=["mine", "http/1.1"])
        connect(server, ca=authority.pem, alpn=[])
    assert [one.alpn for one in server.seen] == ["http/1.1", "mine", None]


def test_the_name_asked_for(authority: Authority) -> None:
    with TlsWitness(authority.server_context()) as server:
        assert connect(server, ca=authority.pem, serverName="example.com").status == 101
        assert connect(server, ca=authority.pem).status == 101
    # An address is no name, so it is not sent (RFC 6066).
    assert server.names == ["example.com", None]


@pytest.mark.parametrize("version", ["tls1.2", "tls1.3"])
def test_sessions_are_taken_up_again_unless_told_not_to(authority: Authority, version: str) -> None:
    tls = {"ca": authority.pem, "max_version": version}
    with TlsWitness(authority.asking_context(is_strict=False)) as server:
        for _ in range(3):
            connect(server, **tls)
        for _ in range(3):
            connect(server, **tls, resume=False)
    assert [one.is_resumed for one in server.seen] == [False, True, True, False, False, False]


def test_a_session_is_not_taken_up_under_another_certificate(authority: Authority) -> None:
    with TlsWitness(authority.asking_context()) as server:
        for name in ("ann", "bob"):
            cert, key = authority.client(name)
            for _ in range(2):
                connect(server, ca=authority.pem, cert=cert, key=key)
    assert [(one.client, one.is_resumed) for one in server.seen] == [
        ("ann", False),
        ("ann", True),
        ("bob", False),
        ("bob", True),
    ]


@pytest.mark.parametrize(
    "tls",
    [
        {"cert": 1},
        {"ca": [1]},
        {"password": 1},
        {"min_version": 1.2},
        {"cipher_suites": "TLS_AES_128_GCM_SHA256"},
        {"alpn": "http/1.1"},
        {"alpn": [1]},
        {"resume": 1},
        {"insecure_skip_tls_verify": "yes"},
        {"server_name": b"x"},
        {"min_version": "tls1.2", "minVersion": "tls1.2"},
    ],
)
def test_values_of_the_wrong_type(tls: Any) -> None:
    with pytest.raises(TypeError, match=r"tls\."):
        ws.connect("wss://127.0.0.1:1/", close, tls=tls)


def test_names_out_of_bounds() -> None:
    assert "1 to 255 bytes" in refused(alpn=["x" * 256])
    assert "1 to 255 bytes" in refused(alpn=[""])
    assert "empty" in refused(server_name="")
    with pytest.raises(UnknownOption, match=re.escape("tls.certificate")):
        ws.connect("wss://127.0.0.1:1/", close, tls={"certificate": "x"})  # type: ignore[arg-type]


@pytest.mark.parametrize("when", ["connect", "start_tls"])
def test_raw_tcp_takes_the_same_settings(authority: Authority, when: str) -> None:
    seen: list[tuple[Any, ...]] = []
    context = authority.asking_context()
    cert, key = authority.client("ann")
    tls: Any = {"ca": authority.pem, "cert": cert, "key": key, "max_version": "tls1.2"}

    async def note(reader: Any, writer: Any) -> None:
        if when == "start_tls":
            writer.write(b"GO")
            await writer.drain()
            await writer.start_tls(context)
        secured: ssl.SSLObject = writer.get_extra_info("ssl_object")
        subject = (secured.getpeercert() or {}).get("subject", ())
        names = [value for part in subject for kind, value in part if kind == "commonName"]
        seen.append((secured.version(), names, secured.selected_alpn_protocol()))
        writer.write(await reader.read(5))

    got: list[bytes] = []

    def default() -> None:
        socket = Socket()

        def data(piece: bytes) -> None:
            got.append(piece)
            if piece == b"GO":
                socket.start_tls(tls)
                socket.write("hello")
            else:
                socket.destroy()

        socket.on("data", data)
        socket.connect(server.port, "127.0.0.1", tls=tls if when == "connect" else False).wait()
        if when == "connect":
            socket.write("hello")

    with TcpServer(note, tls=context if when == "connect" else None) as server:
        run_once(default)
    assert seen == [("TLSv1.2", ["ann"], None)]
    assert got[-1] == b"hello"


def test_raw_tcp_names_the_setting_at_fault() -> None:
    with pytest.raises(InvalidParameter, match=r"tls\.key"):
        Socket().connect(1, "127.0.0.1", tls={"key": "x"})
    with pytest.raises((InvalidParameter, TCPError), match=r"tls\.min_version"):
        Socket().start_tls({"min_version": "tls1.0"})  # type: ignore[arg-type]

"""`k6ws echo`: the built-in target."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import trustme

from k6ws import ws

ECHO = [sys.executable, "-m", "k6ws", "echo"]


def test_with_a_certificate_it_speaks_wss(tmp_path: Path) -> None:
    authority = trustme.CA()
    identity = authority.issue_cert("127.0.0.1")
    certificate, key, ca = (tmp_path / name for name in ("cert.pem", "key.pem", "ca.pem"))
    certificate.write_bytes(b"".join(blob.bytes() for blob in identity.cert_chain_pems))
    key.write_bytes(identity.private_key_pem.bytes())
    ca.write_bytes(authority.cert_pem.bytes())
    words = ["--port", "0", "--tls-cert", str(certificate), "--tls-key", str(key)]
    received: list[str] = []

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("secret"))
        socket.on("message", lambda text: (received.append(text), socket.close()))

    with subprocess.Popen([*ECHO, *words], stdout=subprocess.PIPE, text=True) as target:
        try:
            assert target.stdout is not None
            url = target.stdout.readline().strip()
            assert url.startswith("wss://")
            assert ws.connect(url, session, tls={"ca": str(ca)}).status == 101
            assert received == ["secret"]
            refused = ws.connect(url, session)
            assert refused.error.startswith("tls: failed to verify certificate")
        finally:
            target.terminate()


def test_a_port_that_is_taken_or_impossible_is_said_in_a_line() -> None:
    done = subprocess.run(
        [*ECHO, "--port", "99999"], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "99999" in done.stderr


def test_a_certificate_without_its_key_is_refused() -> None:
    done = subprocess.run(
        [*ECHO, "--tls-cert", "x.pem"], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode != 0
    assert "--tls-key" in done.stderr

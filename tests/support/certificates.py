"""A certificate authority for the tests, and server contexts it vouches for."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme


class Authority:
    """Root of trust written to `folder`; nothing outside the tests trusts it."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self.pem_path = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.pem_path))

    @property
    def pem(self) -> str:
        """The root as PEM text."""
        return self._ca.cert_pem.bytes().decode()

    def server_context(self, *names: str) -> ssl.SSLContext:
        """TLS 1.3 with a certificate for these names, by default also for 127.0.0.1."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.set_alpn_protocols(["http/1.1"])
        self._ca.issue_cert(*(names or ("example.com", "127.0.0.1"))).configure_cert(context)  # pyright: ignore[reportUnknownMemberType] - or a context of pyOpenSSL
        return context

    def chain_path(self, folder: Path, *names: str) -> Path:
        """A file with a key and its certificate for these names, for servers that read files."""
        path = folder / "chain.pem"
        issued = self._ca.issue_cert(*(names or ("example.com", "127.0.0.1")))
        issued.private_key_and_cert_chain_pem.write_to_path(str(path))
        return path

    def client(self, name: str) -> tuple[str, str]:
        """A client certificate that says this common name, and its key, as PEM."""
        leaf = self._ca.issue_cert(f"{name}@example.com", common_name=name)
        certificate = "".join(blob.bytes().decode() for blob in leaf.cert_chain_pems)
        return certificate, leaf.private_key_pem.bytes().decode()

    def asking_context(self, *names: str, is_strict: bool = True) -> ssl.SSLContext:
        """A server that wants a client certificate of this authority; without it, it refuses if strict."""
        context = self.server_context(*names)
        self._ca.configure_trust(context)  # pyright: ignore[reportUnknownMemberType] - or a context of pyOpenSSL
        context.verify_mode = ssl.CERT_REQUIRED if is_strict else ssl.CERT_OPTIONAL
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def expired_context(self) -> ssl.SSLContext:
        """A certificate for 127.0.0.1 that was valid three days ago."""
        past = datetime.now(UTC) - timedelta(days=3, hours=1)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        leaf = self._ca.issue_cert("127.0.0.1", not_before=past - timedelta(9), not_after=past)
        leaf.configure_cert(context)  # pyright: ignore[reportUnknownMemberType] - or a context of pyOpenSSL
        return context

    def client_context(self) -> ssl.SSLContext:
        """A context that trusts this authority, for checks of the servers themselves."""
        context = ssl.create_default_context()
        self._ca.configure_trust(context)  # pyright: ignore[reportUnknownMemberType] - or a context of pyOpenSSL
        return context

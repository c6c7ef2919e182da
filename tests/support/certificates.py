"""A certificate authority for the tests, and server contexts it vouches for."""

from __future__ import annotations

import ssl
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
        self._ca.issue_cert(*(names or ("example.com", "127.0.0.1"))).configure_cert(context)
        return context

    def chain_path(self, folder: Path, *names: str) -> Path:
        """A file with a key and its certificate for these names, for servers that read files."""
        path = folder / "chain.pem"
        issued = self._ca.issue_cert(*(names or ("example.com", "127.0.0.1")))
        issued.private_key_and_cert_chain_pem.write_to_path(str(path))
        return path

    def client_context(self) -> ssl.SSLContext:
        """A context that trusts this authority, for checks of the servers themselves."""
        context = ssl.create_default_context()
        self._ca.configure_trust(context)
        return context

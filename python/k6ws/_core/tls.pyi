"""What a script says of TLS, parsed and checked."""

from typing import final

@final
class TlsRoots:
    """Certificate authorities."""

    def __new__(cls, ca: list[str]) -> TlsRoots:
        """Read PEM texts, or files of that name; raises `InvalidParameter`."""

@final
class TlsIdentity:
    """A client certificate and its key."""

    def __new__(cls, cert: str, key: str | None, password: str | None) -> TlsIdentity:
        """Read PEM texts, or files of that name; raises `InvalidParameter`."""

@final
class TlsSettings:
    """All of it for a connection; what is `None` is as the run says."""

    def __new__(
        cls,
        *,
        roots: TlsRoots | None,
        identity: TlsIdentity | None,
        server_name: str | None,
        insecure_skip_tls_verify: bool | None,
        min_version: str | None,
        max_version: str | None,
        cipher_suites: list[str] | None,
        alpn: list[str] | None,
        resume: bool | None,
    ) -> TlsSettings:
        """Put together; raises `InvalidParameter` for a name that is not known."""

def key_log_remark() -> str | None:
    """Why TLS keys cannot be logged to the file that `SSLKEYLOGFILE` names, if they are wanted."""

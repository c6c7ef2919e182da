"""The ``tls`` parameter: what a connection trusts, and as whom it asks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from k6ws import _core
from k6ws._params.values import Api, nearest
from k6ws.errors import InvalidParameter, UnknownOption

_KEYS = {
    "ca": "ca",
    "insecure_skip_tls_verify": "insecure_skip_tls_verify",
    "insecureSkipTLSVerify": "insecure_skip_tls_verify",
    "server_name": "server_name",
    "serverName": "server_name",
    "alpn": "alpn",
}


class TlsSettings(NamedTuple):
    """How TLS is spoken, valid. What is ``None`` is as the options of the run say."""

    ca_pem: str | None = None
    insecure_skip_tls_verify: bool | None = None
    server_name: str | None = None
    alpn: tuple[str, ...] = ()

    def arguments(self, *, skips_verification: bool) -> _core.TlsArguments:
        """As the core takes it; ``skips_verification`` is what the run does by default."""
        given = self.insecure_skip_tls_verify
        return {
            "ca_pem": self.ca_pem,
            "insecure_skip_tls_verify": skips_verification if given is None else given,
            "server_name": self.server_name,
            "alpn": list(self.alpn),
        }


def read_tls(tls: object, api: Api) -> TlsSettings:
    """The settings in the ``tls`` mapping.

    Raises:
        UnknownOption: A key that does not exist.
        TypeError: A value of the wrong type.
        InvalidParameter: A file that cannot be read, or that holds something else.
    """
    if tls is None:
        return TlsSettings()
    if not isinstance(tls, Mapping):
        message = f"tls is a mapping, not {tls!r}"
        raise TypeError(message)
    found: dict[str, Any] = {}
    for key, value in tls.items():  # pyright: ignore[reportUnknownVariableType]
        name = _KEYS.get(str(key))  # pyright: ignore[reportUnknownArgumentType]
        if name is None:
            hint = nearest(str(key), _KEYS, _KEYS)  # pyright: ignore[reportUnknownArgumentType]
            raise UnknownOption(api.unknown.format(f"tls.{key}"), hint)
        found[name] = value
    insecure = found.get("insecure_skip_tls_verify")
    if insecure is not None and not isinstance(insecure, bool):
        message = f"tls.insecure_skip_tls_verify is True or False, not {insecure!r}"
        raise TypeError(message)
    return TlsSettings(
        ca_pem=_pem(found.get("ca")),
        insecure_skip_tls_verify=insecure,
        server_name=found.get("server_name"),
        alpn=tuple(map(str, found.get("alpn") or ())),
    )


def _pem(ca: object) -> str | None:
    """PEM text from PEM text, a path, or a list of either."""
    if ca is None:
        return None
    if isinstance(ca, (list, tuple)):
        parts: list[object] = list(ca)  # pyright: ignore[reportUnknownArgumentType]
        return "\n".join(filter(None, map(_pem, parts)))
    if isinstance(ca, bytes):
        return ca.decode("ascii", "replace")
    text = str(ca)
    if "-----BEGIN" in text:
        _check_pem(text)
        return text
    try:
        pem = Path(text).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        message = f"tls.ca: cannot read {text!r}: {error}"
        raise InvalidParameter(message) from error
    _check_pem(pem)
    return pem


def _check_pem(pem: str) -> None:
    try:
        _core.check_ca(pem)
    except ValueError as error:
        message = f"tls.ca: {error}"
        raise InvalidParameter(message) from None

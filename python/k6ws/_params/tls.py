"""The ``tls`` parameter: what a connection trusts, and as whom it asks.

Certificates and keys are read and checked at the call, before anything is dialled, and once: equal parameters
share what was parsed as long as the files are what they were.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from os import PathLike, fsdecode
from typing import Any, NamedTuple

from k6ws import _core
from k6ws._params.names import Api, by_our_names, spellings
from k6ws._params.values import flag
from k6ws.errors import InvalidParameter

# As many client certificates as a run may have VUs with one of their own; the core keeps as many.
_MOST_IDENTITIES = 16_384
_MOST_AUTHORITIES = 256
_MOST_PROTOCOL = 255


class TlsSettings(NamedTuple):
    """How TLS is spoken, valid. Without any, it is spoken as the options of the run say."""

    core: _core.TlsSettings | None = None


def read_tls(value: object, name: str, api: Api) -> TlsSettings:
    """The settings in the ``tls`` mapping.

    Raises:
        UnknownOption: A key that does not exist.
        TypeError: A value of the wrong type.
        InvalidParameter: A file that cannot be read or holds something else, or a name that is not known.
    """
    if not isinstance(value, Mapping):
        message = f"{name} is a mapping, not {value!r}"
        raise TypeError(message)
    found = by_our_names(value, _NAMES, api, within=name)  # pyright: ignore[reportUnknownArgumentType]
    given = {
        name: _READERS[name](value, name) for name, value in found.items() if value is not None
    }
    return _settings(_Given(**given)) if given else _USUAL


def read_tls_or_none(value: object, name: str, api: Api) -> TlsSettings | None:
    """TLS as ``True``, ``False`` or a mapping says it."""
    if isinstance(value, bool):
        return _USUAL if value else None
    if not isinstance(value, Mapping):
        message = f"{name} is True, False or a mapping, not {value!r}"
        raise TypeError(message)
    return read_tls(value, name, api)  # pyright: ignore[reportUnknownArgumentType]


class _Source(NamedTuple):
    """PEM text, or a file as it is now: another ``stamp`` is another content."""

    given: str
    stamp: tuple[int, ...] = ()


class _Given(NamedTuple):
    ca: tuple[_Source, ...] | None = None
    cert: _Source | None = None
    key: _Source | None = None
    password: str | None = None
    server_name: str | None = None
    insecure_skip_tls_verify: bool | None = None
    min_version: str | None = None
    max_version: str | None = None
    cipher_suites: tuple[str, ...] | None = None
    alpn: tuple[str, ...] | None = None
    resume: bool | None = None


_USUAL = TlsSettings()


@lru_cache(_MOST_IDENTITIES)
def _settings(given: _Given) -> TlsSettings:
    identity = None
    if given.cert is not None:
        identity = _core.TlsIdentity(
            given.cert.given, given.key.given if given.key else None, given.password
        )
    elif given.key is not None:
        message = "tls.key: there is no certificate to it"
        raise InvalidParameter(message, 'give both: tls={"cert": …, "key": …}')
    elif given.password is not None:
        message = "tls.password: there is no key that it opens"
        raise InvalidParameter(message, 'give all: tls={"cert": …, "key": …, "password": …}')
    suites, alpn = given.cipher_suites, given.alpn
    core = _core.TlsSettings(
        roots=None if given.ca is None else _roots(given.ca),
        identity=identity,
        server_name=given.server_name,
        insecure_skip_tls_verify=given.insecure_skip_tls_verify,
        min_version=given.min_version,
        max_version=given.max_version,
        cipher_suites=None if suites is None else list(suites),
        alpn=None if alpn is None else list(alpn),
        resume=given.resume,
    )
    return TlsSettings(core)


@lru_cache(_MOST_AUTHORITIES)
def _roots(ca: tuple[_Source, ...]) -> _core.TlsRoots:
    return _core.TlsRoots([one.given for one in ca])


def _source(value: object, name: str) -> _Source:
    """PEM text or a path, from text, bytes or a path object."""
    if isinstance(value, (bytes, bytearray)):
        text = bytes(value).decode("utf-8", "replace")
    elif isinstance(value, (str, PathLike)):
        text = fsdecode(value)  # pyright: ignore[reportUnknownArgumentType]
    else:
        message = f"tls.{name} is a path or PEM text, not {type(value).__name__}"
        raise TypeError(message)
    if "-----BEGIN" in text:
        return _Source(text)
    try:
        stat = os.stat(text)  # noqa: PTH116 - for each connection, and a Path costs more than the call
    except (OSError, ValueError):
        return _Source(text)  # the core says why it cannot be read
    return _Source(text, (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns))


def _sources(value: object, name: str) -> tuple[_Source, ...]:
    if not isinstance(value, (list, tuple)):
        return (_source(value, name),)
    parts: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType]
    return tuple(_source(part, name) for part in parts)


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        message = f"tls.{name} is text, not {type(value).__name__}"
        raise TypeError(message)
    return value


def _name(value: object, name: str) -> str:
    if not _text(value, name):
        message = f"tls.{name} is empty"
        raise InvalidParameter(message)
    return _text(value, name)


def _flag(value: object, name: str) -> bool:
    return flag(value, f"tls.{name}")


def _words(value: object, name: str) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        message = f"tls.{name} is a list of names, not {value!r}"
        raise TypeError(message)
    parts: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType]
    return tuple(_text(part, name) for part in parts)


def _protocols(value: object, name: str) -> tuple[str, ...]:
    words = _words(value, name)
    for word in words:
        if not 0 < len(word.encode("utf-8", "surrogatepass")) <= _MOST_PROTOCOL:
            message = f"tls.{name}: a protocol has 1 to {_MOST_PROTOCOL} bytes"
            raise InvalidParameter(message)
    return words


_READERS: dict[str, Callable[[object, str], Any]] = {
    "ca": _sources,
    "cert": _source,
    "key": _source,
    "password": _text,
    "server_name": _name,
    "insecure_skip_tls_verify": _flag,
    "min_version": _text,
    "max_version": _text,
    "cipher_suites": _words,
    "alpn": _protocols,
    "resume": _flag,
}
_NAMES = spellings(_READERS, insecure_skip_tls_verify="insecureSkipTLSVerify")

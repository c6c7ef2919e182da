"""A script with what it imports and opens, its options and its environment: one tar file.

It is written by `k6ws archive` and run by `k6ws run`. Reading one trusts nothing in it: members are plain
files below one folder, and there is a limit to how much they hold.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, TypeGuard, cast

from k6ws import _core
from k6ws._script.load import ScriptUnreadableError

_TYPE = "k6ws"
_FORMAT = 1
_METADATA = "metadata.json"
_FILES = "files"
_MAX_FILES = 10_000
_MAX_BYTES = 1 << 30
_MAX_METADATA = 16 << 20


@dataclass(frozen=True)
class Archive:
    """What an archive says about its files.

    Attributes:
        script: The script, below the folder of the files.
        options: All options of the test when it was archived.
        env: For ``k6ws.env``.
    """

    script: str
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    env: Mapping[str, str] = field(default_factory=dict[str, str])


def pack(target: IO[bytes], archive: Archive, base: Path, files: Iterable[Path]) -> None:
    """Write an archive of ``files``, which lie below ``base``. The same files make the same bytes."""
    metadata = {"type": _TYPE, "format": _FORMAT, "k6ws": _core.__version__, **asdict(archive)}
    with tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, _METADATA, json.dumps(metadata, indent=2).encode())
        for file in files:
            name = PurePosixPath(_FILES, file.relative_to(base).as_posix())
            _add(tar, str(name), file.read_bytes())


def unpack(path: str, into: Path) -> Archive:
    """Write the files of an archive into a folder, and return what it says about them.

    Raises:
        ScriptUnreadableError: It is none of ours, is damaged, or would write where it must not.
    """
    try:
        with tarfile.open(path, "r:") as tar:
            members = _members(tar, path)
            archive = _metadata(tar, members.pop(_METADATA, None), path)
            for name, member in members.items():
                _extract(tar, member, into / PurePosixPath(name).relative_to(_FILES))
    except (tarfile.TarError, OSError, EOFError) as error:
        message = f"cannot read the archive {path!r}: {error}"
        raise ScriptUnreadableError(message, "make it again with `k6ws archive`") from None
    if not (into / archive.script).is_file():
        message = f"the archive {path!r} lacks its script {archive.script!r}"
        raise ScriptUnreadableError(message, "make it again with `k6ws archive`")
    return archive


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o644
    tar.addfile(member, io.BytesIO(content))


def _members(tar: tarfile.TarFile, path: str) -> dict[str, tarfile.TarInfo]:
    """All members by name, none of which could be written outside of a folder."""
    members: dict[str, tarfile.TarInfo] = {}
    size = 0
    for member in tar:
        if member.isdir():
            continue
        size += member.size
        if len(members) >= _MAX_FILES or size > _MAX_BYTES:
            message = f"the archive {path!r} holds more than {_MAX_FILES:,} files or 1 GiB"
            raise ScriptUnreadableError(message, "archive less")
        if not member.isreg() or not _is_below(member.name):
            message = f"the archive {path!r} holds {member.name!r}, which is no plain file below it"
            raise ScriptUnreadableError(message, "do not run it: it was not made by `k6ws archive`")
        members[member.name] = member
    return members


def _is_below(name: str) -> bool:
    """Whether a member is the metadata, or a file in the folder of the files."""
    path = PurePosixPath(name)
    if name == _METADATA:
        return True
    is_plain = ".." not in path.parts and "\\" not in name and "\0" not in name
    return is_plain and len(path.parts) > 1 and path.parts[0] == _FILES


def _metadata(tar: tarfile.TarFile, member: tarfile.TarInfo | None, path: str) -> Archive:
    content = tar.extractfile(member) if member and member.size <= _MAX_METADATA else None
    try:
        values: Any = json.load(content) if content else None
    except (ValueError, RecursionError):
        values = None
    if isinstance(values, dict):
        kind: Any = cast("dict[str, Any]", values).get("type")
        if kind == "js":
            message = f"{path!r} is an archive of k6: its script is JavaScript"
            raise ScriptUnreadableError(message, "k6ws runs Python; see `From k6 to k6ws`")
        script, options, env = (
            cast("dict[str, Any]", values).get(key) for key in ("script", "options", "env")
        )
        is_ours = kind == _TYPE and isinstance(options, dict) and isinstance(env, dict)
        if is_ours and _is_inside(script):
            env = {str(name): str(value) for name, value in cast("dict[str, Any]", env).items()}
            return Archive(script, cast("dict[str, Any]", options), env)
    message = f"{path!r} is no archive of k6ws"
    raise ScriptUnreadableError(message, "make one with `k6ws archive`")


def _is_inside(path: Any) -> TypeGuard[str]:
    if not isinstance(path, str) or "\0" in path:
        return False
    inside = PurePosixPath(path)
    return not inside.is_absolute() and ".." not in inside.parts


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    content = tar.extractfile(member)
    if content is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.read())

"""The JSON file of ``--config``: the lowest tier that a person writes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, cast

from k6ws import _core
from k6ws._options.table import SETTINGS
from k6ws.errors import OptionsError

_LIKENESS = 0.8


@dataclass(frozen=True)
class ConfigFile:
    """What a file says.

    Attributes:
        path: The file, or nothing if there is none.
        options: The options of the test, unchecked.
        settings: What it says of the command instead, by our spelling.
    """

    path: Path | None = None
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])


def find_config(given: str | None, accepted: Iterable[str] = ()) -> ConfigFile:
    """Read the file that was named, or the user's own if there is one.

    Args:
        given: The path from ``--config``.
        accepted: Which settings the command has; others are left among the options, where the core remarks
            on what it does not know.

    Raises:
        OptionsError: It cannot be read, or is no JSON object.
    """
    path = Path(given) if given is not None else _of_the_user()
    if path is None or (given is None and not path.is_file()):
        return ConfigFile()
    options = _read(path)
    settings: dict[str, Any] = {}
    for snake, camel in SETTINGS:
        if snake in accepted:
            for spelling in {snake, camel} & options.keys():
                settings[snake] = options.pop(spelling)
    for name in options:
        _refuse_near_miss(path, name)
    return ConfigFile(path, options, settings)


def _refuse_near_miss(path: Path, name: str) -> None:
    """A setting that is misspelled must not be lost; the core looks for misspelled options of the test."""
    settings = {spelling for names in SETTINGS for spelling in names}
    options = {spelling for names in _core.option_names() for spelling in names[:2]}
    if name in settings | options or not name[:1].isalnum():
        return
    import difflib  # noqa: PLC0415 - only for who errs

    near = difflib.get_close_matches(name, settings | options, 1, _LIKENESS)
    if near and near[0] in settings:
        message = f"invalid option {name!r} (from the config file): there is no such setting"
        raise OptionsError(message, f"did you mean {near[0]!r}? The file is {path}")


def _of_the_user() -> Path | None:
    """Where a user's own file is looked for."""
    folder = os.environ.get("XDG_CONFIG_HOME")
    if folder and Path(folder).is_absolute():
        return Path(folder) / "k6ws" / "config.json"
    try:
        return Path.home() / ".config" / "k6ws" / "config.json"
    except RuntimeError:
        return None


def _read(path: Path) -> dict[str, Any]:
    def refuse_constant(name: str) -> NoReturn:
        message = f"{path}: {name} is no JSON"
        raise OptionsError(message, "write a number")

    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        message = f"cannot read the config file {str(path)!r}: {error.strerror or error}"
        raise OptionsError(message, "name a JSON file with -c, or leave -c out") from None
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8: byte {error.start}"
        raise OptionsError(message, "save it as UTF-8") from None
    try:
        values: Any = json.loads(text, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        message = f"{path}:{error.lineno}:{error.colno}: not valid JSON: {error.msg}"
        raise OptionsError(message, _near(text, error.pos)) from None
    except RecursionError:
        message = f"{path}: nested too deeply"
        raise OptionsError(message) from None
    if not isinstance(values, dict):
        message = f"{path} holds {_kind(values)}"
        raise OptionsError(message, 'a config file is an object of options: {"vus": 10}')
    # For the editor: `options.schema.json` of the package, for one.
    values.pop("$schema", None)  # pyright: ignore[reportUnknownMemberType]
    return cast("dict[str, Any]", values)


def _near(text: str, position: int) -> str:
    line = text[text.rfind("\n", 0, position) + 1 :].partition("\n")[0].strip()
    return f"the line is: {line[:80]}" if line else "the file ends too early"


def _kind(value: Any) -> str:
    kinds = ((list, "a list"), (str, "a text"), (bool, "true or false"), (type(None), "null"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "a number")

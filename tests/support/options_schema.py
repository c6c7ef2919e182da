"""Makes `python/k6ws/options.schema.json` of the types of options; `make schema` writes it.

Types come from `k6ws._typed`, sentences from `k6ws._options.table`, so there is nothing to keep in step here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Required, Union, get_args, get_origin, get_type_hints, is_typeddict

from k6ws import _core
from k6ws._options import ROWS
from k6ws._typed.config import Config
from k6ws._typed.values import Duration

PATH = Path(__file__).parents[2] / "python" / "k6ws" / "options.schema.json"

_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}
_DURATION = {
    "description": "1m30s, 500ms, 1d2h; a number is milliseconds.",
    "type": ["string", "number"],
    "minimum": 0,
    "pattern": r"^\+?(0|(?=[\d.])(\d+d)?((\d+\.?\d*|\.\d+)(h|m|s|ms|us|µs|μs|ns))*)$",
}
# Where that of the command line speaks of flags.
_SENTENCES = {
    "stages": "Ramp to a number of VUs within a time, stage by stage.",
    "scenarios": "Loads side by side, each with an executor of its own.",
}


class _Schema:
    """What is written so far: the classes that others refer to."""

    def __init__(self) -> None:
        self.defined: dict[str, Any] = {}

    def of(self, hint: Any) -> dict[str, Any]:
        """What a type admits."""
        if hint == Duration:
            self.defined["Duration"] = _DURATION
            return {"$ref": "#/$defs/Duration"}
        if is_typeddict(hint):
            if hint.__name__ not in self.defined:
                self.defined[hint.__name__] = {}  # it may refer to itself
                self.defined[hint.__name__] = self.object(hint, {})
            return {"$ref": f"#/$defs/{hint.__name__}"}
        if get_origin(hint) is not None:
            return self._made_of(get_origin(hint), get_args(hint))
        return {} if hint is object else {"type": _TYPES[hint]}

    def object(self, kind: type, sentences: Mapping[str, str]) -> dict[str, Any]:
        """What a class of keys admits: these keys."""
        properties: dict[str, Any] = {}
        required: list[str] = []
        for name, hint in get_type_hints(kind, include_extras=True).items():
            is_required = get_origin(hint) is Required
            value = self.of(get_args(hint)[0] if is_required else hint)
            properties[name] = {"description": sentences[name]} if name in sentences else {}
            properties[name] |= value
            if is_required or getattr(kind, "__total__", False):
                required.append(name)
        description = (kind.__doc__ or "").partition("\n")[0]
        made: dict[str, Any] = {"description": description, "type": "object"}
        if required:
            made["required"] = required
        return made | {"additionalProperties": False, "properties": properties}

    def _made_of(self, origin: Any, parts: tuple[Any, ...]) -> dict[str, Any]:
        if origin in {Union, UnionType}:
            if all(part in _TYPES for part in parts):
                return {"type": [_TYPES[part] for part in parts]}
            return {"anyOf": [self.of(part) for part in parts]}
        if origin is Literal:
            return {"enum": list(parts)}
        if origin is list:
            return {"type": "array", "items": self.of(parts[0])}
        assert issubclass(origin, Mapping)
        return {"type": "object", "additionalProperties": self.of(parts[1])}


def sentences() -> dict[str, str]:
    """What each option does, in both spellings."""
    names = {ours: (ours, k6_name, standing) for ours, k6_name, standing in _core.option_names()}
    found: dict[str, str] = {}
    for row in ROWS:
        *spellings, standing = names[row.name]
        said = _SENTENCES.get(row.name, row.help)
        if standing != "honoured":
            said = f"It {standing}."
        default = f" Default: {row.default}." if row.default else ""
        found |= dict.fromkeys(spellings, said + default)
    return found


def schema() -> dict[str, Any]:
    """The whole document."""
    made = _Schema()
    options = made.object(Config, sentences())
    itself = {"description": "Where this schema is; k6ws ignores it.", "type": "string"}
    options["properties"] = {"$schema": itself, **options["properties"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:k6ws:options",
        "title": "Options of k6ws",
        **options,
        "$defs": dict(sorted(made.defined.items())),
    }


def text() -> str:
    """The file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), "utf-8")

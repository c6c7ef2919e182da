"""What ``k6ws.run`` is given beside k6's options, each by its name, checked before anything is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike, fsdecode, fspath
from typing import Any, cast

from k6ws import _core
from k6ws._run.outputs import wanted
from k6ws.errors import OptionsError

OURS = ("env", "seed", "out", "junit", "summary_export", "report", "dashboard", "progress")
_FILES = {
    "junit": "junit='k6ws.xml'",
    "summary_export": "summary_export='summary.json'",
    "report": "report='run.html'",
}


@dataclass(frozen=True)
class Keywords:
    """The keywords of one call, apart."""

    options: dict[str, Any]
    """k6's options, unchecked but for their names."""
    env: dict[str, str] = field(default_factory=dict[str, str])
    seed: int | None = None
    """What the body of the script might have given to ``random_seed``."""
    outputs: list[str] = field(default_factory=list[str])
    files: dict[str, str | None] = field(default_factory=dict[str, str | None])
    """The path of each file that is to tell of the run, by its keyword."""
    dashboard: Any = None
    progress: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Keywords:
        """Take a call's keywords apart.

        Raises:
            OptionsError: One of them is unknown, or one of ours has a value that cannot be.
        """
        _check_names(given)
        progress = given.get("progress", False)
        if not isinstance(progress, bool):
            message = f"invalid progress {progress!r}: expected True or False"
            raise OptionsError(message)
        seed = given.get("seed")
        if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
            message = f"invalid seed {seed!r}: expected an integer"
            raise OptionsError(message)
        return cls(
            {name: value for name, value in given.items() if name not in OURS},
            _variables(given.get("env")),
            seed,
            wanted(given.get("out", ())),
            {name: _path(name, given.get(name)) for name in _FILES},
            given.get("dashboard"),
            progress,
        )


def _check_names(given: Mapping[str, Any]) -> None:
    """Refuse a keyword that is no option: what a script only warns of is a mistake in a program."""
    known = {name for names in _core.option_names() for name in names[:2]} | set(OURS)
    for name in given:
        if name not in known:
            message = f"k6ws.run() got an unknown option {name!r}"
            import difflib  # noqa: PLC0415 - only for who errs

            close = difflib.get_close_matches(name, known, 1)
            if name == "environment":
                close = ["env"]
            raise OptionsError(message, f"did you mean {close[0]!r}?" if close else "")


def _variables(env: object) -> dict[str, str]:
    if env is None:
        return {}
    if isinstance(env, Mapping):
        pairs = cast("Mapping[object, object]", env)
        if all(isinstance(one, str) for pair in pairs.items() for one in pair):
            return dict(cast("Mapping[str, str]", env))
        wrong = next(pair for pair in pairs.items() if not all(isinstance(x, str) for x in pair))
        message = f"invalid env {{{wrong[0]!r}: {wrong[1]!r}}}: variables are texts"
        raise OptionsError(message, "write str(…) around it; the script reads it from k6ws.env")
    message = f"invalid env {env!r}: expected a mapping of names to texts"
    raise OptionsError(message, "for example env={'URL': 'ws://127.0.0.1:8765/'}")


def _path(name: str, given: Any) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str | PathLike):
        message = f"invalid option {name!r} = {given!r}: expected a path"
        raise OptionsError(message, f"for example {_FILES[name]}")
    return fsdecode(fspath(cast("str | PathLike[str]", given)))

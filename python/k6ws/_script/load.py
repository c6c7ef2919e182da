"""From a file to the functions that VUs run. Errors show the script's own lines, never ours."""

from __future__ import annotations

import difflib
import inspect
import linecache
import sys
import traceback
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from k6ws._loop import current
from k6ws.errors import K6Error, OptionsError, TestAborted

_STDIN = "<stdin>"
_PACKAGE = str(Path(__file__).resolve().parents[1])


class ScriptError(K6Error):
    """The script could not be loaded; the text ends with its own traceback. Exit code 107."""


class ScriptUnreadableError(ScriptError):
    """There is no such script. Exit code 255, as in k6."""


@dataclass(frozen=True)
class Script:
    """What a run needs of a script.

    Attributes:
        name: Where it comes from, for the reader.
        options: Its ``options``, unchecked.
        functions: Its callables by name; a scenario's ``exec`` is one of them.
        seed: What its body gave to ``random_seed``, if it did.
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict[str, Any])
    seed: int | None = None

    def function(self, name: str) -> Callable[..., Any]:
        """The function that a scenario runs.

        Raises:
            OptionsError: There is none of this name.
        """
        found = self.functions.get(name)
        if found is None:
            message = f"{self.name} has no function {name!r} for its VUs to run"
            near = difflib.get_close_matches(name, self.functions, 1)
            hint = f"define `def {name}():` in the script"
            if near:
                hint = f"is its function {near[0]!r} meant to be {name!r}?"
            raise OptionsError(message, hint)
        if inspect.isgeneratorfunction(found) or inspect.isasyncgenfunction(found):
            message = f"{self.name}: {name!r} is a generator: calling it would run nothing of it"
            raise OptionsError(message, "take the `yield` out of it")
        if not _is_callable_by_a_vu(found):
            message = f"{self.name}: {name!r} needs more than a VU gives it"
            raise OptionsError(message, "it is given what setup() returned, as its one argument")
        return found


def _is_callable_by_a_vu(function: Callable[..., Any]) -> bool:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        # It does not say what it takes.
        return True
    return _binds(signature) or _binds(signature, "setup data")


def _binds(signature: inspect.Signature, *given: str) -> bool:
    try:
        signature.bind(*given)
    except TypeError:
        return False
    return True


def from_function(function: Callable[..., Any]) -> Script:
    """A script that is one function."""
    name = getattr(function, "__name__", "function")
    return Script(name=name, functions={"default": function})


def from_file(path: str) -> Script:
    """Load a script: run its body once, in the init context.

    Raises:
        ScriptUnreadableError: It cannot be read.
        ScriptError: It is not valid Python, or its body raised.
        OptionsError: ``options`` is not a mapping.
    """
    file = Path(path)
    try:
        source = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        message = f"cannot read the script {path!r}: {reason or error}"
        raise ScriptUnreadableError(message, _near_file(file)) from None
    return _from_source(path, source, file.resolve().parent)


def from_stream(stream: IO[bytes]) -> Script:
    """Load a script from standard input; it imports what is in the working directory.

    Raises:
        ScriptError: As for :func:`from_file`.
        OptionsError: ``options`` is not a mapping.
    """
    source = stream.read()
    # Tracebacks show lines of files; this one has none.
    lines = source.decode("utf-8", "replace").splitlines(keepends=True)
    linecache.cache[_STDIN] = (len(source), None, lines, _STDIN)
    return _from_source(_STDIN, source, Path.cwd())


def _near_file(file: Path) -> str:
    """Advice on a path that is no script."""
    if file.is_dir():
        scripts = sorted(one.name for one in file.glob("*.py"))
        return f"name a script in it: {scripts[0]}" if scripts else "name a Python file"
    try:
        names = [one.name for one in file.parent.iterdir() if one.is_file()]
    except (OSError, ValueError):
        return ""
    near = difflib.get_close_matches(file.name, names, 1)
    return f"did you mean {str(file.parent / near[0])!r}?" if near else ""


def _from_source(path: str, source: bytes, folder: Path) -> Script:
    module = types.ModuleType("k6ws_script")
    module.__file__ = path
    # As `python script.py` has it: modules beside the script can be imported.
    sys.path.insert(0, str(folder))
    sys.modules[module.__name__] = module
    vu = current()
    vu.is_init = True
    vu.loop.declared = {}
    # The body draws from a generator of its own: what it seeds is not the program's.
    drawn, vu.random, vu.loop.seed = vu.random, None, None
    try:
        code = compile(source, path, "exec")
        exec(code, module.__dict__)  # noqa: S102 - running the user's script is the purpose
        if vu.sources:
            # Timers of the script's body come before everything else.
            vu.finish()
    except SyntaxError as error:
        text = "".join(traceback.format_exception_only(error)).rstrip()
        message = f"{path} is not valid Python\n{text}"
        raise ScriptError(message) from None
    except TestAborted:
        raise
    except K6Error as error:
        raise ScriptError(f"{path}: {error}\n{script_traceback(error)}", error.hint) from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a script may raise anything
        message = f"{path} failed while it was loaded\n{script_traceback(error)}"
        raise ScriptError(message) from None
    finally:
        for left in list(vu.sources):
            left._abandon()
        vu.is_init = False
        vu.loop.declared = None
        vu.random = drawn
        seed, vu.loop.seed = vu.loop.seed, None
    options: Any = module.__dict__.get("options", {})
    if not isinstance(options, Mapping):
        message = f"`options` in {path} is a {type(options).__name__}"
        raise OptionsError(message, "options = {...} is a mapping of names to values")
    functions = {
        name: value
        for name, value in module.__dict__.items()
        if callable(value) and not isinstance(value, type) and not name.startswith("__")
    }
    return Script(name=str(path), options=dict(options), functions=functions, seed=seed)  # pyright: ignore[reportUnknownArgumentType]


def script_traceback(error: BaseException) -> str:
    """The traceback of an exception without our own frames."""
    shown = traceback.TracebackException.from_exception(error)
    _without_ours(shown)
    return "".join(shown.format()).rstrip()


def place_of(error: BaseException) -> str:
    """The innermost line of the script that an exception passed: ``script.py:12``."""
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        if not is_ours(frame.filename):
            return f"{Path(frame.filename).name}:{frame.lineno}"
    return ""


def is_ours(filename: str) -> bool:
    """Whether a file belongs to k6ws and not to the user."""
    return filename.startswith(_PACKAGE)


def _without_ours(shown: traceback.TracebackException) -> None:
    shown.stack = traceback.StackSummary.from_list(
        [frame for frame in shown.stack if not is_ours(frame.filename)]
    )
    for inner in (shown.__cause__, shown.__context__):
        if inner is not None:
            _without_ours(inner)

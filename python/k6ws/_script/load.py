"""From a file to the functions that VUs run. Errors show the script's own lines, never ours."""

from __future__ import annotations

import contextlib
import inspect
import linecache
import re
import sysconfig
import traceback
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeAlias

from k6ws._loop import Vu, current_loop
from k6ws._script.surroundings import Surroundings
from k6ws.errors import K6Error, OptionsError, TestAborted
from k6ws.metrics import Declared

Named: TypeAlias = Callable[[str], object]

_STDIN = "<stdin>"
_TAR_HEAD = 512
# Only looked at where Python has refused a script.
_JAVASCRIPT = re.compile(
    rb"^\s*(import\s.*\sfrom\s*['\"]|export\s+(const|let|default|function)\b"
    rb"|(const|let|var)\s+\w+\s*=|(async\s+)?function\s+\w+\s*\()",
    re.MULTILINE,
)
_MOVING = "the page From k6 to k6ws shows how to move a script over: docs/how-to/from-k6-to-k6ws.md"
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
        metrics: Those that its body has declared.
        source: Its text; none of a function.
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict[str, Any])
    seed: int | None = None
    metrics: Declared = field(default_factory=Declared)
    source: str | None = None

    def function(self, name: str) -> Callable[..., Any]:
        """The function that a scenario runs.

        Raises:
            OptionsError: There is none of this name.
        """
        found = self.functions.get(name)
        if found is None:
            message = f"{self.name} has no function {name!r} for its VUs to run"
            import difflib  # noqa: PLC0415 - only for who errs

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


@contextlib.contextmanager
def from_file(path: str, *, is_alone: bool = True, named: Named | None = None) -> Generator[Script]:
    """Load a script: run its body once, in the init context. Its surroundings last as long as the block.

    Args:
        path: The script.
        is_alone: Whether the rest of the program waits until the block is left.
        named: Told the name of its module, before anything of it runs.

    Raises:
        ScriptUnreadableError: It cannot be read.
        ScriptError: It is not valid Python, or its body raised.
        OptionsError: ``options`` is not a mapping.
        K6Error: A run is under way on this thread.
    """
    file = Path(path)
    try:
        source = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        message = f"cannot read the script {path!r}: {reason or error}"
        raise ScriptUnreadableError(message, _near_file(file)) from None
    around = Surroundings(file, file.resolve().parent, [path], is_alone=is_alone)
    with Declared() as declared, around:
        yield _from_source(path, source, around, declared, named)


@contextlib.contextmanager
def from_stream(stream: IO[bytes], *, named: Named | None = None) -> Generator[Script]:
    """Load a script from standard input; it imports what is in the working directory.

    Raises:
        ScriptError: As for :func:`from_file`.
        OptionsError: ``options`` is not a mapping.
    """
    source = stream.read()
    # Tracebacks show lines of files; this one has none.
    lines = source.decode("utf-8", "replace").splitlines(keepends=True)
    linecache.cache[_STDIN] = (len(source), None, lines, _STDIN)
    around = Surroundings(None, Path.cwd(), ["-"], is_alone=True)
    with Declared() as declared, around:
        yield _from_source(_STDIN, source, around, declared, named)


def is_archive(path: str) -> bool:
    """Whether a file is a tar file, which `archive` reads; false for what cannot be read."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(_TAR_HEAD)
    except (OSError, ValueError):
        return False
    return head[257:262] == b"ustar"


def _near_file(file: Path) -> str:
    """Advice on a path that is no script."""
    if file.is_dir():
        scripts = sorted(one.name for one in file.glob("*.py"))
        return f"name a script in it: {scripts[0]}" if scripts else "name a Python file"
    try:
        names = [one.name for one in file.parent.iterdir() if one.is_file()]
    except (OSError, ValueError):
        return ""
    import difflib  # noqa: PLC0415 - only for who errs

    near = difflib.get_close_matches(file.name, names, 1)
    return f"did you mean {str(file.parent / near[0])!r}?" if near else ""


def _from_source(
    path: str, source: bytes, around: Surroundings, declared: Declared, named: Named | None
) -> Script:
    loop = current_loop()
    if loop.current is not loop.outside:
        message = "k6ws.run cannot be called inside a run"
        raise K6Error(message)
    # A VU of its own: sockets that the program has open are none of the script's.
    program = loop.outside
    vu = loop.outside = Vu(loop)
    loop.turn_to(vu)
    vu.who.is_init = True
    loop.declared, loop.seed = declared, None
    try:
        with around.while_loading() as module:
            module.__file__ = path
            if named is not None:
                named(module.__name__)
            code = compile(source, path, "exec")
            exec(code, module.__dict__)  # noqa: S102 - running the user's script is the purpose
            if vu.sources:
                # Timers of the script's body come before everything else.
                vu.finish()
    except SyntaxError as error:
        raise _not_python(path, source, error) from None
    except TestAborted:
        raise
    except K6Error as error:
        # The hint goes with the new error: once is enough.
        shown = script_traceback(error, with_hint=False)
        raise ScriptError(f"{path}: {error}\n{shown}", error.hint) from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a script may raise anything
        message = f"{path} failed while it was loaded\n{script_traceback(error)}"
        raise ScriptError(message, _hint_for(error)) from None
    finally:
        for left in list(vu.sources):
            left.abandon()
        seed, loop.seed = loop.seed, None
        loop.outside = program
        loop.turn_to(program)
        loop.declared = None
    script = _found_in(path, module.__dict__, declared, seed)
    return replace(script, source=source.decode("utf-8", "replace"))


def _found_in(
    path: str, content: Mapping[str, Any], declared: Declared, seed: int | None
) -> Script:
    options: Any = content.get("options", {})
    if not isinstance(options, Mapping):
        message = f"`options` in {path} is a {type(options).__name__}"
        raise OptionsError(message, "options = {...} is a mapping of names to values")
    functions = {
        name: value
        for name, value in content.items()
        if callable(value) and not isinstance(value, type) and not name.startswith("__")
    }
    return Script(str(path), dict(options), functions, seed, declared)  # pyright: ignore[reportUnknownArgumentType]


def _hint_for(error: BaseException) -> str:
    """Advice on what Python raises while a script is loaded."""
    name = error.filename if isinstance(error, FileNotFoundError) else None
    if not isinstance(name, str) or Path(name).is_absolute():
        return ""
    return (
        f"{name!r} is looked for in the working directory, {str(Path.cwd())!r}: "
        "`Path(__file__).parent / ...` is beside the script"
    )


def _not_python(path: str, source: bytes, error: SyntaxError) -> ScriptError:
    if path.endswith((".js", ".mjs", ".cjs", ".ts")) or _JAVASCRIPT.search(source):
        kind = "TypeScript" if path.endswith(".ts") else "JavaScript"
        message = f"{path} is {kind}, and k6ws runs scripts in Python"
        return ScriptError(message, _MOVING)
    text = "".join(traceback.format_exception_only(error)).rstrip()
    return ScriptError(f"{path} is not valid Python\n{text}")


def script_traceback(error: BaseException, *, with_hint: bool = True) -> str:
    """The traceback of an exception without our own frames; and without its hint, if another shows that."""
    shown = traceback.TracebackException.from_exception(error)
    _without_ours(shown)
    if not with_hint and isinstance(error, K6Error):
        shown.__notes__ = [note for note in shown.__notes__ or () if note != f"hint: {error.hint}"]
    return "".join(shown.format()).rstrip()


def text_of(error: BaseException) -> str:
    """What an exception says; of one that cannot say it, that."""
    try:
        return str(error)
    except Exception as failed:  # noqa: BLE001 - the class is the script's
        return f"<its text cannot be had: {type(failed).__name__} in __str__>"


def place_of(error: BaseException) -> str:
    """The innermost line of the script that an exception passed: ``script.py:12``.

    Not of what that line has called, unless it passed no line of the script's own.
    """
    frames = traceback.extract_tb(error.__traceback__)
    places = [frame for frame in reversed(frames) if not is_ours(frame.filename)]
    beyond = [frame for frame in places if not is_standard_library(frame.filename)]
    own = [frame for frame in beyond if not _is_installed(frame.filename)]
    for frame in own or beyond or places:
        return f"{Path(frame.filename).name}:{frame.lineno}"
    return ""


def is_ours(filename: str) -> bool:
    """Whether a file belongs to k6ws and not to the user."""
    return filename.startswith(_PACKAGE)


@cache
def is_standard_library(file: str) -> bool:
    """Whether a file belongs to Python."""
    if file.startswith("<frozen "):
        return True
    return file.startswith(sysconfig.get_path("stdlib")) and not _is_installed(file)


def _is_installed(file: str) -> bool:
    return "site-packages" in file or "dist-packages" in file


def _without_ours(shown: traceback.TracebackException) -> None:
    """Drop our frames, of what is chained as well, however long the chain is."""
    left = [shown]
    while left:
        one = left.pop()
        kept = [frame for frame in one.stack if not is_ours(frame.filename)]
        one.stack = traceback.StackSummary.from_list(kept)
        chained = (one.__cause__, one.__context__, *(one.exceptions or ()))
        left.extend(inner for inner in chained if inner is not None)

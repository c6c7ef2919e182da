"""What a script finds around it in this process, as ``python script.py`` has it, and what of it goes again.

Modules beside the script can be imported, it is a module under its own name, ``sys.argv`` is its own. A
program may run many scripts, one after the other and side by side: none finds the modules of another, and the
program gets back what it had. Until the run is over worker processes can import the script.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import types
from collections.abc import Generator, Sequence
from importlib.machinery import ExtensionFileLoader, ModuleSpec, PathFinder
from pathlib import Path
from typing import Any, Self

_FALLBACK = "k6ws_script"
# Modules are found by tables of the whole process, so scripts are loaded one at a time. One whose body waits
# for the load of another is no reason to wait for ever.
_PATIENCE_S = 10.0
_loading = threading.RLock()
_alive: list[Surroundings] = []


class Surroundings:
    """Those of one script, from before its body runs until its run is over.

    Args:
        file: The script, or nothing if it has no file.
        folder: Where it imports from.
        argv: Its ``sys.argv``.
        is_alone: Whether the program waits for the end of the run. Then the script's view holds until then.
            Else the program, which goes on beside it, gets its own back once the script is loaded.
    """

    def __init__(
        self, file: Path | None, folder: Path, argv: Sequence[str], *, is_alone: bool
    ) -> None:
        self._file = file
        self._folder = str(folder)
        self._argv = list(argv)
        self._is_alone = is_alone
        self._thread = threading.get_ident()
        # What was there before, what of it is put aside, and what the script has brought.
        self._known: dict[str, types.ModuleType] = {}
        self._hidden: dict[str, types.ModuleType] = {}
        self._modules: dict[str, types.ModuleType] = {}
        self._entries: list[str] = []
        self._link: str | None = None
        self._replaced = sys.argv
        self.module = types.ModuleType(_FALLBACK)

    def __enter__(self) -> Self:
        """Nothing yet: the script's view begins with its load."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the program back what it had."""
        if self not in _alive:
            return
        with _one_at_a_time():
            self._take_in()
            for name in [*self.taken()]:
                del sys.modules[name]
            self._bring_back()
            for entry in self._entries:
                with contextlib.suppress(ValueError):
                    sys.path.remove(entry)
            _alive.remove(self)
            if not _alive:
                sys.meta_path.remove(_Finder)
            if self._link is not None:
                import shutil  # noqa: PLC0415 - few scripts have a name that needs a link

                shutil.rmtree(self._link, ignore_errors=True)

    @contextlib.contextmanager
    def while_loading(self) -> Generator[types.ModuleType]:
        """The module whose body is to be run inside the block."""
        with _one_at_a_time():
            path = [*sys.path]
            self._known = dict(sys.modules)
            if not _alive:
                sys.meta_path.insert(_before_paths(), _Finder)
            _alive.append(self)
            sys.path.insert(0, self._folder)
            of_scripts = self._hide()
            self._name()
            sys.argv, self._replaced = self._argv, sys.argv
            try:
                yield self.module
            finally:
                self._entries = _more(sys.path, path)
                self._take_in()
                sys.modules.update(of_scripts)
                if not self._is_alone:
                    self._step_back()

    def find(self, name: str) -> ModuleSpec | None:
        """What ``import name`` finds for this script before it looks elsewhere, on the thread of its run."""
        if self._thread != threading.get_ident():
            return None
        return PathFinder.find_spec(name, self._entries or [self._folder])

    def _step_back(self) -> None:
        """The program goes on beside the run: what it imports is its own, even of the same name."""
        self._bring_back()
        for entry in self._entries:
            sys.path.remove(entry)
        # At the end: worker processes get the path, and look for the script there.
        sys.path.extend(self._entries)

    def _bring_back(self) -> None:
        """What was put aside is there again."""
        hidden, self._hidden = self._hidden, {}
        sys.modules.update(hidden)
        if sys.argv is self._argv:
            sys.argv = self._replaced

    def _name(self) -> None:
        """Name the module so that others can import it: worker processes look for functions by that name."""
        name = _FALLBACK
        if self._file is not None:
            name = self._file.stem
            if name in sys.modules or not _is_found(name, self._folder, self._file):
                name = self._linked(self._file)
        while name in sys.modules:
            name += "_"
        self.module.__name__ = name
        sys.modules[name] = self._modules[name] = self.module

    def _linked(self, file: Path) -> str:
        """Another name for a script whose own cannot be imported (`load.test.py`), or is taken."""
        name = f"{_FALLBACK}_{os.getpid()}_{id(self):x}"
        import tempfile  # noqa: PLC0415 - as above

        with contextlib.suppress(OSError):
            self._link = tempfile.mkdtemp(prefix="k6ws-")
            (Path(self._link) / f"{name}.py").symlink_to(file.resolve())
            sys.path.append(self._link)
        return name

    def _hide(self) -> dict[str, types.ModuleType]:
        """Put aside modules of others that would be found in place of those beside this script.

        Returns those of other scripts, which come back as soon as this one is loaded.
        """
        of_scripts = {
            name: module
            for other in _alive
            if other is not self
            for name, module in other.taken().items()
        }
        tops = {
            name
            for name, module in list(sys.modules.items())
            if name not in of_scripts and "." not in name and self._has_another(name, module)
        }
        self._hidden = {
            name: module
            for name, module in list(sys.modules.items())
            if name not in of_scripts and name.partition(".")[0] in tops
        }
        for name in [*of_scripts, *self._hidden]:
            del sys.modules[name]
        return of_scripts

    def taken(self) -> dict[str, types.ModuleType]:
        """Its modules, by the names that they have now."""
        return {
            name: module
            for name, module in self._modules.items()
            if sys.modules.get(name) is module
        }

    def _has_another(self, name: str, module: types.ModuleType) -> bool:
        """Whether a module of this name, but another one, lies beside the script."""
        if name in sys.stdlib_module_names or name in {"__main__", "k6ws"}:
            return False
        beside = Path(self._folder, name)
        if not beside.is_dir() and not beside.with_name(f"{name}.py").is_file():
            return False
        spec = PathFinder.find_spec(name, [self._folder])
        origin = spec.origin if spec is not None else None
        return origin is not None and not _is_same_file(origin, getattr(module, "__file__", None))

    def _take_in(self) -> None:
        """See which modules came from where this script imports."""
        entries = [self._folder, *self._entries]
        folders = {str(Path(one or ".").resolve()) for one in entries}
        new = {
            name: module
            for name, module in list(sys.modules.items())
            if self._known.get(name) is not module and name not in self._modules
        }
        compiled = {name.partition(".")[0] for name, one in new.items() if _is_compiled(one)}
        ours = {
            name
            for name, module in new.items()
            # What is compiled cannot be loaded twice in one process.
            if name not in compiled and _lies_in(module) & folders
        }
        self._modules.update(
            {name: module for name, module in new.items() if name.partition(".")[0] in ours}
        )


class _Finder:
    """Finds what lies beside a script before all others, for the thread of its run and nobody else."""

    @staticmethod
    def find_spec(name: str, path: Any = None, _target: Any = None) -> ModuleSpec | None:
        """Called by Python's import."""
        if path is not None:
            return None
        return next((spec for one in reversed(_alive) if (spec := one.find(name))), None)


def _before_paths() -> int:
    return sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else len(sys.meta_path)


def _more(path: list[str], before: list[str]) -> list[str]:
    """What a list of folders has more than another; the script's own folder may have been there already."""
    left = [*before]
    more: list[str] = []
    for entry in path:
        if entry in left:
            left.remove(entry)
        else:
            more.append(entry)
    return more


@contextlib.contextmanager
def _one_at_a_time() -> Generator[None]:
    is_ours = _loading.acquire(timeout=_PATIENCE_S)
    try:
        yield
    finally:
        if is_ours:
            _loading.release()


def _is_found(name: str, folder: str, file: Path) -> bool:
    """Whether ``import name`` finds this file."""
    if "." in name:
        return False
    spec = PathFinder.find_spec(name, [folder])
    return spec is not None and _is_same_file(spec.origin, str(file))


def _is_same_file(one: str | None, other: str | None) -> bool:
    try:
        return one is not None and other is not None and Path(one).samefile(other)
    except OSError:
        return False


def _is_compiled(module: types.ModuleType) -> bool:
    return isinstance(getattr(module, "__loader__", None), ExtensionFileLoader)


def _lies_in(module: types.ModuleType) -> set[str]:
    """The folders that a module or package lies in."""
    try:
        within: Any = getattr(module, "__path__", None) or [getattr(module, "__file__", None)]
        return {str(Path(one).resolve().parent) for one in within if isinstance(one, str)}
    except Exception:  # noqa: BLE001 - modules may be anything, and may raise when they are looked at
        return set()

"""``k6ws.env``: the script's view of the environment."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Iterator, Mapping

from k6ws._loop import current

HANDED_DOWN = "K6WSHANDED_DOWN"


class Environment(Mapping[str, str]):
    """Process environment, ``-e NAME=value``, what ``k6ws.run(…, env=…)`` has, the scenario's ``env``.

    Later wins.
    """

    def __init__(self) -> None:
        self.given: dict[str, str] = {}
        self.has_process = True
        """Whether the environment of the process is part of it: not for `inspect` and `archive`."""
        inherited = os.environ.get(HANDED_DOWN)
        if inherited:
            import json  # noqa: PLC0415 - a worker process has it

            self.given, self.has_process = json.loads(inherited)

    @contextlib.contextmanager
    def also(self, variables: Mapping[str, str]) -> Generator[None]:
        """Have these too, for what runs on the loop of this thread."""
        loop = current().loop
        before, loop.env = loop.env, {**loop.env, **variables}
        try:
            yield
        finally:
            loop.env = before

    def known(self) -> dict[str, str]:
        """What was given by name, but for scenarios."""
        return {**self.given, **current().loop.env}

    @contextlib.contextmanager
    def handed_down(self) -> Generator[None]:
        """Let worker processes begin with the same: they run the body of the script anew."""
        import json  # noqa: PLC0415 - a script that asks for a variable needs none

        before = os.environ.get(HANDED_DOWN)
        os.environ[HANDED_DOWN] = json.dumps([self.known(), self.has_process])
        try:
            yield
        finally:
            if before is None:
                del os.environ[HANDED_DOWN]
            else:
                os.environ[HANDED_DOWN] = before

    def __getitem__(self, name: str) -> str:
        vu = current()
        for layer in (vu.who.env, vu.loop.env, self.given, self._process()):
            if name in layer:
                return layer[name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        every = {**self._process(), **self.known(), **current().who.env}
        every.pop(HANDED_DOWN, None)
        return iter(every)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _process(self) -> Mapping[str, str]:
        return os.environ if self.has_process else {}


env = Environment()

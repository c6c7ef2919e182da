"""``k6ws.env``: the script's view of the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from k6ws._loop import current


class Environment(Mapping[str, str]):
    """Process environment, then ``-e NAME=value``, then the running scenario's ``env``; later wins."""

    def __init__(self) -> None:
        self.given: dict[str, str] = {}
        self.has_process = True
        """Whether the environment of the process is part of it: not for `inspect` and `archive`."""

    def __getitem__(self, name: str) -> str:
        for layer in (current().env, self.given, self._process()):
            if name in layer:
                return layer[name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter({**self._process(), **self.given, **current().env})

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _process(self) -> Mapping[str, str]:
        return os.environ if self.has_process else {}


env = Environment()

"""``k6ws.env``: the script's view of the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from k6ws._loop import current


class Environment(Mapping[str, str]):
    """Process environment, then ``-e NAME=value``, then the running scenario's ``env``; later wins."""

    def __init__(self) -> None:
        self.given: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        for layer in (current().env, self.given, os.environ):
            if name in layer:
                return layer[name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter({**os.environ, **self.given, **current().env})

    def __len__(self) -> int:
        return sum(1 for _ in self)


env = Environment()

"""Who am I: the VU, its iteration, its scenario; k6's ``k6/execution``.

For example::

    from k6ws import execution

    row = rows[execution.vu.id_in_test % len(rows)]
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from random import Random
from typing import Any

from k6ws._loop import current
from k6ws._params import tag_pairs

__all__ = ["scenario", "vu"]


class _Tags(MutableMapping[str, Any]):
    """The tags of the current VU: what its later samples carry."""

    def __getitem__(self, key: str) -> str:
        value = current().tags.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        one = current()
        one.tags = one.tags.extended(tag_pairs({key: value}, ""))

    def __delitem__(self, key: str) -> None:
        one = current()
        kept = [(name, value) for name, value in one.tags.items() if name != key]
        if len(kept) == len(one.tags.items()):
            raise KeyError(key)
        one.tags = type(one.tags)().extended(kept)

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in current().tags.items()])

    def __len__(self) -> int:
        return len(current().tags.items())


class _Vu:
    """The virtual user whose code is running; all zero and empty outside a run."""

    tags = _Tags()

    @property
    def id_in_instance(self) -> int:
        """Its number in this process, from 1."""
        return current().id

    @property
    def id_in_test(self) -> int:
        """Its number in the whole test, from 1."""
        return current().id

    @property
    def iteration_in_instance(self) -> int:
        """Iterations this VU has begun before this one."""
        return current().iteration

    @property
    def iteration_in_scenario(self) -> int:
        """The same within the scenario."""
        return current().iteration_in_scenario

    @property
    def state(self) -> dict[str, Any]:
        """Whatever the script wants to keep between the iterations of this VU."""
        return current().state

    @property
    def random(self) -> Random:
        """This VU's generator, seeded with its number or by ``random_seed``."""
        return current().generator()

    idInInstance = id_in_instance  # noqa: N815 - k6's spelling, here and below
    idInTest = id_in_test  # noqa: N815
    iterationInInstance = iteration_in_instance  # noqa: N815
    iterationInScenario = iteration_in_scenario  # noqa: N815


class _Scenario:
    """The scenario of the running iteration."""

    @property
    def name(self) -> str:
        """Its name; ``default`` for the shortcuts."""
        return current().scenario

    @property
    def iteration_in_instance(self) -> int:
        """The number of the iteration in this scenario and process, from 0: no two have the same."""
        return current().number

    @property
    def iteration_in_test(self) -> int:
        """The same over all processes of the test: for rows of test data that are used once."""
        return current().number

    iterationInInstance = iteration_in_instance  # noqa: N815 - k6's spelling, here and below
    iterationInTest = iteration_in_test  # noqa: N815


vu = _Vu()
scenario = _Scenario()

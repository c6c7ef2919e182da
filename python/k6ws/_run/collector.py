"""Python's collector of cyclic garbage, which looks at every VU again and again while they are made.

What a VU consists of stays for as long as it runs, and what an iteration leaves goes with its last reference.
So while a run of the command line has VUs, the collector is asked for less often, and what was there before
is left out. A program's collector is the program's: ``k6ws.run`` does not touch it.
"""

from __future__ import annotations

import gc

# How many more objects are made than are gone before it looks at the youngest. With Python's 700 it does so
# for each twenty VUs that connect. 10,000 are few enough to stay in the caches of a core: ten times as many
# are no quicker, and are ten times what circles of a script may keep until then. The older ages follow in
# Python's proportion: what has grown old and is garbage then has a bound as well, some million objects.
_YOUNGEST = 10_000


class Collector:
    """That of this process. What a script says of it in its body goes before what a run would like.

    Make one before the script is loaded.
    """

    def __init__(self) -> None:
        self._before = _settings()
        self._is_relaxed = False

    def relax(self) -> None:
        """From here on leave out what is there, and look less often, unless the script has had its say."""
        is_enabled, (_, *older), _ = now = _settings()
        if now != self._before or not is_enabled:
            return
        # What is garbage by now must not be kept with the rest.
        gc.collect()
        self._is_relaxed = True
        gc.freeze()
        gc.set_threshold(_YOUNGEST, *older)

    def restore(self) -> None:
        """Be as before; what the script has changed meanwhile stays. May be called again."""
        if not self._is_relaxed:
            return
        if gc.get_threshold()[0] == _YOUNGEST:
            gc.set_threshold(*self._before[1])
        gc.unfreeze()
        self._is_relaxed = False


def _settings() -> tuple[bool, tuple[int, int, int], int]:
    return gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()

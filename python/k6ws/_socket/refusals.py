"""Targets that refused a VU, so that a script cannot hammer one that is down without knowing it.

Who opens a session with a policy waits before it tries such a target again; who has none is warned.
"""

from __future__ import annotations

from typing import Protocol

from k6ws._loop import Vu

MOST = 256
"""Of targets that are remembered for a VU: the one that refused longest ago is forgotten."""

_MANY = 100
_QUICKLY_MS = 5_000.0


class Policy(Protocol):
    """How long to wait between attempts."""

    def pause(self, failed: int, chance: float = 0.0) -> float:
        """Milliseconds, after so many that failed."""
        ...


def refused(vu: Vu, address: str, policy: Policy | None = None) -> None:
    """Remember that a target has refused this VU once more, in a row."""
    if vu.who.refusals is None:
        vu.who.refusals = {}
    refusals, now = vu.who.refusals, vu.loop.core.now()
    count, since, _ = refusals.pop(address, (0, now, now))
    if now - since > _QUICKLY_MS * (1 + count / _MANY) and policy is None:
        # Not in a row as a loop without a pause has them.
        count, since = 0, now
    refusals[address] = (count + 1, since, now)
    if len(refusals) > MOST:
        del refusals[next(iter(refusals))]
    if policy is None and count + 1 == _MANY:
        vu.loop.notices.warn(
            "refusals",
            f"{address} has refused a VU {_MANY} times in a row, within {(now - since) / 1000:.1f} s: it "
            "tries again without a pause, and what is measured of connections is mostly that. The option "
            "minIterationDuration has it wait, as has reconnect=Backoff() of a session",
        )


def answered(vu: Vu, address: str) -> None:
    """Forget it: the target has answered."""
    if vu.who.refusals:
        vu.who.refusals.pop(address, None)


def held_back(vu: Vu, address: str, policy: Policy | None) -> float:
    """How long this VU has to wait before it tries a target again that has refused it, in milliseconds."""
    if policy is None or not vu.who.refusals or vu.is_hurried:
        return 0.0
    known = vu.who.refusals.get(address)
    if known is None:
        return 0.0
    count, _, at = known
    ms = at + policy.pause(count - 1, vu.generator().random()) - vu.loop.core.now()
    if ms <= 0:
        return 0.0
    vu.loop.notices.warn(
        ("held back", address),
        f"{address} has refused a VU, which waits before it tries again, as its reconnect= says",
    )
    return ms

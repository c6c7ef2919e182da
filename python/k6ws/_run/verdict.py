"""Whether the numbers of a run are the target's: what the core found, and what only this side knows."""

from __future__ import annotations

from typing import Any


def complete(run: dict[str, Any], held: str, gap_ms: float, samples_lost: int) -> None:
    """Add to the part ``run`` of a summary what makes its numbers doubtful.

    Args:
        run: Has the core's ``reasons``; gets more of them, ``samples_lost`` and ``trustworthy``.
        held: Which handler held the loop longest, where that is known.
        gap_ms: How long nothing ran at all, at the longest; 0 where there was no such time.
        samples_lost: Samples that an output did not write.
    """
    reasons: list[str] = list(run["reasons"])
    if held and reasons:
        reasons[0] = f"{reasons[0]}; {held}"
    if gap_ms:
        reasons.append(
            f"nothing ran for {gap_ms / 1000:.1f} s: the process was stopped, or a handler did not give way; "
            "times of that part are ours"
        )
    if samples_lost:
        reasons.append(
            f"outputs lost {samples_lost} samples: write to a faster disk, or fewer of them"
        )
    run["samples_lost"] = samples_lost
    run["reasons"] = reasons
    run["trustworthy"] = not reasons

"""What a run ends with: an exit code, and perhaps an exception that is to leave it. The first reason wins."""

from __future__ import annotations

from k6ws._run import exit_codes


class Outcome:
    """The end of a run, as far as it is known."""

    __slots__ = ("exit_code", "leaving")

    def __init__(self) -> None:
        """Nothing speaks against the run so far."""
        self.exit_code = exit_codes.OK
        self.leaving: BaseException | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is no reason yet."""
        return self.exit_code == exit_codes.OK

    def decide(self, exit_code: int) -> bool:
        """Have this be the reason, unless there is one; whether it is."""
        is_first = self.is_open
        if is_first:
            self.exit_code = exit_code
        return is_first

    def overrule(self, exit_code: int) -> None:
        """Have this be the reason whatever there is: the process ends with it."""
        self.exit_code = exit_code

    def demand(self, *codes: int) -> bool:
        """Have one of these be the reason, unless there is one that counts more; whether it is."""
        before = self.exit_code
        self.exit_code = exit_codes.gravest((before, *codes))
        return self.exit_code != before

    def leave_with(self, error: BaseException) -> None:
        """Have this leave the run once it has ended, unless something else does."""
        if self.leaving is None:
            self.leaving = error

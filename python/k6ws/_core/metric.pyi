"""Metrics of the script."""

from typing import final

from k6ws._core.vu import Account

@final
class Series:
    """One metric of a run under one set of tags; made by `Run.custom_series`."""

    def add(self, account: Account, value: float) -> bool:
        """Record a value; false, and nothing recorded, for a VU that was cut.

        Raises:
            ValueError: It is not finite.
        """

def check_metric(
    name: str, kind: str, is_time: bool, declared: dict[str, tuple[str, bool]]
) -> None:
    """Refuse a metric whose name breaks the rule or is that of another one among `declared`.

    Raises:
        K6Error: It is refused.
    """

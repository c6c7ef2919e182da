"""The options of a run that connections are made under, and what holds outside a run."""

from __future__ import annotations

from typing import Protocol

from k6ws import _core


class Defaults(Protocol):
    """The options of the run that connections are made under."""

    @property
    def user_agent(self) -> str:
        """What the ``User-Agent`` header says."""
        ...

    @property
    def throw(self) -> bool:
        """Whether a failed ``ws.connect`` raises."""
        ...

    @property
    def no_cookies_reset(self) -> bool:
        """Whether a VU's cookies outlive its iterations."""
        ...


class LibraryDefaults:
    """Outside a run."""

    user_agent = f"k6ws/{_core.__version__}"
    throw = False
    no_cookies_reset = False

"""A virtual user: whose code is running, and what may reach it."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING, Any, Protocol

from k6ws import _core
from k6ws.errors import Interrupted

if TYPE_CHECKING:
    from greenlet import greenlet

    from k6ws._loop.loop import Loop

NO_TAGS = _core.Tags()


class Defaults(Protocol):
    """The options of the run that connections are made under."""

    @property
    def user_agent(self) -> str:
        """What the ``User-Agent`` header says."""
        ...

    @property
    def insecure_skip_tls_verify(self) -> bool:
        """Whether certificates go unverified."""
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
    insecure_skip_tls_verify = False
    throw = False
    no_cookies_reset = False


class Closable(Protocol):
    """A socket, as a VU that is cut sees it."""

    def abandon(self) -> None:
        """Leave the VU: close without handlers and without waiting."""
        ...


class Vu:
    """One virtual user, or the plain program that uses k6ws as a library (``run`` is ``None``).

    ``accepts`` is the socket whose events may be delivered now: the one whose ``connect()`` the VU waits
    in, while none of its handlers runs. Everything else waits, in order, with the socket it belongs to.
    """

    __slots__ = (
        "accepts",
        "account",
        "cookie_jar",
        "defaults",
        "env",
        "group",
        "id",
        "index",
        "is_cut",
        "is_init",
        "iteration",
        "iteration_in_scenario",
        "loop",
        "parked",
        "random",
        "run",
        "scenario",
        "sockets",
        "state",
        "tags",
    )

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.id = 0
        self.index = -1
        self.run: _core.Run | None = None
        self.account: _core.Account | None = None
        self.tags = NO_TAGS
        self.group = ""
        self.defaults: Defaults = LibraryDefaults()
        self.scenario = ""
        self.env: Mapping[str, str] = {}
        self.iteration = -1
        self.iteration_in_scenario = -1
        self.accepts: object | None = None
        self.is_cut = False
        self.is_init = False
        self.parked: list[greenlet] = []
        self.sockets: set[Closable] = set()
        # Made on first use: thousands of VUs may never need one.
        self.random: Random | None = None
        self.state: dict[str, Any] = {}
        self.cookie_jar: Any = None

    def check_alive(self) -> None:
        """Raise :class:`Interrupted` in a VU that has been cut: every k6ws call begins here."""
        if self.is_cut:
            raise Interrupted

    def cut(self) -> None:
        """Take the VU out of whatever it does. Called by the leader, never by the VU itself.

        The order matters: no handler is delivered any more, its sockets leave it, and only then do the
        places where it waits raise, the innermost first, so that its ``finally`` blocks run.
        """
        self.is_cut = True
        self.accepts = None
        for socket in list(self.sockets):
            socket.abandon()
        for waiting in reversed(list(self.parked)):
            if waiting in self.parked:
                waiting.throw(Interrupted())

"""What was asked for, read and checked."""

from typing import Any, TypedDict, final, type_check_only

@type_check_only
class Scenario(TypedDict):
    """A scenario that is valid, as `Options.scenarios` tells it. Exists for type checkers only."""

    name: str
    exec: str
    """Which function of the script its VUs run."""
    vu_start: str | None
    vu_stop: str | None
    """Those that begin and end a VU of it, where it names its own."""
    env: dict[str, str]
    executor: str
    vus: int
    description: str
    max_duration_ms: float
    """When it must have ended, from the start of the test, graceful stop included."""

@final
class Options:
    """Options that are valid; made by `parse_options`."""

    def to_dict(self) -> dict[str, Any]:
        """The options as they are carried out, under k6's names."""

    @property
    def warnings(self) -> list[str]:
        """Remarks for the user, one line each."""

    @property
    def user_agent(self) -> str:
        """What the `User-Agent` header says."""

    @property
    def throw(self) -> bool:
        """Whether a failed `ws.connect` raises."""

    @property
    def handle_summary_timeout(self) -> float:
        """How long `handle_summary` may take, in milliseconds."""

    @property
    def paused(self) -> bool:
        """Whether the run waits until it is told to begin."""

    @property
    def fail_on_exceptions(self) -> bool:
        """Whether an exception in an iteration fails the run."""

    @property
    def no_cookies_reset(self) -> bool:
        """Whether a VU's cookies outlive its iterations."""

    @property
    def setup_timeout(self) -> float:
        """How long `setup` may take, in milliseconds."""

    @property
    def teardown_timeout(self) -> float:
        """How long `teardown` may take, in milliseconds."""

    @property
    def no_setup(self) -> bool:
        """Whether `setup` is left out."""

    @property
    def no_teardown(self) -> bool:
        """Whether `teardown` is left out."""

    @property
    def summary_time_unit(self) -> str | None:
        """`summaryTimeUnit`, if given."""

    def given(self, is_shown: bool) -> list[tuple[str, str, Any, str]]:
        """Return the values that won, as they were written: `(snake, camel, value, source)`.

        For showing, what opens doors is masked.
        """

    @property
    def segment_size(self) -> float:
        """The part of the test that is run here: 1 is all of it."""

    @property
    def sources(self) -> int:
        """How many addresses connections come from."""

    @property
    def max_vus(self) -> int:
        """VUs that all scenarios need at one time, at most."""

    def scenarios(self) -> list[Scenario]:
        """Return the scenarios, in the order they were given."""

def parse_options(tiers: str) -> Options:
    """Parse tiers of options, lowest first, given as JSON: `[["script", {…}], ["cli", {…}]]`.

    Raises:
        OptionsError: An option is unknown or wrong.
        ValueError: This is not JSON of that shape.
    """

def option_names() -> list[tuple[str, str, str]]:
    """Return every option there is: our spelling, k6's, and `honoured`, `refused` or why it has no effect."""

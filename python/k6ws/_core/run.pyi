"""A load test: its options, its VUs' accounts, what it measured."""

from collections.abc import Callable
from typing import Any, TypeAlias, TypedDict, final, type_check_only

from k6ws._core.loop import Loop

# Called with an event's kind and its data.
_Receiver: TypeAlias = Callable[[int, Any], object]

@final
class Tags:
    """An immutable set of tags: equal sets are equal and hash alike."""

    def __new__(cls) -> Tags:
        """Make the empty set."""

    def extended(self, tags: list[tuple[str, str]]) -> Tags:
        """Return these tags and more; a key that is given again takes the new value."""

    def get(self, key: str) -> str | None:
        """Return the value of a tag."""

    def items(self) -> list[tuple[str, str]]:
        """Return all tags, sorted by key."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Account:
    """What a VU and its connections share; opaque, made by `Run.account`."""

    def is_cut(self) -> bool:
        """Whether the VU has been told to stop."""

@final
class Series:
    """One metric of a run under one set of tags; made by `Run.custom_series`."""

    def add(self, account: Account, value: float) -> bool:
        """Record a value; false, and nothing recorded, for a VU that was cut.

        Raises:
            ValueError: It is not finite.
        """

@type_check_only
class Scenario(TypedDict):
    """A scenario that is valid, as `Options.scenarios` tells it. Exists for type checkers only."""

    name: str
    exec: str
    """Which function of the script its VUs run."""
    env: dict[str, str]
    executor: str
    vus: int
    description: str
    max_duration_ms: float
    """When it must have ended, from the start of the test, graceful stop included."""

@final
class ScenarioStatus:
    """How far a scenario is."""

    @property
    def executor(self) -> str: ...
    @property
    def start_time(self) -> float:
        """When it began, in milliseconds since 1970."""

    @property
    def progress(self) -> float:
        """From 0 to 1."""

@final
class InstanceStatus:
    """How far this process is."""

    @property
    def iterations_completed(self) -> int: ...
    @property
    def iterations_interrupted(self) -> int: ...
    @property
    def vus_active(self) -> int: ...
    @property
    def vus_initialized(self) -> int: ...
    @property
    def test_run_duration(self) -> float:
        """Milliseconds on the test clock."""

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

@final
class Run:
    """A load test on a loop. VUs are one pool and count from 0."""

    def __new__(cls, owner: Loop, options: Options, outputs: list[str] = ...) -> Run:
        """Prepare a run; nothing starts before `begin`. `outputs` such as `json=FILE` are opened.

        Raises:
            OptionsError: The options cannot be run, or an output cannot be written.
            K6Error: There is no such output.
        """

    def vus(self) -> int:
        """How many VUs are initialised."""

    def account(self, vu: int) -> Account:
        """Return the account of a VU, given by its position in the pool, from 0.

        Raises:
            ValueError: There is no such VU.
        """

    def scenario_tags(self, scenario: int) -> Tags:
        """Return the tags that a VU starts with in the scenario at this position.

        Raises:
            ValueError: There is no such scenario.
        """

    def employ(self, receiver: _Receiver) -> None:
        """Name who is told `START_ITERATION` with `(vu, scenario, number)` and `HARD_STOP` with the VU."""

    def watch(self, receiver: _Receiver) -> None:
        """Name who is told `RESTING` when `next_wake` may have changed, and once another kind: at the end."""

    def judge_by_thresholds(self) -> None:
        """Judge by the thresholds of the options from now on; the script has declared its metrics by now.

        Raises:
            OptionsError: A threshold names a metric that does not exist, or a figure that it does not have.
        """

    def has_thresholds(self) -> bool:
        """Whether there is anything to judge."""

    def judge(self) -> list[str]:
        """Judge what was recorded so far.

        Returns:
            The names of the metrics whose thresholds are crossed, if one of them ends the run; else nothing.
        """

    def judge_scenarios(self) -> None:
        """Judge when the scenarios have just ended: the last window is complete."""

    def judge_all(self) -> tuple[list[str], list[str]]:
        """Judge everything: the run is over.

        Returns:
            The names of the metrics whose thresholds are crossed, and of those that lack data.
        """

    def start_clock(self) -> None:
        """Start the test clock: setup is on it."""

    def begin(self) -> None:
        """Start the scenarios."""

    def wake(self) -> None:
        """Let scenarios whose time has come start or end."""

    def next_wake(self) -> float | None:
        """Milliseconds until `wake` must be called again, if at all."""

    def iteration_began(self, vu: int) -> None:
        """Tell that a VU begins the iteration it was told to start."""

    def iteration_ended(self, vu: int, tags: Tags, is_interrupted: bool, is_failed: bool) -> None:
        """Tell that a VU's iteration is over; `tags` are the VU's at this moment."""

    def stop(self) -> None:
        """Start nothing more, and cut what runs."""

    def end(self) -> None:
        """Stop the test clock."""

    def stage(self, name: str) -> tuple[Account, Tags]:
        """The account and tags of `setup` or `teardown`."""

    def stage_ended(self, account: Account, tags: Tags) -> None:
        """Record the bytes that a stage moved: it is over."""

    def scenario_status(self, name: str) -> ScenarioStatus:
        """How far a scenario is; `ValueError` if none of this name has begun."""

    def instance_status(self) -> InstanceStatus:
        """How far this process is."""

    def id_in_test(self, vu: int) -> int:
        """The number of a VU over all processes of the test, from 1."""

    def number_in_test(self, scenario: str, number: int) -> int:
        """The number of an iteration of a scenario over all processes of the test, from 0."""

    def short_of_vus(self) -> list[tuple[str, int]]:
        """Return the scenarios newly found short of VUs, each once, with the VUs they may have."""

    def sample_vus(self) -> None:
        """Record how many VUs there are."""

    def has_system_tag(self, name: str) -> bool:
        """Whether samples carry this system tag."""

    def check(self, account: Account, group: str, tags: Tags, name: str, is_passed: bool) -> None:
        """Record one result of a check made in `group`; nothing for a VU that was cut."""

    def declare(self, name: str, kind: str, is_time: bool) -> str:
        """Declare a metric of the script.

        Returns a remark for the user where the name is that of a built-in metric, else an empty text.

        Raises:
            K6Error: The name breaks the rule or is that of another metric.
        """

    def custom_series(self, name: str, kind: str, is_time: bool, tags: Tags) -> Series:
        """Return the series of a metric of the script under these tags; declares it if need be.

        Raises:
            K6Error: As for `declare`.
        """

    def malformed_url(self, account: Account, tags: Tags, url: str, is_named: bool) -> None:
        """Record an attempt to connect to something that is no WebSocket URL."""

    def tcp_error(self, account: Account, tags: Tags) -> None:
        """Record a TCP connect that was refused before anything was dialled."""

    def group_ended(self, account: Account, tags: Tags, ms: float) -> None:
        """Record how long a group took; nothing for a VU that was cut."""

    def outputs(self) -> list[str]:
        """What the run description says of each output: `json (samples.json)`."""

    def output_troubles(self) -> list[str]:
        """Why samples are being lost: the news since the last call."""

    def finish_outputs(self) -> int:
        """Wait, after `end`, until the outputs are written or their time is up.

        Returns:
            How many samples were lost, on the way and at the end.
        """

    def summary(
        self, *, no_color: bool, stdout_is_tty: bool, stderr_is_tty: bool, mode: str = "compact"
    ) -> dict[str, Any]:
        """What happened, in the schema of `handle_summary`, and our own part under `run`.

        The mode `full` adds the figures of every scenario and group, as `run.breakdown`.
        """

    def silent_metrics(self) -> dict[str, Any]:
        """Every metric without a sample, by name, as `summary` would have it: counts of 0, and no figures."""

    def series(self, name: str) -> list[dict[str, Any]]:
        """Every series of a metric as `{"tags": …, "values": …}`; empty without samples."""

    def progress(self) -> dict[str, Any]:
        """How far the run is: what `_ui` draws while it lasts."""

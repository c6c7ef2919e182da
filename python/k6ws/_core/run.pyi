"""A load test as Python carries it out."""

from typing import Any, final

from k6ws._core.dashboard import Dashboard
from k6ws._core.event_loop import Loop
from k6ws._core.metric import Series
from k6ws._core.options import Options
from k6ws._core.receivers import Receiver
from k6ws._core.recording import Recording
from k6ws._core.status import InstanceStatus, ScenarioStatus
from k6ws._core.vu import Account, Tags

@final
class Run:
    """A load test on a loop. VUs are one pool and count from 0."""

    def __new__(
        cls,
        owner: Loop,
        options: Options,
        outputs: list[str] = ...,
        *,
        is_kept: bool = ...,
        dashboard: Dashboard | None = ...,
    ) -> Run:
        """Prepare a run; nothing starts before `begin`. `outputs` such as `json=FILE` are opened.

        What it says of itself is kept in this process as well if `is_kept`, or where a dashboard shows it.

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

    def employ(self, receiver: Receiver) -> None:
        """Name who is told `START_ITERATION` with `(vu, scenario, number)` and `HARD_STOP` with the VU."""

    def watch(self, receiver: Receiver) -> None:
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

    def iteration_counts(self) -> list[tuple[int, int, int, int]]:
        """Of each scenario: complete iterations, failed ones among those, interrupted and dropped ones."""

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

    def is_told(self) -> bool:
        """Whether anybody is told of the run while it lasts: a file of snapshots, or who keeps it."""

    def recording(self) -> Recording | None:
        """What was kept of it so far, where it is kept; all of it after `finish_snapshots`."""

    def add_to_snapshots(self, told: str) -> None:
        """Have this told as well: what only Python knows, as JSON."""

    def finish_snapshots(self) -> int:
        """Say the last of it, after `end`, and wait until it is written or the time for it is up.

        Returns:
            How many snapshots are missing.
        """

    def summary(
        self,
        *,
        no_color: bool,
        stdout_is_tty: bool,
        stderr_is_tty: bool,
        mode: str = "compact",
        told: str | None = ...,
    ) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """What happened, in the schema of `handle_summary`, and our own part under `run`.

        What only Python knows, as JSON, is set into it where it is `told`, and then there is the document of
        it as well. The mode `full` adds the figures
        of every scenario and group, as `run.breakdown`.
        """

    def silent_metrics(self) -> dict[str, Any]:
        """Every metric without a sample, by name, as `summary` would have it: counts of 0, and no figures."""

    def rows(self) -> dict[str, Any]:
        """Every series that has samples, under `rows`; the numbers of theirs by threshold, under `parts`."""

    def progress(self) -> dict[str, Any]:
        """How far the run is: what `_ui` draws while it lasts."""

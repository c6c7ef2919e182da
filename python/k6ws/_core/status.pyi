"""How far a run is."""

from typing import final

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

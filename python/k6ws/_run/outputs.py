"""The outputs of a run, as its owner sees them: opened with it, looked at in it, finished after it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from k6ws import _core
from k6ws._run.told import as_json
from k6ws.errors import OptionsError

logger = logging.getLogger("k6ws")


class Outputs:
    """What a run writes to; the core does the writing."""

    def __init__(self, core: _core.Run) -> None:
        """Nothing is lost so far."""
        self._core = core
        self._is_whole = True
        self._is_finished = False
        self._is_all_told = False
        self.descriptions = core.outputs()
        self.lost = 0
        """Samples that were not written; known once the outputs are finished."""

    @property
    def is_told(self) -> bool:
        """Whether one of them keeps what the run says of itself."""
        return self._core.is_told()

    def tell(self, told: Mapping[str, Any]) -> None:
        """Have the next snapshot say what only this side knows."""
        self._core.add_to_snapshots(as_json(told))

    def finish_snapshots(self, told: Mapping[str, Any]) -> bool:
        """Say the last of the run; whether all of it was written. Once, when its result is known."""
        if self._is_all_told:
            return True
        self._is_all_told = True
        self.tell(told)
        missing = self._core.finish_snapshots()
        self.look()
        return missing == 0

    def look(self) -> None:
        """Log what has gone wrong since the last look; each output says it once."""
        for trouble in self._core.output_troubles():
            self._is_whole = False
            logger.error("%s", trouble)

    def finish(self) -> bool:
        """Wait for the outputs, as long as they may take; whether every sample was written."""
        if self.descriptions and not self._is_finished:
            self._is_finished = True
            self.lost = self._core.finish_outputs()
            self.look()
        return self._is_whole and self.lost == 0


def wanted(out: Any) -> list[str]:
    """The outputs that the option ``out`` names: a text, or several.

    Raises:
        OptionsError: It is something else.
    """
    several = [out] if isinstance(out, str) else out
    if isinstance(several, list | tuple):
        texts = cast("list[Any]", list(several))  # pyright: ignore[reportUnknownArgumentType]
        if all(isinstance(text, str) for text in texts):
            return texts
    message = f"invalid option 'out' = {out!r}: expected a list of texts"
    raise OptionsError(message, 'for example out=["json=samples.json"]')


def files_of(outputs: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The files that outputs are written to, each with its output; those that make no sense have none.

    The core reads them, and makes the files anew at once: this is for whoever asks before that.
    """
    for output in outputs:
        kind, _, place = output.partition("=")
        if kind == "csv":
            pairs = [pair.partition("=") for pair in place.split(",")]
            named = [value for key, _, value in pairs if key.strip() in {"fileName", "file_name"}]
            named.append("" if "=" in place else place)
            named += [os.environ.get(f"{prefix}_CSV_FILENAME", "") for prefix in ("K6WS", "K6")]
            place = next(filter(None, named), "file.csv")
        elif kind == "snapshots":
            place = place.replace("{instance}", "1").replace("{{", "{").replace("}}", "}")
        if place not in {"", "-"}:
            yield output, place

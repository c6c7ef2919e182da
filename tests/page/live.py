"""A run that serves its page while it lasts."""

from __future__ import annotations

import contextlib
import queue
import re
import signal
import subprocess
import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from page import runs

PATIENCE_S = 30


@dataclass
class Live:
    """A run under way."""

    process: subprocess.Popen[str]
    folder: Path
    url: str
    said: list[str] = field(default_factory=list[str])
    readers: list[threading.Thread] = field(default_factory=list[threading.Thread])

    def ended(self) -> runs.Run:
        """Wait for the end of the run."""
        code = self.process.wait(runs.PATIENCE_S)
        for reader in self.readers:
            reader.join(PATIENCE_S)
        return runs.Run(self.folder, code, "", "\n".join(self.said))

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End it at once, so that it can say nothing any more."""
        self.process.kill()
        self.process.wait(PATIENCE_S)


@contextlib.contextmanager
def live(
    script: Path, folder: Path, *words: str, variables: Sequence[str] = ()
) -> Generator[Live, None, None]:
    """A run with `--dashboard` on a port that was free, from when it has said where."""
    runs.needs("--dashboard")
    process = runs.begin(script, folder, "--dashboard=127.0.0.1:0", *words, variables=variables)
    lines: queue.Queue[str | None] = queue.Queue()
    said: list[str] = []
    readers = [
        threading.Thread(target=_read, args=(stream, lines, said), daemon=True)
        for stream in (process.stdout, process.stderr)
        if stream is not None
    ]
    for reader in readers:
        reader.start()
    try:
        yield Live(process, folder, _address(lines, said), said, readers)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE_S)
        for reader in readers:
            reader.join(PATIENCE_S)


def _read(stream: IO[str], lines: queue.Queue[str | None], said: list[str]) -> None:
    with stream:
        for line in stream:
            said.append(line.rstrip("\n"))
            lines.put(line)
    lines.put(None)


def _address(lines: queue.Queue[str | None], said: list[str]) -> str:
    while True:
        try:
            line = lines.get(timeout=PATIENCE_S)
        except queue.Empty:
            line = None
        if line is None:
            raise AssertionError("the run did not say where its page is:\n" + "\n".join(said))
        found = re.search(r"dashboard: (http://\S+)", line)
        if found:
            return found[1]

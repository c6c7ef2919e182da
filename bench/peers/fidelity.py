"""Requests, each with the target's own record of it: `fidelity.py URL CONNS UNDER_WAY ROUNDS BURNS OUT`.

Each connection asks in rounds, of `UNDER_WAY` requests at once, whose delays take turns. Where `BURNS` is 1
another virtual user computes half of the time, 3 ms at a stretch. Prints, as JSON, for each delay of the
target the errors of `ws_req_duration` in milliseconds, all requests.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import k6ws
from k6ws import Session, barrier, execution, ws
from k6ws.correlate import by

DELAYS_MS = (0, 1, 10, 50)
BURN_S = 0.003
A_SECOND = 1000
"""So many requests a second are made in all where that many connections can wait between theirs."""


Key = tuple[str, str]
"""The number of a virtual user, and for how long its requests are held."""


@dataclass
class Load:
    url: str
    conns: int
    under_way: int
    rounds: int
    burns: int
    busy: int = 0
    held: defaultdict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))

    def ask(self, number: int) -> None:
        vu = str(execution.vu.id_in_test)
        with ws.open(self.url, correlate=by("/id"), recv_timeout="60s") as session:
            barrier("open", self.conns + self.burns)
            # Not all at once, then each in its time.
            pause = self.conns / A_SECOND
            k6ws.sleep(pause * (number * 0.618 % 1))
            for turn in range(self.rounds):
                k6ws.sleep(0.001 + pause)
                self._ask_round(session, vu, turn, number)
        self.busy -= 1

    def _ask_round(self, session: Session, vu: str, turn: int, number: int) -> None:
        delays = [DELAYS_MS[(turn + one + number) % 4] for one in range(self.under_way)]
        replies = [
            session.start(f'{{"id":{turn * self.under_way + one},"delay":{delay}}}', str(delay))
            for one, delay in enumerate(delays)
        ]
        for delay, reply in zip(delays, replies, strict=True):
            self.held[vu, str(delay)].append(json.loads(reply.wait())["held"])

    def burn(self) -> None:
        barrier("open", self.conns + self.burns)
        while self.busy > 0:
            until = time.perf_counter() + BURN_S
            while time.perf_counter() < until:
                pass
            k6ws.sleep(BURN_S)


def main(load: Load, out: str) -> None:
    numbers = itertools.count()
    load.busy = load.conns

    def default() -> None:
        number = next(numbers)
        if number == load.conns:
            load.burn()
        else:
            load.ask(number)

    vus = load.conns + load.burns
    result = k6ws.run(
        default, vus=vus, iterations=vus, out=[f"json={out}"], system_tags=["name", "vu"]
    )
    assert not result.exceptions, result.exceptions
    took = samples(out)
    errors: dict[int, list[float]] = {delay: [] for delay in DELAYS_MS}
    for key, records in load.held.items():
        # Those of one delay on one connection are answered in the order in which they were made.
        pairs = zip(took[key], records, strict=True)
        errors[int(key[1])] += [ours - record / 1e6 for ours, record in pairs]
    print(json.dumps(errors))


def samples(path: str) -> defaultdict[Key, list[float]]:
    took: defaultdict[Key, list[float]] = defaultdict(list)
    with Path(path).open() as lines:
        for line in lines:
            if '"ws_req_duration"' in line and '"Point"' in line:
                data = json.loads(line)["data"]
                took[data["metadata"]["vu"], data["tags"]["name"]].append(data["value"])
    return took


if __name__ == "__main__":
    url, *words, out = sys.argv[1:]
    conns, under_way, rounds, burns = map(int, words)
    main(Load(url, conns, under_way, rounds, burns), out)

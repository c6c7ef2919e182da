"""Runs the benchmark: `python bench/run.py [--quick] [--rounds R] [--only NAME] [--json FILE]`.

Builds the floor, runs every client that is there in interleaved rounds, prints one table per
workload, one of the other rows, and the bars. Exit code 0 also when a bar is missed: timings inform,
they never gate. See bench/README.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import arrival
import connect
import fan_in
import idle
import iteration
import quiet
import start_up
from harness.bars import judge
from harness.build import BuildError, build_floor
from harness.k6 import K6Peer
from harness.machine import CLIENT_CORE, OUT, PINNED, SERVER_CORE, raise_file_limit
from harness.measure import Failure, Sample, measure
from harness.peers import FLOOR, K6WS, Peer, our_peers
from harness.rows import Effort, Rows, measure_rows
from harness.table import render_bars, render_rows, render_workload
from harness.versions import python
from harness.workloads import CONNS, FULL, QUICK, Plan

KINDS = (
    fan_in.KIND,
    connect.KIND,
    idle.KIND,
    arrival.KIND,
    iteration.KIND,
    quiet.KIND,
    start_up.KIND,
)


def main() -> int:
    options = _parse()
    raise_file_limit()
    try:
        build_floor()
    except BuildError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    plan = QUICK if options.quick else FULL
    if options.rounds:
        plan = replace(plan, rounds=options.rounds, rows=options.rounds)

    present = _introduce(options.only)
    began = time.monotonic()
    samples, failures = _run_rounds(present, plan)
    has_k6ws = any(peer.name == K6WS for peer in present)
    effort = Effort(plan.seconds, CONNS, plan.counts_instructions)
    rows = measure_rows(KINDS, plan.rows, effort) if has_k6ws else Rows([], ["k6ws was skipped"])
    verdicts = [*judge(samples), *rows.verdicts()]

    names = [peer.name for peer in present]
    for workload in plan.workloads:
        print("\n" + render_workload(workload, names, samples, failures))
    print("\n" + render_rows(rows))
    print("\n" + render_bars(verdicts))
    print(f"\n{plan.rounds} rounds in {time.monotonic() - began:.0f} s")
    document = {
        "plan": asdict(plan),
        "python": asdict(python()),
        "versions": {peer.name: peer.versions for peer in present},
        "samples": [
            asdict(sample) | {"us_per_message": sample.us_per_message, "void": sample.void}
            for sample in samples
        ],
        "failures": [asdict(failure) for failure in failures],
        "rows": [asdict(one) | {"spread": one.spread and asdict(one.spread)} for one in rows.found],
        "unmeasured": rows.failures,
        "bars": [asdict(verdict) for verdict in verdicts],
    }
    options.json.write_text(json.dumps(document, indent=2) + "\n")
    print(f"Every value, with versions and flags: {options.json}")
    return 0


class Options(argparse.Namespace):
    quick: bool
    rounds: int | None
    only: list[str]
    json: Path


def _parse() -> Options:
    parser = argparse.ArgumentParser(description="Measure k6ws against the floor and its peers.")
    parser.add_argument("--quick", action="store_true", help="three workloads, under two minutes")
    parser.add_argument("--rounds", type=int, metavar="R", help="how often everything is repeated")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="only clients whose name begins so (repeatable; the floor always runs)",
    )
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        default=OUT / "bench.json",
        help="write all values to FILE (default: bench/out/bench.json)",
    )
    return parser.parse_args(namespace=Options())


def _introduce(only: Sequence[str]) -> list[Peer]:
    """Print who takes part and who does not, and why; return those who do."""
    where = f"server on core {SERVER_CORE}, clients on core {CLIENT_CORE}"
    print(where if PINNED else "one core for server and clients: compare with such runs only")
    print(python().text)
    present: list[Peer] = []
    everyone: list[Peer] = [*our_peers(), K6Peer()]
    for peer in everyone:
        wanted = not only or peer.name == FLOOR or peer.name.startswith(tuple(only))
        reason = peer.missing() if wanted else "not asked for"
        if reason is None:
            present.append(peer)
        print(f"  {peer.name:<28}" + (f"skipped: {reason}" if reason else peer.versions))
    return present


def _run_rounds(peers: Sequence[Peer], plan: Plan) -> tuple[list[Sample], list[Failure]]:
    samples: list[Sample] = []
    failures: list[Failure] = []
    for number in range(1, plan.rounds + 1):
        for workload in plan.workloads:
            for peer in peers:
                result = measure(peer, workload, plan, number)
                if isinstance(result, Sample):
                    samples.append(result)
                    told = f"{result.us_per_message:.2f} µs" + (" VOID" if result.void else "")
                else:
                    failures.append(result)
                    told = f"FAILED: {result.reason}"
                print(f"round {number}  {workload.title}  {peer.name}: {told}", file=sys.stderr)
    return samples, failures


if __name__ == "__main__":
    sys.exit(main())

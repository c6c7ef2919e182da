"""The k6ws side of a comparison: the same as `script.js`, line by line."""

from __future__ import annotations

import json
from typing import Any

from k6ws import env, execution, sleep
from k6ws.metrics import Counter

plan: dict[str, Any] = json.loads(env["PLAN"])
done = Counter("done")
options: dict[str, Any] = plan["options"]


def default() -> None:
    """Say who runs what, rest, and count."""
    print(f"ITERATION {execution.vu.id_in_test} {execution.scenario.iteration_in_test}", flush=True)
    sleep(plan["sleep"])
    done.add(1)


def handle_summary(data: dict[str, Any]) -> dict[str, str]:
    """Put the summary where it is looked for."""
    return {env["REPORT"]: json.dumps(data)}

"""A shop that is visited by twenty at a time, and gets slower behind a deployment.

Its page is the picture of the docs.
"""

from k6ws import check, env, execution, group, sleep, ws
from k6ws.correlate import by
from k6ws.match import json
from k6ws.metrics import Counter, Trend

quarter_s = int(env.get("SECONDS", "60")) / 4
basket, sales = Trend("basket_value"), Counter("sales")
options = {
    "scenarios": {
        "visitors": {
            "executor": "ramping-vus",
            "exec": "visit",
            "stages": [
                {"target": 20, "duration": f"{quarter_s}s"},
                {"target": 20, "duration": f"{2 * quarter_s}s"},
                {"target": 0, "duration": f"{quarter_s}s"},
            ],
        },
        "deployment": {
            "executor": "shared-iterations",
            "exec": "deploy",
            "iterations": 1,
            "startTime": f"{2 * quarter_s}s",
        },
    },
    "thresholds": {
        "ws_req_duration{name:search}": ["p(95)<200"],
        "ws_req_duration{name:buy}": ["p(95)<100"],
        "ws_req_failed": ["rate<0.02"],
        "checks": ["rate>0.9"],
    },
}


def deploy():
    execution.mark("deployment")
    with ws.open(env["URL"], codec="json", correlate=by("/id")) as shop:
        shop.request({"id": 0, "do": "deploy"}, "deploy")


def visit():
    number = execution.scenario.iteration_in_test
    if number % 50 == 49:
        ws.connect(f"{env['URL']}crowded", lambda socket: None)
        return
    with ws.open(env["URL"], codec="json", correlate=by("/id")) as shop:
        shop.request({"id": 0, "do": "log in"}, "log in", check={"is welcome": json({"/ok": True})})
        for page in range(1, 4):
            found = shop.request(
                {"id": page, "do": "search"}, "search", timeout="1s", default={"hits": 0}
            )
            group(
                "results", lambda hits=found["hits"]: check(hits, {"something is found": hits > 0})
            )
            sleep(0.2)
        sold = shop.request({"id": 4, "do": "buy"}, "buy", timeout="1s")
        basket.add(sold["value"], {"paid by": sold["paid by"]})
        sales.add(1, {"paid by": sold["paid by"]})

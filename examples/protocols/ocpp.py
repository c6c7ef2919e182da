"""OCPP 1.6: charging stations boot, report, and accept what is asked of them without any Python.

    k6ws run ocpp.py -e URL=ws://127.0.0.1:9000/ocpp -e ROUNDS=10

`ROUNDS`: how often each station sends a heartbeat and what it has measured.
"""

import json
from datetime import UTC, datetime
from itertools import count

from k6ws import env, execution, ws
from k6ws.correlate import by
from k6ws.match import has
from k6ws.match import json as message

URL = env.get("URL", "ws://127.0.0.1:9000/ocpp")
ROUNDS = int(env.get("ROUNDS", "10"))

# [2, id, action, {…}] is a call, [3, id, {…}] its result, [4, id, …] its error: both sides call.
RESULTS = by("/1", where=message({"/0": 3}) | message({"/0": 4}))
RESULT = message({"/0": 3})

options = {
    "vus": 5,
    "iterations": 10,
    "thresholds": {
        "ws_req_failed": ["rate<0.01"],
        "ws_req_duration{name:MeterValues}": ["p(95)<200"],
    },
}


def default() -> None:
    ids = count(1)

    def call(action: str, **payload: object) -> tuple[str, str]:
        return json.dumps([2, str(next(ids)), action, payload]), action

    url = f"{URL}/CP{execution.vu.id_in_test:05}"
    with ws.open(url, subprotocols=["ocpp1.6"], correlate=RESULTS) as station:
        station.auto_reply(message({"/0": 2}) & has("/2"), '[3, {/1}, {"status": "Accepted"}]')
        boot = call("BootNotification", chargePointVendor="k6ws", chargePointModel="X1")
        station.request(*boot, check=message({"/2/status": "Accepted"}))
        for number in range(ROUNDS):
            station.request(*call("Heartbeat"), check=RESULT)
            now, values = datetime.now(UTC).isoformat(), [{"value": str(number)}]
            measured = [{"timestamp": now, "sampledValue": values}]
            station.request(*call("MeterValues", connectorId=1, meterValue=measured), check=RESULT)

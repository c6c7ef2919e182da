"""A Jupyter kernel over the WebSocket of its server: cells, timed to their first word and to their end.

    k6ws run jupyter.py -e URL=http://127.0.0.1:8888 -e TOKEN=secret -e ROUNDS=3

The kernel is started before the test and shut down behind it. `ROUNDS`: how many cells each user runs.
"""

import json
from typing import Any
from urllib.request import Request, urlopen

from k6ws import check, env, execution, ws
from k6ws.correlate import by
from k6ws.utils import uuidv4

URL = env.get("URL", "http://127.0.0.1:8888")
TOKEN = env.get("TOKEN", "")
ROUNDS = int(env.get("ROUNDS", "3"))

# What belongs to a request has its header as its parent; the kernel is idle when all of it has been said.
REPLIES = by("/header/msg_id", "/parent_header/msg_id", done={"/content/execution_state": "idle"})

options = {
    "vus": 3,
    "iterations": 6,
    "thresholds": {
        "ws_req_failed": ["rate<0.01"],
        "ws_req_duration{name:execute}": ["p(95)<2000"],
        "checks": ["rate==1"],
    },
}


def kernels(method: str, path: str = "") -> Any:
    headers = {"Authorization": f"token {TOKEN}"}
    with urlopen(Request(f"{URL}/api/kernels{path}", method=method, headers=headers)) as answer:
        return json.loads(answer.read() or "null")


def setup() -> str:
    return str(kernels("POST")["id"])


def default(kernel: str) -> None:
    url = f"{URL.replace('http', 'ws', 1)}/api/kernels/{kernel}/channels?token={TOKEN}"
    with ws.open(url, codec="json", correlate=REPLIES, recv_timeout="60s") as session:
        me = f"user {execution.vu.id_in_test}"
        for number in range(ROUNDS):
            header = {"msg_id": uuidv4(), "msg_type": "execute_request", "version": "5.3"}
            header |= {"username": me, "session": me, "date": ""}
            cell = {"code": f"print({number} * 7)"}
            message = {"channel": "shell", "header": header, "parent_header": {}, "content": cell}
            said = session.request(message | {"metadata": {}}, "execute", many=True)
            text = "".join(one["content"].get("text", "") for one in said)
            check(text, {"it is printed": text == f"{number * 7}\n"})


def teardown(kernel: str) -> None:
    kernels("DELETE", f"/{kernel}")

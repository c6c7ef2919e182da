from k6ws import Options, check, env, ws
from k6ws.correlate import by

URL = env.get("URL", "ws://127.0.0.1:8765/")

options: Options = {
    "scenarios": {
        "chat": {
            "executor": "ramping-vus",
            "stages": [{"duration": "1s", "target": 5}, {"duration": "1s", "target": 0}],
        },
    },
    "thresholds": {"checks": ["rate==1"], "ws_req_duration{name:say}": ["p(95)<500"]},
}


def session(socket: ws.Socket) -> None:
    socket.correlate(by("/id", name="say"), timeout="2s")
    socket.on("open", lambda: socket.send('{"id": 1}'))

    @socket.on("message")
    def _(text: str) -> None:
        check(text, {"it is ours": lambda text: text.startswith("{")})
        socket.close()


def default() -> None:
    response = ws.connect(URL, session, close_timeout="1s")
    check(response, {"status is 101": lambda r: r.status == 101})

from k6ws import check, env, ws

options = {"vus": 10, "duration": "3s", "thresholds": {"checks": ["rate==1"]}}


def default():
    def session(socket):
        socket.on("open", lambda: socket.send("hello"))
        socket.on("message", lambda: socket.close())

    response = ws.connect(env.get("URL", "ws://127.0.0.1:8765/"), session)
    check(response, {"status is 101": lambda r: r.status == 101})

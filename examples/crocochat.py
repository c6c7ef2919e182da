"""The chat example of k6's `k6/experimental/websockets`, in Python: four sockets per VU in one room.

Start a target with `k6ws echo --chat`, then `k6ws run examples/crocochat.py`. Another target: `-e URL=ws://…`.
Each socket stays for `-e SESSION=` milliseconds, half as long to twice as long.
"""

import json

from k6ws import env, execution
from k6ws.timers import clear_interval, clear_timeout, set_interval, set_timeout
from k6ws.utils import random_int_between, random_string
from k6ws.websockets import WebSocket

options = {"vus": 2, "iterations": 2}

SESSION_MS = int(env.get("SESSION", "1000"))
# How often somebody says something: every 2 to 8 seconds in a session of 60.
SAY_MS = SESSION_MS // 30, SESSION_MS // 8
# After saying goodbye the server has this long to close; then we do.
GOODBYE_MS = 3000


def default():
    for number in range(4):
        join(number)


def join(number):
    url = env.get("URL", "ws://127.0.0.1:8765/")
    name = f"{random_string(10)} {execution.vu.id_in_test}:{number}"
    session_time = random_int_between(SESSION_MS // 2, SESSION_MS * 2)
    socket = WebSocket(url)

    def say(event, **fields):
        socket.send(json.dumps({"event": event, **fields}))

    def opened():
        say("SET_NAME", new_name=name)
        talking = set_interval(
            lambda: say("SAY", message=f"I'm saying {random_string(5)}"),
            random_int_between(*SAY_MS),
        )

        def leave():
            clear_interval(talking)
            say("LEAVE")

        leaving = set_timeout(leave, session_time)
        closing = set_timeout(socket.close, session_time + GOODBYE_MS)

        # Without this the iteration would go on until the timers are done.
        @closed
        def _(event):
            for timer in (talking, leaving, closing):
                clear_timeout(timer)
            print(f"{name}: disconnected with {event.code}")

    def closed(handler):
        socket.add_event_listener("close", handler)

    def message(event):
        said = json.loads(event.data)
        if said["event"] == "CHAT_MSG":
            print(f"{name} heard {said['user']} say {said['message']!r}")
        elif said["event"] == "ERROR":
            print(f"{name}: error: {said['message']}")

    socket.add_event_listener("open", opened)
    socket.add_event_listener("message", message)
    socket.add_event_listener("error", lambda event: print(f"{name}: {event.error}"))

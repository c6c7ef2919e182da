"""The program of k6's page `k6/experimental/websockets` of v0.41, in Python, with that version's imports.

One VU runs four WebSockets at once and stops each after some time. The page leaves a server to its reader:
`k6ws echo --chat`, then `k6ws run examples/seeds/experimental_websockets.py -e URL=ws://…`. `-e SESSION_MS=…`
takes the place of the random session time.
"""

import json
import logging

from k6ws import env, execution
from k6ws.experimental.timers import clear_interval, clear_timeout, set_interval, set_timeout
from k6ws.experimental.websockets import WebSocket
from k6ws.utils import random_int_between, random_string

console = logging.getLogger(__name__)

# A user stays between 5 s and a minute.
session_duration = int(env.get("SESSION_MS") or random_int_between(5000, 60000))


def default():
    for number in range(4):
        start_worker(number)


def start_worker(number):
    socket = WebSocket(env["URL"])
    who = f"{execution.vu.id_in_test}:{number}"

    def opened():
        socket.send(json.dumps({"event": "SET_NAME", "new_name": f"Croc {who}"}))

        def message(e):
            msg = json.loads(e.data)
            if msg["event"] == "CHAT_MSG":
                print(f"VU {who} received: {msg['user']} says: {msg['message']}")
            elif msg["event"] == "ERROR":
                console.error("VU %s received:: %s", who, msg["message"])
            else:
                print(f"VU {who} received unhandled message: {msg.get('message')}")

        socket.add_event_listener("message", message)

        def say():
            socket.send(json.dumps({"event": "SAY", "message": f"I'm saying {random_string(5)}"}))

        # Says something every 2 to 8 seconds.
        saying = set_interval(say, random_int_between(2000, 8000))

        def leave():
            clear_interval(saying)
            print(f"VU {who}: {session_duration}ms passed, leaving the chat")
            socket.send(json.dumps({"event": "LEAVE"}))

        def close():
            print("Closing the socket forcefully 3s after graceful LEAVE")
            socket.close()

        leaving = set_timeout(leave, session_duration)
        closing = set_timeout(close, session_duration + 3000)

        def closed():
            clear_timeout(leaving)
            clear_timeout(closing)
            print(f"VU {who}: disconnected")

        socket.add_event_listener("close", closed)

    socket.add_event_listener("open", opened)

"""The clock of a request stops when its reply arrives, and not when the script lets it be read."""

from __future__ import annotations

import asyncio
import time

import k6ws
from k6ws import Session, tcp, ws
from k6ws.correlate import in_order
from k6ws.framing import lines
from support import frames
from support.runs import run_once
from support.scripted import Peer, ScriptedServer, read_to_end, upgrade
from support.tcp_server import Reader, TcpServer, Writer

ANSWERED_AFTER_S, BUSY_S = 0.03, 0.4


def ask_and_be_busy(session: Session) -> None:
    # The first stamp may be missing: the kernel begins with them when the first socket asks for any.
    assert session.request("first", "first") == "reply"
    reply = session.start("second", "second")
    # Written now, and not answered yet.
    k6ws.sleep(0.001)
    time.sleep(BUSY_S)
    assert reply.wait() == "reply"


def check(result: k6ws.Result, metric: str) -> None:
    took = result.metrics[metric]
    assert took.min >= ANSWERED_AFTER_S * 1000 * 0.9
    assert took.max < BUSY_S * 1000 / 2


def answer(peer: Peer) -> None:
    for _ in range(2):
        peer.next_frame()
        time.sleep(ANSWERED_AFTER_S)
        peer.sock.sendall(frames.text("reply"))


def test_a_reply_over_a_websocket_that_waited_for_the_script_is_timed_where_it_arrived() -> None:
    def default() -> None:
        with ws.open(server.url(), correlate=in_order()) as session:
            ask_and_be_busy(session)

    with ScriptedServer([upgrade(), answer, read_to_end]) as server:
        result = run_once(default)
    check(result, "ws_req_duration")


def test_and_so_is_one_over_tcp() -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        while await reader.read(100):
            await asyncio.sleep(ANSWERED_AFTER_S)
            writer.write(b"reply\n")

    def default() -> None:
        with tcp.open("127.0.0.1", server.port, framing=lines(), correlate=in_order()) as session:
            ask_and_be_busy(session)

    with TcpServer(talk) as server:
        result = run_once(default)
    check(result, "tcp_req_duration")

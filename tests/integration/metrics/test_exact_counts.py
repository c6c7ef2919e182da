"""What a run counts is what the server counted, to the message and to the byte."""

from __future__ import annotations

import k6ws
from k6ws import _core, ws

VUS = 100
MESSAGES_PER_VU = 10_000
IN_FLIGHT = 32


def test_a_million_messages_are_counted_exactly_as_the_server_counts_them() -> None:
    """R15."""
    server = _core.EchoServer("127.0.0.1", 0)

    def one_vu() -> None:
        sent = received = 0

        def session(socket: ws.Socket) -> None:
            def send() -> None:
                nonlocal sent
                sent += 1
                socket.send(f"message {sent}")

            @socket.on("open")
            def _() -> None:
                for _ in range(IN_FLIGHT):
                    send()

            @socket.on("message")
            def _(text: str) -> None:
                nonlocal received
                received += 1
                assert text == f"message {received}"
                if sent < MESSAGES_PER_VU:
                    send()
                elif received == MESSAGES_PER_VU:
                    socket.close()

        response = ws.connect(server.url(), session)
        assert response.status == 101
        assert received == MESSAGES_PER_VU

    result = k6ws.run(one_vu, vus=VUS, iterations=VUS)
    counts = server.stop()
    assert result.exceptions == []
    total = VUS * MESSAGES_PER_VU
    assert total == 1_000_000
    assert (counts["messages_received"], counts["messages_sent"]) == (total, total)
    assert result.metrics["ws_msgs_sent"].count == total
    assert result.metrics["ws_msgs_received"].count == total
    assert "ws_msgs_dropped" not in result.metrics
    assert result.metrics["ws_sessions"].count == counts["connections"] == VUS
    assert result.metrics["data_sent"].count == counts["wire_received"]
    assert result.metrics["data_received"].count == counts["wire_sent"]

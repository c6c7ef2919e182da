"""What an editor offers on the objects that scripts hold: what is for scripts, and nothing else."""

from __future__ import annotations

import pytest

from k6ws import tcp, websockets, ws

NAMES = {
    ws.Socket: """
        on send send_binary sendBinary ping close set_timeout setTimeout set_interval setInterval
        pause_reading resume_reading
    """,
    websockets.WebSocket: """
        CONNECTING OPEN CLOSING CLOSED
        add_event_listener addEventListener remove_event_listener removeEventListener
        onopen onmessage onerror onclose onping onpong
        send ping close pause_reading resume_reading
        url protocol extensions ready_state readyState buffered_amount bufferedAmount binary_type binaryType
    """,
    tcp.Socket: """
        connect start_tls startTls write end destroy on set_timeout setTimeout
        set_no_delay setNoDelay set_keep_alive setKeepAlive pause_reading resume_reading
        ready_state connected readable local_ip local_port remote_ip remote_port bytes_read bytes_written
    """,
    tcp.Write: "wait done",
}


@pytest.mark.parametrize("kind", NAMES, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_a_socket_shows_what_scripts_use_and_nothing_else(kind: type) -> None:
    shown = {name for name in dir(kind) if not name.startswith("_")}
    assert shown == set(NAMES[kind].split())

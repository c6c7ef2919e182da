"""A signal interrupts whatever call of the system the thread is in, and nothing of a conversation is lost."""

from __future__ import annotations

import signal
import threading

from k6ws import _core, ws

MESSAGES = 300


def test_signals_that_strike_all_the_time_lose_no_message(echo: _core.EchoServer) -> None:
    struck: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _frame: struck.append(number))
    main, is_over = threading.get_ident(), threading.Event()

    def strike() -> None:
        while not is_over.wait(0.0002):
            signal.pthread_kill(main, signal.SIGUSR1)

    striker = threading.Thread(target=strike)
    heard: list[str] = []

    # Small ones, and those that no socket takes or gives in one piece.
    def message(number: int) -> str:
        return f"{number} " + "x" * (number % 10 * 40_000)

    def session(socket: ws.Socket) -> None:
        def received(text: str) -> None:
            heard.append(text)
            if len(heard) == MESSAGES:
                socket.close()
            else:
                socket.send(message(len(heard)))

        socket.on("open", lambda: socket.send(message(0)))
        socket.on("message", received)

    striker.start()
    try:
        ws.connect(echo.url(), session)
    finally:
        is_over.set()
        striker.join()
        signal.signal(signal.SIGUSR1, before)
    assert heard == [message(number) for number in range(MESSAGES)]
    assert struck

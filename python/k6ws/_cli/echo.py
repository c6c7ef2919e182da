"""``k6ws echo``: the built-in target."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import click

from k6ws import _core
from k6ws._run import exit_codes


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="TCP port; 0 takes a free one.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--tls-cert", type=click.Path(), help="PEM file with the certificate chain: wss.")
@click.option("--tls-key", type=click.Path(), help="PEM file with its private key.")
@click.option("--chat", "service", flag_value="chat", help="A chat room instead of an echo.")
@click.option("--tcp", "service", flag_value="tcp", help="A raw TCP echo.")
@click.option("--own", is_flag=True, help="Always speak through the frames of k6ws itself.")
def echo(
    port: int,
    host: str,
    tls_cert: str | None,
    tls_key: str | None,
    service: str | None,
    *,
    own: bool,
) -> None:
    """Serve an echo until Ctrl-C, for trying scripts out.

    The first line printed is the URL. Text and binary messages come back as they are; /status/NNN answers
    with that HTTP status, /close/NNNN closes with that code.

    In the chat room {"event": "SET_NAME", "new_name": …} names the client, {"event": "SAY", "message": …} is
    told to everybody as {"event": "CHAT_MSG", "user": …, "message": …}, {"event": "LEAVE"} closes with 1000.

    It speaks WebSocket through tungstenite, which is not what k6ws runs on, and through the frames of k6ws
    where a client asks for compression.
    """
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key go together")
    try:
        identity = None
        if tls_cert is not None and tls_key is not None:
            identity = (Path(tls_cert).read_text("ascii"), Path(tls_key).read_text("ascii"))
        server = _core.EchoServer(host, port, identity, service or "echo", own=own)
    except (OSError, ValueError) as error:
        click.echo(f"k6ws echo: {error}", err=True)
        sys.exit(exit_codes.GENERIC)
    # Python runs signal handlers between two waits; SIGTERM ends the server like Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        # Whoever has read it may send the signal at once.
        click.echo(server.url())
        while True:
            server.wait(200)
    except KeyboardInterrupt:
        counts = server.stop()
        through = "" if service == "tcp" else f" ({counts['witnessed']} through tungstenite)"
        click.echo(
            f"{counts['connections']} connections{through}, "
            f"{counts['messages_received']} messages received, {counts['messages_sent']} sent",
            err=True,
        )

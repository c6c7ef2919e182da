"""``k6ws new``: a script that runs, to begin with."""

from __future__ import annotations

import re
from pathlib import Path

import click

from k6ws.errors import K6Error

# Data, not modules: they are written as users write scripts.
_TEMPLATES = Path(__file__).parent / "templates"

# Each template, and the target that it runs against as it is.
TEMPLATES = {
    "minimal": "k6ws echo",
    "protocol": "k6ws echo",
    "tcp": "k6ws echo --tcp --port 9000",
    "library": "k6ws echo",
    "latency": "k6ws echo",
    "socketio": "a Socket.IO server; another one than ws://127.0.0.1:3000: -e URL=ws://…",
    "graphql": "a server of graphql-transport-ws; -e URL=ws://…",
    "mqtt": "a broker; another one than tcp://127.0.0.1:1883: -e URL=tcp://… or ws://…",
    "stomp": "RabbitMQ with web_stomp, or another broker; -e URL=ws://…",
    "ocpp": "a central system; another one than ws://127.0.0.1:9000/ocpp: -e URL=ws://…",
}


@click.command()
@click.argument("file", type=click.Path(), default="script.py")
@click.option("-f", "--force", is_flag=True, help="Overwrite a file that is there.")
@click.option(
    "--template",
    metavar="NAME|FILE",
    default="minimal",
    show_default=True,
    help=f"One of {', '.join(TEMPLATES)}, or a file of your own.",
)
def new(file: str, *, force: bool, template: str) -> None:
    """Write a script that runs as it is: FILE, or script.py.

    minimal is one session; protocol has scenarios, setup and thresholds; tcp talks to a raw socket; library
    is a program that runs a test and looks at its result; latency measures replies; the others speak the
    protocol of that name, and begin with what they want of its server.
    """
    source = _read(template)
    target = Path(file)
    if template in TEMPLATES:
        source = _named(source, template, target.name)
    try:
        with target.open("wb" if force else "xb") as opened:
            opened.write(source)
    except FileExistsError:
        raise K6Error(f"{file} exists already", "-f overwrites it") from None
    except OSError as error:
        raise K6Error(f"cannot write {file!r}: {error.strerror or error}") from None
    click.echo(f"Wrote {file}.")
    if template in TEMPLATES:
        command = "python" if template == "library" else "k6ws run"
        click.echo(f"Target:  {TEMPLATES[template]}\nRun it:  {command} {file}")


def _named(source: bytes, template: str, name: str) -> bytes:
    """A template of ours under this name, which it has in what it says of how it is run."""
    if not re.fullmatch(r"[\w.-]+", name):
        return source
    return re.sub(rf" (script|{template})\.py\b".encode(), f" {name}".encode(), source)


def _read(template: str) -> bytes:
    path = _TEMPLATES / f"{template}.py.txt" if template in TEMPLATES else Path(template)
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        import difflib  # noqa: PLC0415 - only for who errs

        near = difflib.get_close_matches(template, TEMPLATES, 1)
        hint = (
            f"did you mean {near[0]!r}?"
            if near
            else f"templates are {', '.join(TEMPLATES)}; or name a file"
        )
        reason = error.strerror if isinstance(error, OSError) else None
        raise K6Error(f"no template {template!r}: {reason or error}", hint) from None

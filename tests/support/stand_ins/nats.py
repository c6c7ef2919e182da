"""As much of a NATS server as a service and its one caller need, on the same connection."""

from __future__ import annotations

from asyncio import StreamReader, StreamWriter
from collections import Counter

from support.counting import over_tcp

COUNTED: Counter[str] = Counter(in_msgs=0, out_msgs=0)


async def talk(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(b'INFO {"server_id":"stand-in","max_payload":1048576}\r\n')
    subscriptions: list[tuple[str, str]] = []
    while line := (await reader.readline()).decode().split():
        if line[0] == "PING":
            writer.write(b"PONG\r\n")
        elif line[0] == "SUB":
            subscriptions.append((line[1].rstrip("*"), line[-1]))
        elif line[0] == "PUB":
            _, subject, *reply, size = line
            said = await reader.readexactly(int(size) + 2)
            COUNTED["in_msgs"] += 1
            for start, number in subscriptions:
                if subject.startswith(start):
                    head = " ".join(["MSG", subject, number, *reply, size])
                    writer.write(f"{head}\r\n".encode() + said)
                    COUNTED["out_msgs"] += 1


over_tcp(talk, COUNTED)

"""As much of Redis as counting needs."""

from __future__ import annotations

from asyncio import StreamReader, StreamWriter
from collections import Counter

from support.counting import over_tcp

COUNTED: Counter[str] = Counter(incr=0, get=0, quit=0)
COUNTED["del"] = 0
VALUES: Counter[str] = Counter()


async def command(reader: StreamReader) -> list[str]:
    words: list[str] = []
    for _ in range(int((await reader.readline())[1:] or 0)):
        size = int((await reader.readline())[1:])
        words.append((await reader.readexactly(size + 2))[:-2].decode())
    return words


async def talk(reader: StreamReader, writer: StreamWriter) -> None:
    while words := await command(reader):
        name, key = words[0].lower(), words[-1]
        COUNTED[name] += 1
        if name == "incr":
            VALUES[key] += 1
            writer.write(f":{VALUES[key]}\r\n".encode())
        elif name == "get":
            value = str(VALUES[key])
            writer.write(f"${len(value)}\r\n{value}\r\n".encode())
        elif name == "del":
            writer.write(f":{int(VALUES.pop(key, None) is not None)}\r\n".encode())
        else:
            writer.write(b"+OK\r\n")


over_tcp(talk, COUNTED)

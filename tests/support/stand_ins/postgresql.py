"""As much of PostgreSQL as one user needs: TLS, SCRAM-SHA-256 and simple queries of one value.

Its argument is a file with its key and chain; the password is `secret`.
"""

from __future__ import annotations

import ssl
import sys
from asyncio import StreamReader, StreamWriter
from base64 import b64decode, b64encode
from collections import Counter
from hashlib import pbkdf2_hmac, sha256
from hmac import digest

from support.counting import over_tcp

COUNTED: Counter[str] = Counter({"log-ins": 0, "queries": 0})
SALT, ROUNDS = b"salt of a stand-in", 4096


def packet(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4, "big") + body


async def read(reader: StreamReader, head: int = 5) -> bytes:
    start = await reader.readexactly(head)
    return await reader.readexactly(int.from_bytes(start[-4:], "big") - 4)


def is_proven(first: str, challenge: str, last: str) -> bool:
    said, _, proof = last.partition(",p=")
    key = digest(pbkdf2_hmac("sha256", b"secret", SALT, ROUNDS), b"Client Key", "sha256")
    signed = digest(sha256(key).digest(), f"{first},{challenge},{said}".encode(), "sha256")
    pairs = zip(b64decode(proof), signed, strict=True)
    return bytes(one ^ other for one, other in pairs) == key


async def log_in(reader: StreamReader, writer: StreamWriter) -> bool:
    writer.write(packet(b"R", b"\0\0\0\x0aSCRAM-SHA-256\0\0"))
    first = (await read(reader)).partition(b"n,,")[2].decode()
    nonce = first.partition("r=")[2] + "ours"
    challenge = f"r={nonce},s={b64encode(SALT).decode()},i={ROUNDS}"
    writer.write(packet(b"R", b"\0\0\0\x0b" + challenge.encode()))
    if not is_proven(first, challenge, (await read(reader)).decode()):
        writer.write(packet(b"E", b"SFATAL\0C28P01\0Mwrong password\0\0"))
        return False
    ended = packet(b"R", b"\0\0\0\x0cv=unchecked") + packet(b"R", b"\0\0\0\0")
    writer.write(ended + packet(b"S", b"TimeZone\0UTC\0") + packet(b"Z", b"I"))
    return True


async def talk(reader: StreamReader, writer: StreamWriter) -> None:
    assert await read(reader, 4) == b"\x04\xd2\x16\x2f"
    writer.write(b"S")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(sys.argv[1])
    await writer.start_tls(tls)
    await read(reader, 4)
    if not await log_in(reader, writer):
        return
    COUNTED["log-ins"] += 1
    while (await reader.readexactly(1)) == b"Q":
        await read(reader, 4)
        COUNTED["queries"] += 1
        described = packet(b"T", b"\0\1value\0" + bytes(18)) + packet(b"D", b"\0\1\0\0\0\0011")
        writer.write(described + packet(b"C", b"SELECT 1\0") + packet(b"Z", b"I"))


over_tcp(talk, COUNTED)

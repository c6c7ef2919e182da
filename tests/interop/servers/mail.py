"""A mail server that insists on TLS: PyPI `aiosmtpd`. Its argument is a file with its key and chain."""

# The package has no types.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false

from __future__ import annotations

import asyncio
import ssl
import sys
from collections import Counter
from typing import Any

from aiosmtpd.smtp import SMTP

from support.counting import serve

COUNTED: Counter[str] = Counter(greeted=0, mails=0)


class Post:
    """Takes every mail, and forgets it."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - its name
        """Count a mail that came encrypted."""
        COUNTED["mails"] += session.ssl is not None and envelope.content == b"".join(
            [b"Subject: number ", envelope.content[16:].split(b"\r")[0], b"\r\n\r\nhello\r\n"]
        )
        return "250 taken"


def connected(tls: ssl.SSLContext) -> SMTP:
    """Speak with one who has connected."""
    COUNTED["greeted"] += 1
    return SMTP(Post(), hostname="mail.test", tls_context=tls, require_starttls=True)


async def main() -> None:
    """Listen on a port of the system's choice."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(sys.argv[1])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: connected(tls), "127.0.0.1", 0)
    await serve(server.sockets[0].getsockname()[1], COUNTED)


asyncio.run(main())

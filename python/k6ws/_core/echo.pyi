"""The built-in target."""

from typing import final

@final
class EchoServer:
    """A WebSocket echo server on a thread of its own; stopped by `stop`, or when it is dropped."""

    def __new__(
        cls,
        host: str = "127.0.0.1",
        port: int = 0,
        identity: tuple[str, str] | None = None,
        service: str = "echo",
        own: bool = False,
    ) -> EchoServer:
        """Listen on `host:port`; port 0 takes a free one.

        Args:
            service: `echo`, `chat` or `tcp`.
            host: An IP address.
            port: A port.
            identity: A certificate chain and its key, both PEM, to serve `wss`.
            own: Speak through the frames of k6ws also where no compression is asked for.

        Raises:
            ValueError: `host` is not an IP address.
            OSError: It cannot listen there, or the identity is unusable.
        """

    def url(self) -> str:
        """Return the URL that clients connect to."""

    def counts(self) -> dict[str, int]:
        """Return what it has counted so far: connections, messages and bytes, both ways.

        `witnessed` are the sessions in which it spoke through tungstenite.
        """

    def wait(self, ms: int) -> None:
        """Wait for this many milliseconds, or less if the server ends."""

    def stop(self) -> dict[str, int]:
        """Close every connection with 1001 and stop; returns the last counts."""

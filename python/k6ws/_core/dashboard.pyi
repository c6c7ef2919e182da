"""The live page of a run."""

from typing import final

@final
class Dashboard:
    """A page that is served, without the interpreter, until `close` or until it is dropped."""

    def __new__(cls, address: str | None, page: str, token: str | None) -> Dashboard:
        """Listen, and serve the page.

        Args:
            address: `HOST:PORT`, `HOST` or `:PORT`; 127.0.0.1:5665 if none. Port 0 takes a free one.
            page: The page as it was built.
            token: What has to be known to look at the run. Elsewhere than on loopback one is made if none is.

        Raises:
            OptionsError: The address is none, the token is short or odd, or the page is damaged.
            CannotListen: The port is taken, for example.
        """

    def url(self) -> str:
        """The URL that a browser is given, with the token where one is needed."""

    def refused(self) -> int:
        """How many connections found no room."""

    def close(self, patience_ms: float) -> None:
        """End when all who look have what there is, or after so many milliseconds."""

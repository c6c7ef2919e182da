"""k6's old names ``k6/experimental/websockets`` and ``k6/experimental/timers``, for scripts that use them."""

__all__: list[str] = []

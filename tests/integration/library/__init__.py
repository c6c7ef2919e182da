"""k6ws in a program of its own: its threads, its asyncio loops, its Ctrl-C."""

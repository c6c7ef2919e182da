"""Sockets of `k6ws.websockets` and of what came before it."""

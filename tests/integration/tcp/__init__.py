"""Sockets of `k6ws.tcp`."""

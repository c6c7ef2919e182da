"""Acceptance tests: the whole of k6ws against real servers on loopback."""

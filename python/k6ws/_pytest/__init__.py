"""What the pytest plugin does. ``pytest_k6ws`` has its names, and loads this for the first who uses it."""

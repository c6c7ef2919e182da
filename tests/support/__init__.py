"""What the tests need around them: servers on loopback, their journals, and small recorders."""

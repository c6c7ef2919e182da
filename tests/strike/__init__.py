"""Runs that are struck at random instants."""

"""A run from its options to its end: stages, executors, scripts, VUs."""

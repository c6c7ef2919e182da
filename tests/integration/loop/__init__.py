"""How scripts wait: handlers, timers, tasks, and calls at the wrong time."""

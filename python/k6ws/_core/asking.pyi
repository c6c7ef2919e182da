"""How functions of scripts are asked about messages."""

def check_asked(callable: object) -> None:
    """Raise `TypeError` of a function that answers later: a coroutine function, or a generator."""

"""Where samples go."""

def split_outputs(text: str) -> list[str]:
    """Split what `K6_OUT` says into outputs: a comma ends one where the next begins with a type."""

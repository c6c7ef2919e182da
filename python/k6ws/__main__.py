"""``python -m k6ws``."""

from k6ws._cli.main import main

main(prog_name="k6ws")

"""The tier of environment variables: ``K6WS_VUS``, or k6's ``K6_VUS`` where we have no word of our own."""

from __future__ import annotations

from collections.abc import Mapping

from k6ws._options.table import OTHER_VARIABLES, ROWS

_OURS = "K6WS_"
_PREFIXES = (_OURS, "K6_")
# A script may read variables of its own that begin like ours; only near misses are remarked on.
_LIKENESS = 0.8


def from_environment(environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The options that variables set, and remarks on misspelled ones.

    The key is the variable, so that the core's messages name what was set. An empty one says nothing.
    """
    values: dict[str, str] = {}
    for row in ROWS:
        if not row.has_variable:
            continue
        for name in (prefix + row.variable for prefix in _PREFIXES):
            if environ.get(name):
                values[name] = environ[name]
                break
    known = {_OURS + row.variable for row in ROWS if row.has_variable}
    known |= {_OURS + name for name in OTHER_VARIABLES}
    remarks: list[str] = []
    for name in sorted(environ):
        if name.startswith(_OURS) and name not in known:
            import difflib  # noqa: PLC0415 - only for who errs

            near = difflib.get_close_matches(name, sorted(known), 1, _LIKENESS)
            remarks += [f"unknown variable {name}, did you mean {one}?" for one in near]
    return values, remarks

"""The ``compression`` parameter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k6ws._params.values import Api
from k6ws.errors import K6Error


def check_compression(params: Mapping[str, Any], api: Api) -> None:
    if "compression" not in params:
        return
    value = params["compression"]
    algorithm = "null" if value is None else str(value).strip()
    if algorithm == "deflate":
        raise K6Error(
            "compression 'deflate' is not available yet",
            "leave `compression` out: the server then sends uncompressed messages",
        )
    if algorithm or not api.allows_blank_compression:
        message = (
            f"unsupported compression algorithm '{algorithm}', supported algorithm is 'deflate'"
        )
        raise K6Error(message)

"""The response of ``ws.connect`` is a value: it can be compared, copied and taken apart, and not changed."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest

from k6ws.ws.response import Headers, Response

REFUSED = Response(
    "ws://a/", 403, Headers({"Server": "x"}), "no", "refused", "ask", "upgrade", "http"
)


def test_it_is_made_with_its_fields_in_order_and_shows_them() -> None:
    fields = list(inspect.signature(Response).parameters)
    assert fields == ["url", "status", "headers", "body", "error", "hint", "phase", "cause"]
    assert repr(Response("ws://a/", 101, Headers())) == (
        "Response(url='ws://a/', status=101, headers={}, body='', error='', hint='', phase='', cause='')"
    )


def test_it_is_equal_by_its_fields_and_to_its_copies() -> None:
    for one in (copy.copy(REFUSED), copy.deepcopy(REFUSED), pickle.loads(pickle.dumps(REFUSED))):
        assert one == REFUSED
    assert Response("ws://a/", 403, Headers()) != REFUSED
    assert REFUSED != "ws://a/"


def test_it_can_be_matched_by_place_and_by_name() -> None:
    match REFUSED:
        case Response(url, status, cause=cause):
            assert (url, status, cause) == ("ws://a/", 403, "http")


@pytest.mark.parametrize("name", Response.__match_args__)
def test_none_of_its_fields_can_be_changed_and_each_says_what_it_is(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(REFUSED, name, None)
    with pytest.raises(AttributeError):
        delattr(REFUSED, name)
    assert inspect.getdoc(getattr(Response, name))
    with pytest.raises(AttributeError):
        REFUSED.more = 1  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue]

"""`check`, `group`, `fail` and `random_seed` inside a run."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

import k6ws
from k6ws import K6Error, check, execution, fail, group, random_seed, sleep
from support.runs import run_once

TAGS = {"system_tags": ["group", "check"]}
NO_COLONS = "group and check names may not contain '::'"
NO_ASYNC_CHECK = "the built-in check() does not support async functions as arguments"
NO_ASYNC_GROUP = "group() does not support async functions as arguments"


async def asynchronous(*_: object) -> bool:
    return True


def returning_one(_: object) -> object:
    return asynchronous()


FALSY: list[object] = [0, "", False, None, [], {}, 0.0]


def checked(function: Callable[[], object]) -> tuple[list[Any], list[tuple[dict[str, str], Any]]]:
    """What the function returned in a run, and the series of `checks` it left."""
    returned: list[Any] = []
    result = run_once(lambda: returned.append(function()), **TAGS)
    return returned, result.series("checks")


def refused(function: Callable[[], object]) -> tuple[str, list[tuple[dict[str, str], Any]]]:
    """The text of the K6Error the function raised in a run, and the series of `checks`."""

    def attempt() -> str:
        with pytest.raises(K6Error) as caught:
            function()
        return str(caught.value)

    returned, series = checked(attempt)
    return returned[0], series


@pytest.mark.parity("fail-ends-the-iteration")
def test_fail_ends_the_iteration_with_its_text() -> None:
    reached: list[str] = []
    result = k6ws.run(lambda: (fail("blah"), reached.append("after")), vus=1, iterations=2)
    assert reached == []
    assert [(e.message, e.count) for e in result.exceptions] == [("blah", 2)]
    assert (result.exit_code, result.metrics["iterations"].count) == (0, 2)


@pytest.mark.parametrize(("arguments", "text"), [((), ""), ((12,), "12"), (("blah",), "blah")])
def test_fail_raises_anywhere_with_its_message_as_text(
    arguments: tuple[Any, ...], text: str
) -> None:
    with pytest.raises(K6Error) as caught:
        fail(*arguments)
    assert str(caught.value) == text


@pytest.mark.parity("seed-repeats")
def test_the_same_seed_gives_the_same_sequence_and_leaves_python_alone() -> None:
    drawn: list[list[float]] = []

    def default() -> None:
        for seed in (12345, 12345, 54321):
            random_seed(seed)
            drawn.append([execution.vu.random.random() for _ in range(5)])

    random.seed(7)
    expected = random.random()
    random.seed(7)
    run_once(default)
    assert random.random() == expected
    assert drawn[0] == drawn[1] != drawn[2]
    assert all(0 <= number < 1 for number in drawn[0])


@pytest.mark.parity("group-tag")
def test_inside_a_group_the_tag_is_its_path_and_afterwards_empty() -> None:
    def default() -> None:
        group("my group", lambda: check(None, {"in": True}))
        check(None, {"out": True})
        group("outer", lambda: group("inner", lambda: check(None, {"nested": True})))

    _, series = checked(default)
    assert {tags["check"]: tags["group"] for tags, _ in series} == {
        "in": "::my group",
        "out": "",
        "nested": "::outer::inner",
    }


def test_group_returns_what_its_function_returns_and_works_as_a_context_manager() -> None:
    def default() -> object:
        with group("block"):
            check(None, {"in block": True})
        return group("call", lambda: "value")

    returned, series = checked(default)
    assert returned == ["value"]
    assert [tags for tags, _ in series] == [{"group": "::block", "check": "in block"}]


def test_a_group_is_timed_and_left_even_on_an_exception() -> None:
    def broken() -> None:
        raise LookupError

    def default() -> None:
        with pytest.raises(LookupError):
            group("broken", broken)
        check(None, {"after": True})

    result = run_once(default, **TAGS)
    ((tags, values),) = result.series("group_duration")
    assert (tags, values["count"]) == ({"group": "::broken"}, 1)
    assert [tags["group"] for tags, _ in result.series("checks")] == [""]


@pytest.mark.parity("group-name-without-colons")
@pytest.mark.parity("check-name-without-colons")
@pytest.mark.parametrize("name", ["::", "a::b"])
def test_names_may_not_contain_two_colons(name: str) -> None:
    ran: list[str] = []
    text, _ = refused(lambda: group(name, lambda: ran.append("ran")))
    assert text.startswith(NO_COLONS)
    assert ran == []
    text, series = refused(lambda: check(None, {"first": True, name: True}))
    assert text.startswith(NO_COLONS)
    assert [tags["check"] for tags, _ in series] == ["first"]


@pytest.mark.parity("group-refuses-async")
@pytest.mark.parametrize("function", [asynchronous, lambda: asynchronous()], ids=["def", "lambda"])
def test_group_refuses_async_functions(function: Callable[[], object]) -> None:
    text, _ = refused(lambda: group("async", function))
    assert text.startswith(NO_ASYNC_GROUP)


@pytest.mark.parametrize("arguments", [(), ("x", "wat"), ("x", 5)])
def test_group_needs_a_name_and_a_function(arguments: tuple[Any, ...]) -> None:
    def default() -> None:
        call: Any = group
        with pytest.raises((K6Error, TypeError)) as caught:
            call(*arguments)
        if arguments:
            assert str(caught.value).startswith("group() requires a callback as a second argument")

    run_once(default)


@pytest.mark.parity("check-is-one-sample")
def test_a_check_is_one_sample_with_its_name() -> None:
    returned, series = checked(lambda: check(None, {"check": True}))
    assert returned == [True]
    ((tags, values),) = series
    assert tags == {"group": "", "check": "check"}
    assert (values["passes"], values["fails"], values["rate"]) == (1, 0, 1)


@pytest.mark.parity("check-entries-are-samples")
def test_every_entry_is_one_sample_even_after_a_failure() -> None:
    returned, series = checked(lambda: check(None, {"a": False, "b": True}))
    assert returned == [False]
    seen = [(tags["check"], values["passes"], values["fails"]) for tags, values in series]
    assert sorted(seen) == [("a", 0, 1), ("b", 1, 0)]


@pytest.mark.parity("check-refuses-async")
@pytest.mark.parametrize("function", [asynchronous, returning_one], ids=["def", "lambda"])
def test_check_refuses_async_functions_and_what_they_return(
    function: Callable[[object], object],
) -> None:
    text, _ = refused(lambda: check(None, {"async": function}))
    assert text.startswith(NO_ASYNC_CHECK)


@pytest.mark.parity("check-entries-by-index")
@pytest.mark.parametrize(
    ("sets", "names"), [([True], ["0"]), ([True, 1], ["0", "1"]), ((True, 1), ["0", "1"])]
)
def test_entries_of_a_sequence_are_named_by_their_index(sets: Any, names: list[str]) -> None:
    returned, series = checked(lambda: check(None, sets))
    assert returned == [True]
    assert sorted(tags["check"] for tags, _ in series) == names


@pytest.mark.parametrize(
    "passes",
    [
        pytest.param(True, marks=pytest.mark.parity("check-after-a-cut")),
        pytest.param(False, marks=pytest.mark.parity("check-after-a-cut")),
    ],
)
def test_a_check_after_the_vu_was_cut_leaves_no_sample(*, passes: bool) -> None:
    outcomes: list[bool | str] = []

    def default() -> None:
        try:
            sleep(10)
        finally:
            try:
                outcomes.append(check(None, {"after": passes}))
            except BaseException as error:
                outcomes.append(type(error).__name__)
                raise

    scenario: Any = {"executor": "constant-vus", "vus": 1, "duration": "1s", "gracefulStop": "0s"}
    result = k6ws.run(default, scenarios={"cut": scenario})
    assert result.series("checks") == []
    # Any call in a VU that was cut may raise at once; a check that does not tells the truth.
    assert outcomes in ([passes], ["Interrupted"])
    assert result.exceptions == []


@pytest.mark.parity("check-of-nothing")
@pytest.mark.parametrize("sets", [12345, {}, []])
def test_nothing_to_check_is_true_and_no_sample(sets: Any) -> None:
    assert checked(lambda: check(None, sets)) == ([True], [])


@pytest.mark.parity("check-needs-sets")
def test_a_check_without_sets_is_refused() -> None:
    call: Any = check
    text, series = refused(lambda: call(5))
    assert text.startswith("no checks provided to `check`")
    assert series == []


def test_sets_that_are_none_are_a_type_error() -> None:
    def default() -> None:
        call: Any = check
        with pytest.raises(TypeError):
            call(5, None)

    assert checked(default)[1] == []


@pytest.mark.parity("check-that-raises")
def test_a_check_that_raises_fails_and_stops_the_rest() -> None:
    ran: list[str] = []
    boom = LookupError("boom")

    def raising(_: object) -> bool:
        raise boom

    def default() -> None:
        with pytest.raises(LookupError) as caught:
            check(None, {"a": raising, "b": lambda _: ran.append("b")})
        assert caught.value is boom

    _, series = checked(default)
    assert ran == []
    ((tags, values),) = series
    assert (tags["check"], values["passes"], values["fails"]) == ("a", 0, 1)


@pytest.mark.parity("check-truth")
@pytest.mark.parametrize(
    ("value", "passes"),
    [(falsy, False) for falsy in FALSY]
    + [(truthy, True) for truthy in (1, -1, "true", "false", True, [0])],
)
@pytest.mark.parametrize("form", ["literal", "result", "of the value"])
def test_a_check_passes_when_python_calls_it_true(value: Any, form: str, *, passes: bool) -> None:
    def result(_: object) -> object:
        return value

    def same(given: object) -> object:
        return given

    entries: dict[str, Any] = {
        "literal": value,
        "result": result,
        "of the value": same,
    }
    returned, series = checked(lambda: check(value, {"check": entries[form]}))
    assert returned == [passes]
    ((_, values),) = series
    assert (values["passes"], values["fails"]) == (int(passes), int(not passes))


@pytest.mark.parity("check-extra-tags")
def test_extra_tags_are_added_as_text() -> None:
    _, series = checked(lambda: check(None, {"check": True}, {"a": 1, "b": "2"}))
    assert [tags for tags, _ in series] == [{"group": "", "check": "check", "a": "1", "b": "2"}]


def test_a_bad_extra_tag_is_refused_before_any_sample() -> None:
    text, series = refused(lambda: check(None, {"check": True}, {"K": [1]}))  # type: ignore[call-overload]
    assert "invalid value for metric tag 'K'" in text
    assert series == []

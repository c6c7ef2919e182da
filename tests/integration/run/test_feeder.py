"""`feeder`: rows of test data, each for whom the order says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws import execution, feeder
from support.notes import NOTES, run_script


def per_vu(vus: int, each: int, **more: Any) -> dict[str, Any]:
    return {"s": {"executor": "per-vu-iterations", "vus": vus, "iterations": each, **more}}


def users(folder: Path, number: int) -> Path:
    path = folder / "users.csv"
    lines = [f"user{n},{n * 7}" for n in range(number)]
    path.write_text("name,pin\n" + "\n".join(lines) + "\n")
    return path


def test_a_user_per_row_of_a_csv_beside_the_script(tmp_path: Path) -> None:
    users(tmp_path, 3)
    text = """
        from k6ws import feeder
        users = feeder.csv("users.csv", unique="vu")
        def default():
            me = users.row()
            assert me == users.row()
            NOTES.append(me["name"] + ":" + me["pin"])
    """
    result, noted = run_script(tmp_path, text, scenarios=per_vu(3, 4))
    assert result.exceptions == []
    assert noted == {"user0:0": 4, "user1:7": 4, "user2:14": 4}


def test_a_row_is_that_of_the_iteration_and_next_takes_another() -> None:
    numbers = feeder.rows(range(100))
    got: list[int] = []

    def default() -> None:
        assert numbers.row() == numbers.row()
        got.append(numbers.row())
        got.append(numbers.next())
        assert numbers.row() == got[-1]

    result = k6ws.run(default, scenarios=per_vu(2, 3))
    assert result.exceptions == []
    assert sorted(got) == list(range(12))


def test_every_row_is_given_once_in_all_iterations_of_all_processes(tmp_path: Path) -> None:
    """R21 of the wishes: no row twice, over all processes; here 1,000 rows and three parts."""
    text = """
        from k6ws import feeder
        numbers = feeder.rows(range(1000), order="ORDER", unique="iteration")
        def default():
            NOTES.append(numbers.row())
    """
    for order in ("sequential", "shuffle"):
        seen: list[Any] = []
        for segment in ("0:1/2", "1/2:3/4", "3/4:1"):
            result, _ = run_script(
                tmp_path,
                text.replace("ORDER", order),
                scenarios={"s": {"executor": "shared-iterations", "vus": 8, "iterations": 1000}},
                execution_segment=segment,
                execution_segment_sequence="0,1/2,3/4,1",
            )
            assert result.exceptions == []
            seen += NOTES
        assert Counter(seen) == dict.fromkeys(range(1000), 1)
        assert (seen[:5] == sorted(seen[:5])) is (order == "sequential")


def test_a_hundred_thousand_rows_are_shuffled_and_none_comes_twice() -> None:
    """R21 of the wishes has a million: 0.7 s to read, 3.4 s to give, on one core."""
    numbers = feeder.rows(range(100_000), order="shuffle", unique="iteration", on_end="fail")
    given = [numbers.next() for _ in range(100_000)]
    assert sorted(given) == list(range(100_000))
    assert given[:3] != [0, 1, 2]
    with pytest.raises(k6ws.FeederExhausted):
        numbers.next()


def test_each_vu_of_the_test_has_a_row_in_each_process(tmp_path: Path) -> None:
    text = """
        from k6ws import feeder
        numbers = feeder.rows(range(6), unique="vu", order="shuffle")
        def default():
            NOTES.append(numbers.row())
    """
    seen: list[Any] = []
    for segment in ("0:1/3", "1/3:1"):
        run_script(tmp_path, text, scenarios=per_vu(6, 1), execution_segment=segment)
        seen += NOTES
    assert sorted(seen) == list(range(6))


def test_the_end_of_the_rows_ends_the_scenario_gracefully() -> None:
    numbers = feeder.rows(range(7))
    got: list[int] = []

    def default() -> None:
        got.append(numbers.row())
        k6ws.sleep(0.01)

    long: Any = {"executor": "constant-vus", "vus": 2, "duration": "60s", "gracefulStop": "5s"}
    result = k6ws.run(default, scenarios={"s": long})
    assert (result.exit_code, result.exceptions) == (0, [])
    assert sorted(got) == list(range(7))
    assert result.metrics["iterations"]["count"] == 7


@pytest.mark.parametrize("executor", ["constant-arrival-rate", "ramping-vus", "shared-iterations"])
def test_the_end_of_the_rows_ends_every_kind_of_scenario(executor: str) -> None:
    numbers = feeder.rows(range(5))
    shapes: dict[str, dict[str, Any]] = {
        "constant-arrival-rate": {"rate": 50, "duration": "60s", "preAllocatedVUs": 2},
        "ramping-vus": {"startVUs": 1, "stages": [{"duration": "60s", "target": 3}]},
        "shared-iterations": {"vus": 2, "iterations": 100_000},
    }

    def default() -> None:
        numbers.row()
        k6ws.sleep(0.02)

    scenario: Any = {"executor": executor, **shapes[executor]}
    result = k6ws.run(default, scenarios={"s": scenario})
    assert (result.exit_code, result.exceptions) == (0, [])
    assert result.metrics["iterations"]["count"] == 5


def test_rows_can_begin_again_or_fail() -> None:
    got: list[str] = []
    again = feeder.rows("abc", order="circular")
    wrapped = feeder.rows("abc", on_end="wrap")
    failing = feeder.rows("abc", on_end="fail")

    def default() -> None:
        got.append(again.row() + wrapped.row())
        failing.row()

    result = k6ws.run(default, scenarios=per_vu(1, 5))
    assert "".join(got) == "aabbccaabb"
    (error,) = result.exceptions
    assert (error.type, error.count) == ("FeederExhausted", 2)
    assert "rows has no row left: all 3 are taken" in error.message


def test_more_vus_than_rows_is_told_at_the_start(caplog: pytest.LogCaptureFixture) -> None:
    few = feeder.rows("ab", unique="vu", on_end="fail")
    got: list[str] = []

    def default() -> None:
        got.append(few.row())

    result = k6ws.run(default, scenarios=per_vu(3, 2))
    assert sorted(got) == ["a", "a", "b", "b"]
    assert [(one.type, one.count) for one in result.exceptions] == [("FeederExhausted", 2)]
    assert "scenario s has up to 3 VUs, and rows has 2 rows: 1 VUs will find none" in caplog.text


def test_random_rows_are_the_same_in_every_run_with_a_seed(tmp_path: Path) -> None:
    text = """
        from k6ws import feeder, random_seed
        random_seed(3)
        numbers = feeder.rows(range(1000), order="random")
        def default():
            NOTES.append(numbers.row())
    """
    seen: list[Any] = []
    for _ in range(2):
        run_script(tmp_path, text, scenarios=per_vu(2, 20))
        seen.append(sorted(NOTES))
    assert seen[0] == seen[1]
    assert len(set(seen[0])) > 30


def test_jsonl_rows_can_be_read_and_not_be_changed(tmp_path: Path) -> None:
    path = tmp_path / "orders.jsonl"
    path.write_text('{"id": 1, "items": [{"sku": "a"}]}\n\n[1, 2]\n"text"\n')
    orders = feeder.jsonl(path)
    first = orders.next()
    assert first["items"][0]["sku"] == "a"
    for change in (
        lambda: first.update(id=2),
        lambda: first.__setitem__("id", 2),
        lambda: first["items"].append(1),
        lambda: first["items"][0].clear(),
    ):
        with pytest.raises((TypeError, AttributeError)):
            change()
    assert [orders.next(), orders.next()] == [(1, 2), "text"]
    assert (len(orders), repr(orders)) == (3, "<feeder of 3 rows of orders.jsonl>")
    with pytest.raises(k6ws.FeederExhausted):
        orders.next()


def test_a_csv_row_is_a_mapping_that_cannot_be_changed(tmp_path: Path) -> None:
    row = feeder.csv(users(tmp_path, 1)).row()
    assert dict(row) == {"name": "user0", "pin": "0"}
    assert (len(row), "pin" in row, row.get("age"), repr(row)) == (2, True, None, repr(dict(row)))
    with pytest.raises(TypeError):
        row["name"] = "other"  # type: ignore[index]
    with pytest.raises(KeyError, match="age"):
        row["age"]


def test_quotes_a_byte_order_mark_and_other_delimiters_are_read(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes('\ufeffname;quote\r\nann;"a; ""b""\r\nc"\r\n'.encode())
    assert dict(feeder.csv(path, delimiter=";").row()) == {"name": "ann", "quote": 'a; "b"\r\nc'}
    path.write_text("ann,7\n")
    assert dict(feeder.csv(path, names=["name", "pin"]).row()) == {"name": "ann", "pin": "7"}


BAD_FILES = [
    ("a,b\n1\n", "line 2: 1 values for 2 columns"),
    ("a,b\n1,2,3\n", "line 2: 3 values for 2 columns"),
    ("a,a\n1,2\n", "column 'a' twice"),
    ("a,b\n", "has no row"),
    ("", "has no row"),
    ('a,b\n"1,2\n', "cannot read"),
    (b"a\n\xff\n", "cannot read"),
]


@pytest.mark.parametrize(("content", "text"), BAD_FILES)
def test_a_file_that_cannot_be_is_refused_with_its_line(
    tmp_path: Path, content: str | bytes, text: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(k6ws.K6Error, match=text):
        feeder.csv(path)
    with pytest.raises(k6ws.K6Error, match=r"no JSON|cannot read|has no row"):
        feeder.jsonl(path)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(k6ws.K6Error, match=r"nowhere\.csv.*No such file") as error:
        feeder.csv("nowhere.csv")
    assert "script's folder" in error.value.hint


CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({"order": "backwards"}, "order is one of"),
    ({"unique": "test"}, "unique is one of"),
    ({"on_end": "explode"}, "on_end is one of"),
    ({"unique": "vu", "on_end": "wrap"}, "contradict"),
    ({"unique": "iteration", "order": "circular"}, "contradict"),
    ({"unique": "iteration", "order": "random"}, "contradict"),
]


@pytest.mark.parametrize(("given", "text"), CONTRADICTIONS)
def test_choices_that_contradict_each_other_are_refused(given: dict[str, Any], text: str) -> None:
    with pytest.raises(k6ws.InvalidParameter, match=text):
        feeder.rows("abc", **given)


def test_a_vu_with_a_row_of_its_own_takes_no_other_one() -> None:
    mine = feeder.rows("abc", unique="vu")
    assert mine.row() == mine.row() == "a"
    with pytest.raises(k6ws.K6Error, match="has one row"):
        mine.next()


def test_vu_start_and_iterations_of_a_vu_have_the_same_row(tmp_path: Path) -> None:
    text = """
        from k6ws import feeder
        users = feeder.rows(["ann", "bob"], unique="vu")
        def vu_start():
            NOTES.append("start " + users.row())
        def default():
            NOTES.append(users.row())
    """
    _, noted = run_script(tmp_path, text, scenarios=per_vu(2, 2))
    assert noted == {"start ann": 1, "start bob": 1, "ann": 2, "bob": 2}
    assert execution.vu.id_in_instance == 0

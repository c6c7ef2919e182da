"""`Blob`: bytes that do not change, put together from parts, by W3C's rules."""

from __future__ import annotations

import array
import asyncio
from typing import Any

import pytest

import k6ws
from k6ws.websockets import Blob
from support.runs import run_once


def content(blob: Blob) -> bytes:
    return blob.array_buffer().wait()


@pytest.mark.parity("blob-of-everything")
@pytest.mark.parametrize(
    "parts",
    [
        ["PASS"],
        ["P", "A", "SS"],
        [b"PASS"],
        [array.array("b", b"PASS")],
        [array.array("B", b"PASS")],
        [bytearray(b"PASS")],
        [array.array("h", b"PASS")],
        [array.array("H", b"PASS")],
        [array.array("i", b"PASS")],
        [array.array("I", b"PASS")],
        [array.array("f", b"PASS")],
        [memoryview(b"..PASS..")[2:6]],
        [Blob(["PASS"])],
        ("PA", Blob([b"S"]), b"S"),
        {"PASS": 1},
        (part for part in ["PA", "SS"]),
    ],
    ids=lambda parts: str(parts)[:30],
)
def test_parts_are_joined(parts: Any) -> None:
    assert content(Blob(parts)) == b"PASS"


def test_a_float64_is_eight_bytes() -> None:
    assert content(Blob([array.array("d", b"PASS\0\0\0\0")])) == b"PASS\0\0\0\0"


@pytest.mark.parity("blob-type", "blob-size", "blob-joins-its-parts", "blob-bytes", "blob-text")
def test_type_size_and_content() -> None:
    blob = Blob(["PASS"], {"type": "text/example"})
    assert (blob.type, blob.size, len(blob)) == ("text/example", 4, 4)
    assert content(Blob(["P", b"A", Blob(["SS"])])) == b"PASS"
    assert (blob.bytes().wait(), blob.text().wait()) == (b"PASS", "PASS")
    assert (str(blob), repr(blob)) == ("[object Blob]", "<Blob of 4 bytes, text/example>")
    assert blob.arrayBuffer().wait() == b"PASS"


@pytest.mark.parametrize("parts", [None, []])
def test_no_parts_are_no_bytes(parts: Any) -> None:
    assert (Blob(parts).size, Blob(parts).type, Blob().size) == (0, "", 0)


@pytest.mark.parity("blob-slices")
@pytest.mark.parametrize(
    ("arguments", "expected", "kind"),
    [
        ((), "PASS", ""),
        ((1,), "ASS", ""),
        ((0, 1), "P", ""),
        ((0, 1, "text/example"), "P", "text/example"),
        # Each of these ends the process, or lies, upstream.
        ((-2,), "SS", ""),
        ((3, 1), "", ""),
        ((0, None), "PASS", ""),
        ((0, 9), "PASS", ""),
        ((0, -1), "PAS", ""),
        ((-99, 2), "PA", ""),
        ((99,), "", ""),
    ],
)
def test_slices_follow_w3c(arguments: Any, expected: str, kind: str) -> None:
    part = Blob(["PASS"]).slice(*arguments)
    assert isinstance(part, Blob)
    assert (part.text().wait(), part.type, part.size) == (expected, kind, len(expected))


@pytest.mark.parity("blob-stream")
def test_a_stream_gives_one_chunk_and_leaves_the_blob() -> None:
    blob = Blob(["PASS"])
    reader = blob.stream().get_reader()
    assert reader.read().wait() == {"value": b"PASS", "done": False}
    assert reader.read().wait() == {"value": None, "done": True}
    assert list(blob.stream()) == [b"PASS"]
    assert blob.size == 4


def test_the_content_cannot_be_changed_through_what_it_was_made_of() -> None:
    buffer = bytearray(b"PASS")
    blob = Blob([buffer])
    buffer[0] = 0
    assert content(blob) == b"PASS"
    assert (Blob(["a"]) == Blob([b"a"]), hash(Blob(["a"])) == hash(Blob([b"a"]))) == (True, True)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("PASS",), "failed to process [blobParts]: "),
        ((7,), "failed to process [blobParts]: "),
        (([7],), "failed to process [blobParts]: unsupported type: int"),
        (([dict[str, int]()],), "failed to process [blobParts]: unsupported type: dict"),
        ((["x"], 7), "[options] must be an object"),
        ((["x"], "text"), "[options] must be an object"),
    ],
)
def test_other_arguments_are_refused(arguments: Any, text: str) -> None:
    with pytest.raises(k6ws.K6Error) as caught:
        Blob(*arguments)
    assert str(caught.value).startswith(text)


def test_options_without_a_type_are_fine() -> None:
    assert Blob(["x"], {}).type == ""


def test_contents_are_awaited_in_coroutines() -> None:
    got: list[object] = []

    async def default() -> None:
        blob = Blob(["PASS"])
        got.extend([await blob.text(), await blob.array_buffer(), await blob.bytes()])
        got.extend([chunk async for chunk in blob.stream()])
        with pytest.raises(k6ws.K6Error, match=r"await blob\.text\(\)"):
            blob.text().wait()
        await asyncio.sleep(0)

    run_once(default)
    assert got == ["PASS", b"PASS", b"PASS", b"PASS"]

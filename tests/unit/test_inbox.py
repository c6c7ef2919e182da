"""The inbox of a session against a list: what it gives back, in which order, and what it counts."""

from __future__ import annotations

import random

import pytest

from k6ws import _core
from k6ws._conversation import inbox as module
from k6ws._conversation.inbox import Inbox, Message


class Counted:
    """What a connection is told of."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def held(self, size: int, /) -> None:
        self.sizes.append(size)

    def released(self, size: int, /) -> None:
        self.sizes.remove(size)


def message(number: int, size: int = 1) -> Message:
    return Message(number, _core.TEXT, "x" * size, "x" * size)


@pytest.mark.parametrize("seed", range(30))
def test_it_is_a_list_with_a_bound(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_MESSAGES", 8)
    monkeypatch.setattr(module, "MAX_BYTES", 40)
    chance = random.Random(seed)
    box, model, counted = Inbox(), list[Message](), Counted()
    taken: list[Message] = []
    is_counting = False

    def is_over_full() -> bool:
        return len(model) > 8 or sum(one.size for one in model) > 40

    for number in range(400):
        act = chance.randrange(10)
        if act < 4:
            one = message(number, chance.choice([1, 3, 9, 60]))
            model.append(one)
            left = 0
            while not is_counting and len(model) > 1 and is_over_full():
                model.pop(0)
                left += 1
            assert box.put(one) == left
        elif act < 6:
            expected = model.pop(0) if model else None
            found = box.take()
            assert found == expected
            taken += [] if found is None else [found]
        elif act < 8:
            size = chance.choice([1, 3, 9, 60])
            expected = next((one for one in model if one.size == size), None)
            if expected is not None:
                model.remove(expected)
                taken.append(expected)
            assert box.take(lambda one, size=size: one.size == size) == expected
        elif act == 8 and taken:
            one = taken.pop(chance.randrange(len(taken)))
            model.append(one)
            model.sort(key=lambda one: one.number)
            box.put_back(one)
        else:
            is_counting = not is_counting
            box.count_by(counted if is_counting else None)
        assert len(box) == len(model)
        assert sorted(counted.sizes) == (sorted(one.size for one in model) if is_counting else [])
    assert box.take_all() == model
    assert counted.sizes == []
    assert box.take() is None


def test_one_message_is_always_admitted() -> None:
    box = Inbox()
    assert box.put(message(1, module.MAX_BYTES + 1)) == 0
    assert box.put(message(2)) == 1
    assert [one.number for one in box.take_all()] == [2]

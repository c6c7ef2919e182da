"""What a request under way weighs on the side of the script: there may be hundreds of thousands."""

from __future__ import annotations

from k6ws import Reply, _core


def test_a_reply_has_only_what_no_other_one_has() -> None:
    """A head, which request of which conversation, what is asked or came, what all of its name share."""
    word = object.__basicsize__ // 2
    assert _core.ReplyBase.__basicsize__ == 4 * word
    assert Reply.__basicsize__ == 6 * word

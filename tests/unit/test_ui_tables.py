"""The summary as tables, in HTML and Markdown: what a peer or a script says is text there, no more."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from k6ws._ui import render_html, render_markdown
from support.shown_runs import stands

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></tr></table><h1>mine</h1>",
    "a | b\n| c | d |\n# head",
    "`code` **bold** [link](javascript:alert(1)) ![x](y) ~~gone~~",
    "&lt;b&gt; &#60;",
    "\x1b[31mred\x07\x00 \u202eevil",
    "😀" * 300,
    "\ud800 lone",
]
ALLOWED = {"div", "p", "strong", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}


def data(text: str) -> dict[str, Any]:
    """Of a run in which everybody says this wherever they may."""
    failure = {
        "cause": "dns",
        "status": None,
        "count": 2,
        "message": text,
        "hint": text,
        "body": text,
    }
    return {
        "metrics": {
            f"own{{t:{text}}}": {
                "type": "counter",
                "contains": "default",
                "values": {"count": 2, "rate": 1},
                "thresholds": stands("count", "<", 1, 2, ok=False, unit=""),
            }
        },
        "root_group": {
            "checks": [{"name": text, "path": f"::{text}", "passes": 1, "fails": 2}],
            "groups": [],
        },
        "options": {"summaryTrendStats": ["avg"], "summaryTimeUnit": ""},
        "state": {"testRunDurationMs": 1000},
        "scenarios": [{"name": text, "iterations": 4, "failed": 2, "interrupted": 0, "dropped": 1}],
        "run": {
            "exit_code": 99,
            "exceptions": [
                {"type": text, "message": text, "where": text, "count": 1, "hint": text}
            ],
            "connection_failures": [failure],
            "session_failures": [failure],
            "session_ends": [
                {"code": 4001, "name": "", "by": "server", "reason": text, "count": 3}
            ],
            "iterations_interrupted": 0,
            "warnings": [text],
            "trustworthy": False,
            "reasons": [text],
        },
    }


class Elements(HTMLParser):
    """The elements of a page, and their attributes; refuses one that is closed out of turn."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.names: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.open.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_html_has_elements_of_ours_only(text: str) -> None:
    page = Elements(render_html(data(text)))
    plain = Elements(render_html(data("plain")))
    assert page.open == []
    assert page.names == plain.names
    assert set(page.names) <= ALLOWED
    assert page.attributes == []


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_nothing_in_a_table_is_unseen_or_turns_it_around(text: str) -> None:
    for page in (render_html(data(text)), render_markdown(data(text))):
        lines = page.split("\n")
        unseen = {"Cc", "Cs", "Zl", "Zp"}
        assert not [one for line in lines for one in line if unicodedata.category(one) in unseen]
        assert "\u202e" not in page


@pytest.mark.parametrize("draw", [render_html, render_markdown])
def test_long_names_and_texts_are_cut(draw: Callable[[dict[str, Any]], str]) -> None:
    page = draw(data("y" * 100_000))
    assert max(len(run) for run in re.findall("y+", page)) == 2000
    # Of a metric, a check, a scenario: 200 characters with what stands before them.
    names = re.findall(r"own\W{1,2}t:y+|:y{50,}…|[✓✗] y+…", page)
    assert names
    assert all(len(name) <= 205 for name in names)
    assert len(page) < 40_000


def test_html_says_what_was_said() -> None:
    text = HOSTILE[0]
    assert text in Elements(render_html(data(text))).texts
    assert render_html(data("plain")).startswith("<div>\n<p><strong>FAILED</strong>")


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_markdown_keeps_its_tables(text: str) -> None:
    def shape(page: str) -> list[int]:
        return [len(re.findall(r"(?<!\\)\|", line)) for line in page.splitlines()]

    page = render_markdown(data(text))
    assert shape(page) == shape(render_markdown(data("plain")))
    assert not re.search(r"(?<!\\)[<>`]", re.sub(r"^> ", "", page, flags=re.MULTILINE))


def test_markdown_has_the_verdict_first() -> None:
    lines = render_markdown(data("plain"), title="a *title*").splitlines()
    assert lines[0] == "## a \\*title\\*"
    assert lines[2].startswith("**FAILED** ")


def test_a_page_that_is_too_long_is_cut_at_a_line_and_says_so() -> None:
    whole = data("plain")
    metric = {"type": "gauge", "contains": "default", "values": {"value": 1, "min": 1, "max": 1}}
    whole["metrics"] = {f"metric_{number:05d}_é": metric for number in range(30_000)}
    most = 900 * 1024
    uncut = render_markdown(whole)
    page = render_markdown(whole, most_bytes=most)
    assert len(uncut.encode()) > most
    assert most - 200 < len(page.encode()) <= most
    body, _, note = page.rpartition("\n> ")
    assert note == "The rest is left out: the page takes 900 KiB.\n"
    assert uncut.startswith(body)
    assert body.endswith("|\n")
    assert render_markdown(data("plain"), most_bytes=most) == render_markdown(data("plain"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://evil.invalid/x", "see https:&#8203;//evil.invalid/x"),
        ("WWW.evil.invalid", "WWW&#8203;.evil.invalid"),
        ("mail a@b.invalid and @octocat", "mail a@&#8203;b.invalid and @&#8203;octocat"),
        (":tada: 1:2", ":&#8203;tada: 1:2"),
        ("$x$", "<span>$</span>x<span>$</span>"),
        ("ws_ping{name:say}: p(95)<5", "ws\\_ping\\{name:say\\}: p(95)\\<5"),
    ],
)
def test_github_makes_nothing_of_a_name(text: str, shown: str) -> None:
    data = {"root_group": {"checks": [{"name": text, "path": text, "passes": 1, "fails": 0}]}}
    assert f"| ✓ {shown} | 1 (100%) | 0 |" in render_markdown(data)

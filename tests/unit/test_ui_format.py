"""Numbers as text."""

from __future__ import annotations

import math

import pytest

from k6ws._ui import format as number_format
from k6ws._ui.text import Paint, columns, fold, join_clauses, printable, shown_name, without_escapes


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0s"),
        (-0.0, "0s"),
        (0.0000005, "0.5ns"),
        (0.000123, "123ns"),
        (0.29, "290µs"),
        (0.9999999, "999µs"),
        (1, "1ms"),
        (12.345, "12.3ms"),
        (1.2345, "1.23ms"),
        (999.999, "999ms"),
        (1000, "1s"),
        (59_999.9, "59.9s"),
        (60_000, "1m0s"),
        (61_234.5, "1m1.2s"),
        (3_723_004, "1h2m3s"),
        (90_000_000, "25h0m0s"),
        (-1.5, "-1.5ms"),
        (math.nan, "NaN"),
        (math.inf, "Inf"),
        (-math.inf, "-Inf"),
    ],
)
def test_durations_are_truncated_in_a_unit_that_fits(ms: float, text: str) -> None:
    assert number_format.format_duration(ms) == text


@pytest.mark.parametrize(
    ("unit", "text"), [("s", "1.23s"), ("ms", "1234.56ms"), ("us", "1234567.80µs")]
)
def test_a_fixed_unit_always_has_two_decimals(unit: str, text: str) -> None:
    assert number_format.format_duration(1234.5678, unit) == text
    assert number_format.format_duration(0, unit)[:4] == "0.00"


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (500, "500ms"),
        (30_000, "30s"),
        (600_000, "10m0s"),
        (3_600_000, "1h0m0s"),
        (1.0625, "1.0625ms"),
    ],
)
def test_configured_durations_look_like_go(ms: float, text: str) -> None:
    assert number_format.format_go_duration(ms) == text


@pytest.mark.parametrize(
    ("ms", "total", "text"),
    [
        (5_000, None, "0m05.0s"),
        (59_990, None, "0m59.9s"),
        (3_905_000, None, "1h05m05.0s"),
        (-20, None, "0m00.0s"),
        (5_000, 30_000, "05.0s"),
        (31_000, 30_000, "30.0s"),
        (5_000, 60_000, "0m05.0s"),
        (65_000, 600_000, "01m05.0s"),
        (65_000, 7_200_000, "0h01m05.0s"),
    ],
)
def test_clocks_keep_their_width(ms: float, total: float | None, text: str) -> None:
    assert number_format.format_clock(ms, total) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (7, "7 B"),
        (0.5, "0.5 B"),
        (845.4, "845 B"),
        (999.6, "1.0 kB"),
        (1000, "1.0 kB"),
        (1234, "1.2 kB"),
        (9960, "10 kB"),
        (123_456, "123 kB"),
        (999_999, "1.0 MB"),
        (5e9, "5.0 GB"),
        (-1500, "-1.5 kB"),
        (1e21, "1000 EB"),
        (math.nan, "NaN"),
    ],
)
def test_data_has_two_figures_and_decimal_units(count: float, text: str) -> None:
    assert number_format.format_bytes(count) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (40, "40"),
        (40.0, "40"),
        (19.88, "19.9"),
        (1502.7072, "1503"),
        (0.99999, "1"),
        (0.0001234, "0.000123"),
        (1 / 3, "0.333"),
        (-0.25, "-0.25"),
        (1e-9, "1e-09"),
        (2**60, "1152921504606846976"),
        (math.inf, "Inf"),
    ],
)
def test_plain_numbers_have_three_significant_digits(value: float, text: str) -> None:
    assert number_format.format_number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0%"),
        (0.75, "75%"),
        (0.99999, "99.9%"),
        (1, "100%"),
        (0.29, "29%"),
        (0.00001234, "0.00123%"),
    ],
)
def test_percents_are_truncated(share: float, text: str) -> None:
    assert number_format.format_percent(share) == text


def test_live_rates_stay_short() -> None:
    rates = [number_format.format_rate(rate) for rate in (0, 0.25, 3.5, 9.96, 1234.4)]
    assert rates == ["0", "0.2", "3.5", "10", "1234"]


def test_a_missing_value_is_a_dash() -> None:
    assert number_format.format_value(None, "time") == "–"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain text, ünïcode 日本", "plain text, ünïcode 日本"),
        ("a\x1b[31mred\x1b[0m", "a␛[31mred␛[0m"),
        ("\x1b]0;title\x07after", "␛]0;title␇after"),
        ("\x9b2Jgone\x1bc", "�2Jgone␛c"),
        ("two\r\nlines\tand a tab", "two lines and a tab"),
        ("\u202egpj.exe", "gpj.exe"),
        ("half \ud83d", "half ?"),
        ("\x00\x07\x08\x7f", "␀␇␈␡"),
    ],
)
def test_printable_text_cannot_drive_a_terminal(text: str, safe: str) -> None:
    assert printable(text) == safe


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jgone\x1bc", "gone"),
    ],
)
def test_a_log_line_loses_its_colours(text: str, left: str) -> None:
    assert without_escapes(text) == left


def test_a_name_is_cut_where_nobody_reads_on() -> None:
    assert shown_name("n" * 200) == "n" * 200
    assert shown_name("n" * 100_000) == "n" * 200 + "…"


def test_wide_and_combining_characters_are_measured() -> None:
    assert [columns(text) for text in ("abc", "日本", "e\u0301", "")] == [3, 4, 1, 0]


def test_folding_keeps_long_words_whole() -> None:
    folded = fold("see ws://example.test/a/very/long/path now", width=12, first="- ", rest="  ")
    assert folded == ["- see", "  ws://example.test/a/very/long/path", "  now"]
    assert fold("", width=12, first="- ", rest="  ") == ["-"]


def test_clauses_break_only_at_commas_and_ignore_colour() -> None:
    cyan = Paint(color=True).value("12")
    assert join_clauses([f"{cyan} in", "3 out", "4 lost"], width=14, indent="  ") == [
        f"{cyan} in, 3 out,",
        "  4 lost",
    ]

"""One run, told ten ways: what people read has the numbers of the result.

The terminal, a notebook, our page, and the page of a GitHub step.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from support.shown_numbers import (
    checks_of,
    counted,
    figures,
    is_shown_as,
    is_without_samples,
    observed,
    rows_of_terminal,
)
from support.told_ways import Told, cases


def test_the_terminal_shows_thresholds_and_figures(told: Told) -> None:
    text = told.report.out
    stands: dict[tuple[str, str], list[str]] = {}
    metric = ""
    for line in text.partition("█ TOTAL RESULTS")[0].splitlines():
        if one := re.match(r"    [✓✗] '(.*)' ", line):
            stands.setdefault((metric, one[1]), []).append(line)
        elif line.strip():
            metric = line.strip()
    assert stands.keys() == {(one.metric, one.expression) for one in told.result.thresholds}
    for one in told.result.thresholds:
        [line] = stands[one.metric, one.expression]
        assert line.strip().startswith("✓" if one.ok else "✗")
        if one.value is None:
            assert "no data" in line
        else:
            assert is_shown_as(one.value, observed(line.partition("' ")[2])[one.figure]), line
    check_share(text, told.result.metrics["checks"])


def test_the_terminal_shows_every_metric_and_every_part(told: Told) -> None:
    shown = rows_of_terminal(told.report.out)
    seen: dict[str, int] = {}
    for name, metric in told.result.metrics.items():
        if name not in shown:
            # Checks have a block of their own, group times are for files; nothing that is zero has a row.
            is_hidden = name.partition("{")[0] in {"checks", "group_duration"}
            is_short = name in {"ws_tcp", "ws_dns", "ws_upgrade", "tcp_socket_resolving"}
            assert is_hidden or is_short or not metric.get("passes", 0), name
            assert is_hidden or is_short or metric.kind == "rate" or not any(metric.values()), name
            continue
        if is_without_samples(metric.kind, metric):
            assert shown[name] == "–", name
            continue
        told_here = figures(metric.kind, shown[name])
        assert told_here.keys() == set(metric), (name, shown[name])
        for figure, value in told_here.items():
            assert is_shown_as(metric[figure], value), (name, figure, value)
        kind = f"{metric.kind} part" if "{" in name else metric.kind
        seen[kind] = seen.get(kind, 0) + 1
    kinds = ("counter", "gauge", "rate", "trend")
    assert {*kinds, *(f"{kind} part" for kind in kinds)} == seen.keys()


def test_the_terminal_shows_requests_by_name_with_what_failed(told: Told) -> None:
    text = told.report.out
    lines = text[text.index("REQUESTS BY NAME") :].splitlines()[2:]
    head = re.split(r"  +", lines[0].strip())
    assert head[:3] == ["request", "made", "failed"]
    requests: dict[str, Any] = told.export["run"]["requests"]
    stats = head[3:]
    by_name = {tags["name"]: figures for tags, figures in told.result.series("ws_req_duration")} | {
        tags["name"]: figures for tags, figures in told.result.series("tcp_req_duration")
    }
    assert by_name.keys() == {"say", "sing", "greet", "leave"}
    for name in (*by_name, "wrong"):
        protocol = "tcp" if name in {"greet", "leave"} else "ws"
        [at] = [at for at, line in enumerate(lines) if line.split()[:2] == [protocol, name]]
        cells = re.split(r"  +", lines[at].strip())[1:]
        failed = requests[f"{protocol}_req_failed{{name:{name}}}"]
        total = failed["values"]["passes"] + failed["values"]["fails"]
        assert int(cells.pop(0)) == total
        if name == "wrong":
            assert cells.pop(0) == "24 (100%)"
            assert lines[at + 1].strip() == "↳ check: 24"
            assert failed["errors"] == {"check": 24}
            assert told.result.metrics["ws_req_failed{name:wrong,error:check}"].passes == 24
            assert cells == ["–"] * len(stats)
            continue
        assert dict(zip(stats, cells, strict=True)).keys() == by_name[name].keys()
        for stat, cell in zip(stats, cells, strict=True):
            assert is_shown_as(by_name[name][stat], cell), (name, stat)
            known = requests[f"{protocol}_req_duration{{name:{name}}}"]["values"][stat]
            assert known == by_name[name][stat]


def test_failures_and_ends_of_sessions_are_the_same_everywhere(told: Told) -> None:
    refusals = {
        f"{one.cause} {one.status}" if one.status else one.cause: one.count
        for one in told.result.connection_failures
    }
    assert refusals == {"handshake_status 403": 3, "connect_refused": 2}
    ends = {str(one.code): one.count for one in told.result.session_ends}
    assert ends == {"4001": 5}
    [exception] = told.result.exceptions
    assert exception.count == 2
    assert counted(told.report.out, "█ ERRORS") == refusals | {"ValueError": 2}
    assert counted(told.report.out, "█ HOW SESSIONS ENDED") == ends
    tables = [
        [re.sub(r"\\(.)", r"\1", cell.strip()) for cell in line.strip("|").split(" | ")]
        for line in told.page.splitlines()
    ]
    by_first = {cells[0].strip(): cells for cells in tables if len(cells) > 1}
    for what, count in refusals.items():
        assert by_first[what][1].strip() == str(count)
    assert by_first["4001 by the server"][1].strip(" |") == "5"
    assert by_first[f"ValueError at {exception.where}"][1].strip() == "2"
    run = told.export["run"]
    assert [one["count"] for one in run["session_ends"]] == [5]
    assert sum(one["count"] for one in run["connection_failures"]) == 5


def test_the_page_and_a_notebook_have_them_too(told: Told) -> None:
    assert told.shown["summary"] == told.export
    assert told.shown["scenarios"] == told.export["scenarios"]
    html = told.result._repr_html_()
    rows = [
        [unescape(cell) for cell in re.findall(r"<td>(.*?)</td>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", html)
    ]
    by_first = {cells[0]: cells for cells in rows if cells}
    seen = 0
    for name, metric in told.result.metrics.items():
        if name.partition("{")[0] in {"checks", "group_duration"}:
            continue
        text = " ".join(by_first[name][1:]).strip()
        if is_without_samples(metric.kind, metric):
            assert text == "–"
            continue
        told_here = figures(metric.kind, text)
        assert told_here.keys() == set(metric), (name, text)
        assert all(is_shown_as(metric[figure], value) for figure, value in told_here.items()), name
        seen += 1
    assert seen > 40
    for one in told.result.thresholds:
        cells = by_first[f"{one.metric}: {one.expression}"]
        assert cells[1] == ("✓" if one.ok else "✗")
        if one.value is not None:
            assert is_shown_as(one.value, observed(cells[2])[one.figure])
    for path, _, passes, fails in checks_of(told.export["root_group"]):
        cells = by_first[f"{'✗' if fails else '✓'} {path}"]
        assert (cells[1].split()[0], cells[2]) == (str(passes), str(fails))


def test_each_check_is_the_same_in_its_group(told: Told) -> None:
    checks = checks_of(told.export["root_group"])
    assert {path for path, *_ in checks} == {"outer::inner::is even", "is small", "is a | number"}
    of_junit = cases(told, "checks")
    lines = told.report.out.splitlines()
    for path, name, passes, fails in checks:
        group = path.removesuffix(name).removesuffix("::")
        is_passed, properties = of_junit[f"::{group}" if group else "checks", name]
        assert properties == {"passes": str(passes), "fails": str(fails)}
        assert is_passed is (fails == 0)
        [at] = [at for at, line in enumerate(lines) if line.strip() in {f"✓ {name}", f"✗ {name}"}]
        assert lines[at].strip()[0] == ("✗" if fails else "✓")
        if fails:
            assert f"✓ {passes} / ✗ {fails}" in lines[at + 1]
    assert sum(passes for *_, passes, _ in checks) == told.result.metrics["checks"].passes


def check_share(text: str, checks: Mapping[str, float]) -> None:
    [line] = [line for line in text.splitlines() if "checks_succeeded" in line]
    percent, passes, total = re.findall(r"([\d.]+%) (\d+) out of (\d+)", line)[0]
    assert int(passes) == checks["passes"]
    assert int(total) == checks["passes"] + checks["fails"]
    assert is_shown_as(checks["rate"], percent)


def test_the_page_of_a_step_shows_them_too(told: Told) -> None:
    lines = [re.sub(r"\\(.)", r"\1", line) for line in told.page.splitlines()]
    table = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in lines
        if line.startswith("| ")
    ]
    by_first = {cells[0].strip(): cells for cells in table}
    for one in told.result.thresholds:
        _, mark, seen = by_first[f"{one.metric}: {one.expression}"]
        assert mark == ("✓" if one.ok else "✗")
        if one.value is not None:
            assert is_shown_as(one.value, observed(seen)[one.figure])
    own = by_first["own"]
    for figure, value in observed(" ".join(own[1:])).items():
        assert is_shown_as(told.result.metrics["own"][figure], value)
    for one in told.export["scenarios"]:
        counts = [one[key] for key in ("iterations", "failed", "interrupted", "dropped")]
        assert by_first[one["name"]][1:] == list(map(str, counts))


def test_str_is_what_the_report_prints(told: Told) -> None:
    narrow = {line.strip() for line in str(told.result).splitlines() if "✓" in line or "✗" in line}
    wide = {line.strip() for line in told.report.out.splitlines() if "✓" in line or "✗" in line}
    assert narrow == wide
    assert str(told.result).splitlines()[-1] == told.report.out.splitlines()[-1]

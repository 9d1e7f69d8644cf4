"""Mistakes in definition files: the exact file, line, field and message of each.

The files in `mistakes/` hold cases: `=== name`, the YAML, `>>>`, and what is said about it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pressroom.definitions import Bundle, Catalogue, Checked, Inventory, check, load_files, load_text
from pressroom.errors import DefinitionError, Problem

HERE = Path(__file__).parent / "mistakes"


def cases() -> Iterator[Any]:
    for file in sorted(HERE.glob("*.txt")):
        for name, text, said in re.findall(r"^=== (.+)\n((?:.*\n)*?)>>>\n((?:.+\n)+)", file.read_text("utf-8"), re.M):
            yield pytest.param(text, said.splitlines(), id=f"{file.stem}: {name}")


def said_of(bundle: Bundle, catalogue: Catalogue) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        check(bundle, catalogue)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(("text", "expected"), list(cases()))
def test_a_mistake_is_told_with_its_line_and_field(text: str, expected: list[str], catalogue: Catalogue) -> None:
    assert said_of(load_text(text, "a.yaml"), catalogue) == expected


def test_every_file_of_cases_is_read() -> None:
    assert sum(file.read_text("utf-8").count("=== ") for file in HERE.glob("*.txt")) == len(list(cases())) > 80


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("dashboards:\n  - uid: Zürich\n".encode("latin-1"), "a.yaml:2: is not UTF-8 (byte 0xfc); save it as UTF-8"),
        ("dashboards: []\n".encode("utf-16"), "a.yaml:1: is UTF-16; save it as UTF-8"),
        (b"a: b\nc: \x07\n", "a.yaml:2: holds the control character U+0007 at column 4; remove it"),
        (b"a: \xef\xbf\xbe\n", "a.yaml:1: holds the control character U+FFFE at column 4; remove it"),
        (b"a: \xed\xa0\x80\n", "a.yaml:1: is not UTF-8 (byte 0xed); save it as UTF-8"),
        (b"x" * 10_000_001, "a.yaml: is larger than 10 MB; split it"),
    ],
)
def test_bytes_that_are_no_text_are_named(data: bytes, expected: str, catalogue: Catalogue) -> None:
    assert said_of(load_text(data, "a.yaml"), catalogue) == [expected]


@pytest.mark.parametrize(
    "data",
    [b"[" * 1_000_000, b"{a: " * 300_000, b"- " * 1_000_000, b"? " * 100_000, b"&a " * 9, b"%" * 9, b"'" * 9, b"*a"],
)
def test_hostile_bytes_end_in_a_problem(data: bytes, catalogue: Catalogue) -> None:
    assert said_of(load_text(data, "a.yaml"), catalogue)


def test_all_mistakes_of_all_files_come_in_the_order_of_the_files(tmp_path: Path, catalogue: Catalogue) -> None:
    one, two, three = tmp_path / "b.yaml", tmp_path / "a.yaml", tmp_path / "none.yaml"
    one.write_text("dashboards:\n  - {uid: d, name: D, timezone: Mars}\n  - {uid: e}\n")
    two.write_text("dashboards:\n  - {uid: d, name: D}\nrulez: []\n")
    assert said_of(load_files([one, two, three]), catalogue) == [
        f"{three}: cannot be read: No such file or directory",
        f"{one}:2: dashboards[0].timezone: 'Mars' is no IANA time zone; write one such as Europe/Warsaw or UTC",
        f"{one}:3: dashboards[1].name: is missing",
        f"{two}:2: dashboards[0].uid: another dashboard has the uid 'd' in {one}:2",
        f"{two}:3: rulez: unknown key 'rulez'; did you mean 'rules'?",
    ]


def test_a_broken_file_does_not_make_the_others_look_wrong(tmp_path: Path, catalogue: Catalogue) -> None:
    (tmp_path / "boards.yaml").write_text("dashboards: [{uid: d, name: D}\n")
    (tmp_path / "reports.yaml").write_text("reports: [{uid: r, name: R, dashboards: [{uid: d}]}]\n")
    assert len(said_of(load_files([tmp_path]), catalogue)) == 1


def test_a_folder_is_its_files_and_each_file_counts_once(tmp_path: Path, catalogue: Catalogue) -> None:
    (tmp_path / "a.yaml").write_text("rules: [{id: a, name: A, type: page}]")
    (tmp_path / "b.JSON").write_text('{\n\t"rules": [{"id": "b", "name": "\\ud83d\\ude00 \\\\ud83d", "type": "page"}]}')
    (tmp_path / "c.txt").write_text("rules: [")
    checked = check(load_files([tmp_path, tmp_path / "a.yaml"]), catalogue)
    assert [(item.uid, item.value.name) for item in checked.items] == [("a", "A"), ("b", "😀 \\ud83d")]
    (tmp_path / "empty").mkdir()
    assert "holds no .yaml" in said_of(load_files([tmp_path / "empty"]), catalogue)[0]


def test_what_is_stored_counts(make_catalogue: Callable[[Inventory], Catalogue]) -> None:
    stored = Inventory(dashboards={"old": ["city"], "d": []}, charts={"c": "old", "mine": "d"}, segments={"gold"})
    text = (
        "dashboards:\n  - uid: d\n    name: D\n    charts:\n      - {uid: c, type: line, segment: gold}\n"
        "      - {uid: mine, type: line}\n"
        "reports: [{uid: r, name: R, dashboards: [{uid: old, variables: {town: [x], city: [y]}}]}]\n"
    )
    with pytest.raises(DefinitionError) as caught:
        check(load_text(text), make_catalogue(stored))
    message = "the stored dashboard 'old' has a chart of this uid; a chart's uid is unique in its project"
    assert caught.value.problems == (Problem(message, "dashboards[0].charts[0].uid", None, 5),)
    checked = check(load_text(text.replace("uid: c,", "uid: new,")), make_catalogue(stored))
    assert "the dashboard 'old' has no variable 'town'; there are: city" in " ".join(map(str, checked.warnings))


def test_what_is_probably_not_meant_is_a_warning(checked: Callable[[str], Checked]) -> None:
    text = (
        "dashboards:\n  - uid: d\n    name: D\n    variables: [{name: carrier, values: [AA, UA], default: AB}]\n"
        "    charts:\n      - {uid: a, type: line, source: flights, query: \"SELECT '$no', $carier, $__form -- $x\"}\n"
        "      - {uid: b, type: line, grid: {x: 12}}\n      - {uid: c, type: line, grid: {x: 4, y: 7, w: 2}}\n"
        "reports:\n  - uid: r\n    name: R\n    dashboards: [{uid: d}]\n"
        "    schedule: {frequency: weekly, start: 2026-11-23T09:00:00Z, workdays_only: true}\n"
        "    condition: rows > 0\n"
    )
    assert [(warning.line, warning.field, warning.message) for warning in checked(text).warnings] == [
        (4, "dashboards[0].variables[0].default", "'AB' is none of the values; there are: AA, UA"),
        (6, "dashboards[0].charts[0].query", "uses $__form, which is no macro; did you mean '__from'?"),
        (
            6,
            "dashboards[0].charts[0].query",
            "uses $carier, but the dashboard has no such variable; did you mean 'carrier'?",
        ),
        (8, "dashboards[0].charts[2].grid", "lies over the chart 'a' (line 6)"),
        (13, "reports[0].schedule.workdays_only", "is not looked at; only hourly, daily, custom does, not weekly"),
    ]


def test_a_title_that_is_too_long_says_how_long_it_may_be(catalogue: Catalogue) -> None:
    text = f"rules: [{{id: r, name: {'x' * 5000}, type: page}}]\ndashboards: [{{uid: d, name: {'x' * 5000}}}]"
    said = said_of(load_text(text, "a.yaml"), catalogue)
    assert said[-1] == "a.yaml:2: dashboards[0].name: must be at most 500 characters long"


def test_a_dashboard_may_be_a_sources_own(checked: Callable[[str], Checked]) -> None:
    assert checked("reports: [{uid: r, name: R, dashboards: [{uid: elsewhere, variables: {v: x}}]}]").warnings == ()


def test_conditions_and_recipients_over_what_is_stored(make_catalogue: Callable[[Inventory], Catalogue]) -> None:
    stored = Inventory(dashboards={"old": ["city"]}, charts={"c": "old"}, metrics={"c": ["total"]})
    report = (
        "reports:\n  - uid: r\n    name: R\n    dashboards: [{uid: old}, {uid: elsewhere}]\n"
        "    condition: charts.c.totals > 1 and charts.there.rows > 0\n"
        "    deliveries: [{channel: email, recipients: {source: shop, query: q, variables: {town: town}}}]\n"
    )
    # of a dashboard that is a source's own nothing is known until it is asked
    assert check(load_text(report), make_catalogue(stored)).warnings == ()
    said = said_of(load_text(report.replace(", {uid: elsewhere}", ""), "a.yaml"), make_catalogue(stored))
    assert [line.split(":")[1] for line in said] == ["5", "5", "6"]
    (item,) = check(load_text(report.replace("town: town", "city: town")), make_catalogue(stored)).items
    assert item.value.deliveries[0].recipients.variables == {"city": "town"}

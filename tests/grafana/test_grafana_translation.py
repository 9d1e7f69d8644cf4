"""Whatever a client may send comes back as it was, and sending that back changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from pressroom import DefinitionError, Report, Stored
from pressroom.templating import render_line
from pressroom_builtin.grafana.body import ReportBody
from pressroom_builtin.grafana.definition import literal, to_definition
from pressroom_builtin.grafana.reading import Checks, read
from pressroom_builtin.grafana.translate import Conventions, remember, to_wire
from workspaces.report_bodies import bodies, same

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CONVENTIONS = Conventions("email", False, 1, {"d1": (7, "One"), "d2": (8, "Two")}, lambda name: name == "gb18030")
CHECKS = Checks(lambda _address: "", lambda uid, _number: uid, frozenset({"pdf", "csv", "image"}))


def translated(raw: Any, before: Report | None = None) -> Report:
    said = read(ReportBody, raw, CHECKS)
    report = Report.model_validate(to_definition(said, before, CONVENTIONS, user_id=3, now=NOW))
    # as the store keeps it
    return Report.model_validate(remember(report, said, CONVENTIONS, NOW).model_dump(mode="json", by_alias=True))


def answered(report: Report) -> dict[str, Any]:
    stored = Stored(1, report.uid, report, NOW, NOW, "ann", "ann")
    return msgspec.json.decode(msgspec.json.encode(to_wire(stored, CONVENTIONS, NOW)), type=dict[str, Any])


@settings(deadline=None)
@given(bodies("d1", "d2"))
def test_a_report_comes_back_as_it_was_and_goes_in_again_unchanged(raw: dict[str, Any]) -> None:
    report = translated(raw)
    answer = answered(report)
    same(raw, answer)
    assert answered(translated(answer, report)) == answer
    assert answer["userId"] == 3


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60))
def test_a_literal_subject_means_itself(text: str) -> None:
    for subject in (text, f"{{{{ {text}", f"{text} {{% if x %}}"):
        assert render_line(literal(subject), {"report": {"name": "R"}}) == " ".join(subject.split())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
KEYS = [
    *("name", "subject", "recipients", "replyTo", "message", "formats", "dashboards", "state", "scaleFactor"),
    *("schedule", "options", "dashboardUid", "dashboardId", "enableCsv"),
]


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), json_values, max_size=8))
def test_any_json_is_either_taken_or_refused_by_field(raw: dict[str, Any]) -> None:
    fields: set[str] = set()
    try:
        answered(translated(raw))
    except DefinitionError as error:
        fields = {problem.field.split("[")[0].split(".")[0] for problem in error.problems}
    assert fields <= set(KEYS)


def test_a_variable_that_is_no_text_is_named() -> None:
    raw = {"dashboards": [{"dashboard": {"uid": "d1"}, "reportVariables": {"x": 5}}]}
    with pytest.raises(DefinitionError, match=r"dashboards\[0\]\.reportVariables: x: must be a text"):
        translated(raw)

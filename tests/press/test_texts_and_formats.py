"""Charts without a query, and reports in every built-in format, all the way from the definition."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pressroom import Context, Host, Report
from pressroom.models.dashboards import Dashboard
from pressroom.models.values import PluginUse

MakeReport = Callable[..., Report]
NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
WORDS = {"markdown": "For **{{ variables.city }}**{% if value.n %}: {{ row.n }}{% endif %}"}


def add(host: Host, **charts: dict[str, Any]) -> None:
    boards = host.store.project("default").dashboards
    data = boards.get("sales").value.model_dump(mode="json")
    data["charts"] += [{"uid": uid, "name": uid, **chart} for uid, chart in charts.items()]
    boards.save(Dashboard.model_validate(data), "test")


def figures(host: Host, report: Report, folder: Path, **more: Any) -> dict[str, Any]:
    made = host.press.preview("default", report, folder, planned_at=NOW, formats=[], **more)
    return {panel.uid: panel for section in made.edition.sections for panel in section.panels}


def test_a_text_needs_no_source_and_others_do(
    host: Host, dashboard: Dashboard, make_report: MakeReport, tmp_path: Path
) -> None:
    add(
        host,
        words={"type": "text", "options": {"markdown": "For **{{ variables.city }}**"}},
        asked={"type": "text", "source": "shop", "query": "SELECT 1234 AS n", "options": WORDS},
        silent={"type": "table"},
        half={"type": "text", "source": "nowhere", "query": "SELECT 1 AS n", "options": WORDS},
    )
    report = make_report(dashboards=[{"uid": "sales", "variables": {"city": ["*Oslo*"]}}])
    found = figures(host, report, tmp_path / "out")
    assert found["words"].figure.markdown == r"For **\*Oslo\***"
    assert found["words"].rows.columns == ()
    assert found["asked"].figure.markdown == r"For **\*Oslo\***: 1\,234"
    assert "no source" in found["silent"].error
    assert "no source 'nowhere'" in found["half"].error


def test_the_rows_of_a_chart_without_a_query(host: Host, dashboard: Dashboard, tmp_path: Path) -> None:
    add(host, words={"type": "text", "options": {"markdown": "Words"}})
    with host.press.kept_chart_rows("default", "words", context=Context(tmp_path)) as rows:
        assert (rows.rows.columns, rows.rows.rows) == ((), 0)
        assert rows.answer is not None


@pytest.mark.parametrize(
    ("use", "media_type", "suffix"),
    [
        ({"name": "html", "options": {"live": False}}, "text/html; charset=utf-8", ".html"),
        (
            {"name": "xlsx", "options": {"sheets": "all"}},
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ".xlsx",
        ),
        ({"name": "markdown", "options": {"rows": 1}}, "text/markdown; charset=utf-8", ".md"),
    ],
)
def test_formats_with_options(
    host: Host, dashboard: Dashboard, make_report: MakeReport, tmp_path: Path, use: Any, media_type: str, suffix: str
) -> None:
    add(host, words={"type": "text", "options": {"markdown": "Words"}})
    made = host.press.preview("default", make_report(), tmp_path / "out", planned_at=NOW, formats=[PluginUse(**use)])
    (document,) = made.documents
    assert made.errors == ()
    assert (document.format, document.media_type) == (use["name"], media_type)
    assert document.name.endswith(suffix)
    assert not document.inline


def test_a_format_that_is_there_twice_is_two_documents(
    host: Host, dashboard: Dashboard, make_report: MakeReport, tmp_path: Path
) -> None:
    uses = [PluginUse(name="csv", options={"delimiter": ";"}), PluginUse(name="csv")]
    made = host.press.preview("default", make_report(), tmp_path / "out", planned_at=NOW, formats=uses)
    texts = [(tmp_path / "out" / each.path).read_bytes() for each in made.documents]
    assert [len(text) for text in texts] == [each.size for each in made.documents]
    assert [b";" in text for text in texts] == [True, False]
    assert len({each.name for each in made.documents}) == 2


def test_formats_that_a_password_does_not_protect_are_told(
    host: Host, dashboard: Dashboard, make_report: MakeReport, tmp_path: Path
) -> None:
    report = make_report(formats=[{"csv": {}}, {"markdown": {}}, "pdf"], password="secret")
    warnings = host.press.preview("default", report, tmp_path / "out", planned_at=NOW).warnings
    assert [warning.split(":")[0] for warning in warnings] == ["format csv", "format markdown"]
    assert "secret" not in " ".join(warnings)

"""Export and apply: what comes out goes in again and changes nothing."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings, strategies as st

from pressroom.definitions import Catalogue, apply, check, export, load_text
from pressroom.definitions.export import document
from pressroom.definitions.places import read_place
from pressroom.errors import NotFound
from pressroom.models.dashboards import Chart, Dashboard, GridDefinition, Metric, Variable, VariableQuery
from pressroom.models.projects import Project
from pressroom.models.reports import Delivery, Report, ReportDashboard, Schedule
from pressroom.models.segments import Rule, Segment
from pressroom.models.values import Definition, PluginUse
from pressroom.store import Store
from pressroom.timerange import TimeRange

WORDS = [
    *("no", "yes", "on", "off", "~", "null", "true", "False", "y", "1e3", "0x1F", "0o17", "012", "-7", "+1", "1_000"),
    *("12:30:45", "2026-11-21", ".5", "5.", ".inf", ".nan", "-.INF", ".", "-", "?", ":", "--", "---", "...", "#", "#a"),
    *("&", "*", "!", "|", ">", "%", "@", "`", "'", '"', "[", "]", "{", "}", ",", "=", "<<", "&a", "*a", "!a", "!!str"),
    *(
        "%a",
        "@a",
        "`a`",
        "[a",
        "{a}",
        "key:",
        ":x",
        "a:b",
        "a#b",
        "it's",
        "\\",
        "\\n",
        "注册按钮",
        "😀",
        "👩\u200d👩",
        "é",
    ),
]
LINES = [
    *("", " ", "  leading", "trailing  ", "- a", "a: b", "a #b", "# c", ": x", "? x", "a, b", "--- a", "x" * 300),
    *("\n", "\n\n", "\na", "a\nb", "a\nb\n", "a\n\n", " a\nb", "a \nb", "a\n b\n  c\n", "a\n---\nb", "a\n...\nb"),
    *("a\n\tb\n", "\ta\nb", "a\tb", "a\t\nb", "a\r\nb", "a\rb", "a\x85b", "a\u2028b\n", "a: \n- b", "多行\n文本\n"),
    *("\ufeff", "\u202eabc", "\xa0", "\x00", "\x01\x1b", "\ue000", "a\ufffeb", "😀\n", "a\n# b\n", "%a\nb"),
    "SELECT 1 -- # no\nFROM t  \nWHERE a = ': '\n",
]
NASTY = [*WORDS, *LINES]
texts = st.sampled_from(NASTY) | st.text(st.characters(codec="utf-8"), max_size=20)
uids = st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True) | st.sampled_from(
    ["007", "1e3", "null", "no", "-", "0x1F"]
)
names = st.sampled_from(["carrier", "no", "null", "y", "_", "true"])
plain = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts
)
options = st.dictionaries(
    texts,
    st.recursive(
        plain, lambda below: st.lists(below, max_size=3) | st.dictionaries(texts, below, max_size=3), max_leaves=6
    ),
    max_size=3,
)
ranges = st.sampled_from([("2013-01-01", "2013-02-01"), ("1357016400000", "1359694800000"), ("now-7d/d", "now")]).map(
    lambda ends: TimeRange(**{"from": ends[0], "to": ends[1]})
)
metrics = st.builds(
    Metric,
    name=texts.filter(bool).map(lambda text: text[:200]),
    label=texts,
    unit=texts,
    expr=texts,
    whole_days_only=st.booleans(),
)
grids = st.builds(GridDefinition, x=st.integers(0, 12), y=st.integers(0, 99), w=st.integers(1, 12), h=st.integers(1, 9))
queries = st.builds(VariableQuery, source=texts, query=texts)
variables = st.builds(
    Variable, name=names, label=texts, values=st.lists(texts, max_size=3) | queries, default=st.lists(texts, max_size=3)
)
charts = st.builds(
    Chart,
    uid=uids,
    name=texts,
    description=texts,
    type=texts,
    source=texts,
    query=texts,
    metrics=st.lists(metrics, max_size=2),
    dimensions=st.lists(texts.filter(bool).map(lambda text: text[:200]), max_size=2),
    grid=grids,
    options=options,
    segment=texts,
)
dashboards = st.builds(
    Dashboard,
    uid=uids,
    name=texts,
    description=texts,
    time_range=ranges,
    variables=st.lists(variables, max_size=2, unique_by=lambda one: one.name),
    charts=st.lists(charts, max_size=2, unique_by=lambda one: one.uid),
)
zones = st.integers(-720, 720).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(timezones=zones).filter(lambda moment: 1 < moment.year < 9999)
schedules = st.builds(
    Schedule,
    frequency=st.sampled_from(["daily", "never"]),
    start=moments,
    day_of_month=st.sampled_from(["", "7", "last"]),
)
uses = st.builds(PluginUse, name=st.sampled_from(["pdf", "csv", "1", "no"]), options=options)
chosen = st.builds(
    ReportDashboard,
    uid=uids,
    time_range=st.none() | ranges,
    variables=st.dictionaries(texts, st.lists(texts, max_size=3), max_size=2),
)
deliveries = st.builds(Delivery, channel=texts, to=st.lists(texts, max_size=3), options=options, together=st.booleans())
reports = st.builds(
    Report,
    uid=uids,
    name=texts.map(lambda text: f"n{text}"),
    message=texts,
    subject=texts,
    schedule=schedules,
    password=texts,
    dashboards=st.lists(chosen, min_size=1, max_size=2),
    formats=st.lists(uses, max_size=2),
    deliveries=st.lists(deliveries, max_size=2),
    scale=st.floats(0.25, 4),
    priority=st.integers(0, 9),
    notify=st.lists(texts, max_size=3),
)
segments = st.builds(Segment, uid=uids, name=texts, source=texts, query=texts)
rules = st.builds(Rule, id=uids, name=texts, type=st.sampled_from(["page", "imp"]))
everything = st.fixed_dictionaries(
    {
        "dashboards": st.lists(dashboards, max_size=2),
        "segments": st.lists(segments, max_size=2),
        "rules": st.lists(rules, max_size=2),
        "reports": st.lists(reports, max_size=2),
    }
)


def read(text: str) -> dict[str, Any]:
    bundle = load_text(text, "x.yaml")
    assert not bundle.problems, (bundle.problems, text)
    place, problems = read_place(bundle.documents[0])
    assert not problems
    value: dict[str, Any] = place.value
    return value


@settings(max_examples=100, suppress_health_check=list(HealthCheck), deadline=None)
@given(texts.filter(bool), everything)
def test_what_is_exported_reads_as_the_same(name: str, values: dict[str, list[Any]]) -> None:
    text = document(Project(uid="p", name=name), values)
    back = read(text)
    assert Project.model_validate(back["project"]) == Project(uid="p", name=name)
    models: dict[str, type[Definition]] = {
        "dashboards": Dashboard,
        "segments": Segment,
        "rules": Rule,
        "reports": Report,
    }
    for section, model in models.items():
        found = [model.model_validate(item) for item in back.get(section, [])]
        assert [one.model_dump_json() for one in found] == [one.model_dump_json() for one in values[section]]


def boards(*texts: str) -> list[Dashboard]:
    """A dashboard for each text, which stands wherever text may stand."""
    return [
        Dashboard(
            uid=f"d{index}",
            name=text,
            description=text,
            variables=[Variable(name="v", label=text, values=[text, "no"], default=[text])],
            charts=[
                Chart(uid=f"c{index}", type="line", source="flights", query=text or "x", options={"stack": "zero"})
            ],
        )
        for index, text in enumerate(texts)
    ]


def test_applying_an_export_changes_nothing(store: Store, catalogue: Catalogue) -> None:
    store.projects.save(Project(uid="p", name="项目", timezone="Asia/Shanghai"), "ann")
    mine = store.project("p")
    mine.dashboards.save_all(boards(*NASTY), "ann")
    mine.segments.save(Segment(uid="007", name="no", source="flights", query="a\nb"), "ann")
    mine.rules.save(Rule(id="1e3", name="~", type="page"), "ann")
    chosen = ReportDashboard(uid="d3", variables={"v": ["no", "012", "a\nb"]})
    mine.reports.save(Report(uid="null", name="null", dashboards=[chosen], formats=[PluginUse(name="csv")]), "ann")
    text = export(store, "p")
    done = apply(check(load_text(text, "a.yaml"), catalogue), store, "bob")
    assert len(done.changes) == len(NASTY) + 4
    assert {change.action for change in done.changes} == {"unchanged"}
    assert done.diff == ""
    assert export(store, "p") == text
    assert {stored.updater for stored in mine.dashboards.list()} == {"ann"}


def test_an_export_looks_as_people_write() -> None:
    board = Dashboard(
        uid="007",
        name="航班 # 1",
        time_range=TimeRange(**{"from": "2013-01-01", "to": "1359694800000"}),
        variables=[Variable(name="carrier", values=["AA", "no", "12"], multi=True)],
        charts=[
            Chart(
                uid="c",
                type="line",
                source="flights",
                query="SELECT 1 AS a,\n\t2 AS b\nFROM t\n",
                metrics=[Metric(name="a", label="A: b")],
                grid=GridDefinition(x=12),
            )
        ],
    )
    report = Report(
        uid="r",
        name="R",
        dashboards=[ReportDashboard(uid="007")],
        formats=[PluginUse(name="pdf"), PluginUse(name="csv", options={"delimiter": ";"})],
        password="true",
    )
    assert document(Project(), {"dashboards": [board], "reports": [report]}) == (
        "dashboards:\n"
        "  - uid: '007'\n"
        "    name: '航班 # 1'\n"
        "    time_range: {from: 2013-01-01, to: '1359694800000'}\n"
        "    variables: [{name: carrier, values: [AA, no, '12'], multi: true}]\n"
        "    charts:\n"
        "      - uid: c\n"
        "        type: line\n"
        "        source: flights\n"
        "        query: |\n"
        "          SELECT 1 AS a,\n"
        "          \t2 AS b\n"
        "          FROM t\n"
        "        metrics: [{name: a, label: 'A: b'}]\n"
        "        grid: {x: 12}\n"
        "reports:\n"
        "  - uid: r\n"
        "    name: R\n"
        "    dashboards: [{uid: '007'}]\n"
        "    formats: [pdf, {csv: {delimiter: ;}}]\n"
        "    password: 'true'\n"
    )


def test_a_choice_of_things_is_exported(store: Store) -> None:
    store.projects.save(Project(uid="p"), "ann")
    store.project("p").dashboards.save_all(boards("a", "b"), "ann")
    store.project("p").rules.save(Rule(id="r", name="R", type="page"), "ann")
    assert yaml.safe_load(export(store, "p", uids=["d1"]))["dashboards"][0]["name"] == "b"
    assert list(yaml.safe_load(export(store, "p", sections=["rules"]))) == ["project", "rules"]
    assert list(yaml.safe_load_all(export(store))) == list(yaml.safe_load_all(export(store, "p")))
    with pytest.raises(NotFound, match="d7, x"):
        export(store, "p", uids=["d1", "x", "d7"])
    with pytest.raises(NotFound, match="no project 'q'"):
        export(store, "q")


def test_several_projects_are_several_documents(store: Store, catalogue: Catalogue) -> None:
    for uid in ("default", "p", "q"):
        store.projects.save(Project(uid=uid, name=f"Project {uid}"), "ann")
        store.project(uid).rules.save(Rule(id="r", name=f"Rule of {uid}", type="page"), "ann")
    text = export(store)
    assert text.count("---\n") == 2
    checked = check(load_text(text, "a.yaml"), catalogue)
    assert [(item.project, item.value.name) for item in checked.items] == [
        (uid, f"Rule of {uid}") for uid in ("default", "p", "q")
    ]

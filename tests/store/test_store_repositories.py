"""Definitions by project: saved as written, found by uid, invisible to other projects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, strategies as st

from pressroom.errors import Conflict, DefinitionError, NotFound, StoreError, UsageError
from pressroom.models.columns import UtcDateTime
from pressroom.models.dashboards import Chart, Dashboard
from pressroom.models.projects import Project
from pressroom.models.reports import BrandingSettings, Report, Schedule
from pressroom.models.segments import Rule, Segment
from pressroom.store import Store
from pressroom.store.definitions import dump


def dashboard(uid: str, *charts: str, **fields: Any) -> Dashboard:
    return Dashboard(uid=uid, name=uid, charts=[Chart(uid=chart, type="line") for chart in charts], **fields)


def report(uid: str = "weekly", **fields: Any) -> Report:
    return Report.model_validate({"uid": uid, "name": uid, "dashboards": [{"uid": "d"}], **fields})


def test_the_default_project_is_there_and_is_number_one(store: Store) -> None:
    (only,) = store.projects.list()
    assert (only.id, only.uid, only.value) == (1, "default", Project())
    assert store.projects.save(Project(uid="second"), "ann").id == 2


def test_what_is_saved_comes_back_as_it_was_written(store: Store) -> None:
    repository = store.project("default").reports
    written = {
        "uid": "r",
        "name": "Wöchentlich 元素",
        "dashboards": [{"uid": "d", "time_range": {"from": "now-7d", "to": "now"}, "variables": {"z": ["1"], "a": []}}],
        "formats": ["pdf", {"csv": {"delimiter": ";", "at": "last"}}],
        "schedule": {"frequency": "weekly", "start": "2026-11-23T09:00:00+01:00", "timezone": "Europe/Warsaw"},
        "deliveries": [{"channel": "email", "to": ["ops@example.org"]}, {"channel": "archive"}],
    }
    saved = repository.save(Report.model_validate(written), "ann")
    again = repository.get("r")
    assert again == saved
    assert again.value.model_dump(mode="json", exclude_unset=True) == written
    assert list(again.value.dashboards[0].variables) == ["z", "a"]
    assert repository.by_id(saved.id) == saved


def test_a_generated_uid_stays(store: Store) -> None:
    repository = store.project("default").dashboards
    saved = repository.save(Dashboard(name="d", charts=[Chart(type="line")]), "ann")
    assert repository.get(saved.uid).value.charts[0].uid == saved.value.charts[0].uid


def test_a_list_that_was_changed_in_place_is_saved_too(store: Store) -> None:
    value = report()
    value.notify.append("ops@example.org")
    store.project("default").reports.save(value, "ann")
    assert store.project("default").reports.get("weekly").value.notify == ["ops@example.org"]


def test_saving_the_same_again_changes_nothing(store: Store, clock: Any) -> None:
    repository = store.project("default").dashboards
    first = repository.save(dashboard("d", "c"), "ann")
    clock.pass_(60)
    assert repository.save(dashboard("d", "c"), "bob") == first
    changed = repository.save(dashboard("d", "c", description="new"), "bob")
    assert (changed.id, changed.creator, changed.updater) == (first.id, "ann", "bob")
    assert (changed.created_at, changed.updated_at) == (first.created_at, clock.now)


def test_dashboards_tell_their_names_and_what_is_said_about_them(store: Store) -> None:
    repository = store.project("default").dashboards
    repository.save_all([dashboard("b", "c", description='"北京"\nand more'), dashboard("a")], "ann")
    store.projects.save(Project(uid="other"), "ann")
    assert list(repository.described().items()) == [("b", ("b", '"北京"\nand more')), ("a", ("a", ""))]
    assert store.project("other").dashboards.described() == {}


def test_an_unknown_uid_names_the_nearest(store: Store) -> None:
    repository = store.project("default").dashboards
    repository.save(dashboard("flights"), "ann")
    with pytest.raises(NotFound, match="no dashboard 'flihgts'; did you mean 'flights'"):
        repository.get("flihgts")
    with pytest.raises(NotFound, match="did you mean 'flights'"):
        repository.delete("flight")
    with pytest.raises(NotFound, match="did you mean 'default'"):
        store.project("defautl")


@pytest.mark.parametrize("uid", ["", "a\x00b", "\ud800", "'; DROP TABLE dashboards; --", "x" * 100_000])
def test_hostile_uids_are_only_unknown(store: Store, uid: str) -> None:
    project = store.project("default")
    assert [r.find(uid) for r in (project.dashboards, project.segments, project.rules, project.reports)] == [None] * 4
    assert project.images.find(uid) is None
    assert store.projects.find(uid) is None
    assert project.runs.list(report=uid) == []
    assert project.reports.using(uid) == []
    for ask in (project.dashboards.get, project.dashboards.chart, project.dashboards.delete, store.project):
        with pytest.raises(NotFound):
            ask(uid)


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**63, 2**200])
def test_hostile_numbers_are_only_unknown(store: Store, number: int) -> None:
    project = store.project("default")
    with pytest.raises(NotFound):
        project.reports.by_id(number)
    with pytest.raises(NotFound):
        project.runs.get(number)


def test_pages_of_a_list(store: Store) -> None:
    repository = store.project("default").segments
    for number in range(5):
        repository.save(Segment(uid=f"s{number}", name="s", source="x", query="q"), "ann")
    assert [stored.uid for stored in repository.list()] == ["s0", "s1", "s2", "s3", "s4"]
    assert [stored.uid for stored in repository.list(limit=2, offset=1)] == ["s1", "s2"]
    assert repository.list(limit=2**80, offset=2**80) == []
    with pytest.raises(UsageError, match="0 or more"):
        repository.list(offset=-1)


def test_rules_are_named_by_their_id(store: Store) -> None:
    repository = store.project("default").rules
    rule = Rule(id="f2503720", name="元素_注册按钮", type="clck")
    assert repository.save(rule, "ann").uid == "f2503720"
    assert repository.get("f2503720").value == rule


def test_projects_do_not_see_each_other(store: Store) -> None:
    store.projects.save(Project(uid="other"), "ann")
    mine, other = store.project("default"), store.project("other")
    theirs = other.reports.save(report("secret"), "ann")
    other.dashboards.save(dashboard("d", "c"), "ann")
    other.images.save("logo", "image/png", b"png", "ann")
    other.branding.save(BrandingSettings(footer_text="Other"), "ann")
    assert mine.reports.list() == mine.dashboards.list() == mine.images.list() == mine.reports.using("d") == []
    assert mine.branding.get() == BrandingSettings()
    for ask in (
        lambda: mine.reports.by_id(theirs.id),
        lambda: mine.reports.delete("secret"),
        lambda: mine.dashboards.chart("c"),
        lambda: mine.images.get("logo"),
    ):
        with pytest.raises(NotFound):
            ask()
    # the same uids are free here, and are other things
    assert mine.dashboards.save(dashboard("d", "c"), "bob").id != other.dashboards.get("d").id
    assert mine.reports.save(report("secret"), "bob").id != theirs.id
    assert other.reports.get("secret") == theirs


def test_a_chart_is_found_with_its_dashboard(store: Store) -> None:
    repository = store.project("default").dashboards
    saved = repository.save(dashboard("d", "one", "two"), "ann")
    assert repository.chart("two") == (saved, saved.value.charts[1])
    assert repository.of_chart("one") == saved
    with pytest.raises(NotFound, match="no chart 'tow'; did you mean 'two'"):
        repository.chart("tow")
    repository.save(dashboard("d", "one"), "ann")
    with pytest.raises(NotFound):
        repository.chart("two")
    repository.delete("d")
    with pytest.raises(NotFound):
        repository.chart("one")


def test_a_charts_uid_belongs_to_one_dashboard(store: Store) -> None:
    repository = store.project("default").dashboards
    repository.save(dashboard("first", "c"), "ann")
    with pytest.raises(Conflict, match="chart 'c' is on the dashboard 'first' already"):
        repository.save(dashboard("second", "c"), "ann")
    assert repository.find("second") is None
    with pytest.raises(Conflict, match="on two dashboards"):
        repository.save_all([dashboard("first", "c"), dashboard("second", "c")], "ann")


@pytest.mark.parametrize("swapped", [False, True])
def test_charts_move_between_dashboards_that_are_saved_together(store: Store, swapped: bool) -> None:
    repository = store.project("default").dashboards
    repository.save_all([dashboard("first", "a", "b"), dashboard("second", "c")], "ann")
    moved = [dashboard("first", "c", "b"), dashboard("second", "a", "new")]
    repository.save_all(moved[::-1] if swapped else moved, "ann")
    places = {uid: repository.of_chart(uid).uid for uid in ("a", "b", "c", "new")}
    assert places == {"a": "second", "b": "first", "c": "first", "new": "second"}


def test_reports_by_dashboard(store: Store) -> None:
    repository = store.project("default").reports
    first = repository.save(report("first", dashboards=[{"uid": "d"}, {"uid": "e"}, {"uid": "d"}]), "ann")
    second = repository.save(report("second"), "ann")
    assert repository.using("d") == [first, second]
    repository.save(report("first", dashboards=[{"uid": "e"}]), "ann")
    assert [stored.uid for stored in repository.using("d")] == ["second"]
    repository.delete("second")
    assert repository.using("d") == []


def test_a_reports_number_is_never_given_twice(store: Store) -> None:
    repository = store.project("default").reports
    first = repository.save(report(), "ann")
    repository.delete("weekly")
    assert repository.save(report(), "ann").id > first.id


def schedule_changes(store: Store) -> list[datetime]:
    with store._engine.connect() as connection:  # the clock, which will read it, is not there yet
        found = sa.text("SELECT schedule_changed_at FROM reports").columns(schedule_changed_at=UtcDateTime)
        return list(connection.execute(found).scalars())


def test_only_the_schedule_moves_the_moment_from_which_a_report_runs(store: Store, clock: Any) -> None:
    repository, start = store.project("default").reports, clock.now
    repository.save(report(), "ann")
    clock.pass_(60)
    repository.save(report(subject="new"), "ann")
    assert schedule_changes(store) == [start]
    repository.save(report(schedule=Schedule(frequency="daily", start=start)), "ann")
    assert schedule_changes(store) == [clock.now]
    moment = clock.pass_(60)
    repository.save(report(schedule=Schedule(frequency="daily", start=start), state="paused"), "ann")
    assert schedule_changes(store) == [moment]


def test_branding_and_pictures(store: Store, clock: Any) -> None:
    project = store.project("default")
    saved = project.branding.save(BrandingSettings(footer_text="Ours", updated=datetime(2000, 1, 1).date()), "ann")  # noqa: DTZ001
    assert saved == project.branding.get()
    assert (saved.footer_text, saved.updated) == ("Ours", clock.now.date())
    first = project.images.save("logo", "image/png", b"\x89PNG\x00", "ann")
    assert project.images.get("logo") == first
    assert first.data == b"\x89PNG\x00"
    project.images.save("logo", "image/gif", b"GIF", "bob")
    (listed,) = project.images.list()
    assert (listed.media_type, listed.creator, listed.data) == ("image/gif", "bob", b"")
    with pytest.raises(NotFound, match="did you mean 'logo'"):
        project.images.delete("loga")
    project.images.delete("logo")
    assert project.images.list() == []


@pytest.mark.parametrize("name", ["", "a\x00", "\ud800", "x" * 201])
def test_odd_names_of_pictures_are_refused(store: Store, name: str) -> None:
    with pytest.raises(UsageError, match="1 to 200 characters"):
        store.project("default").images.save(name, "image/png", b"", "ann")


def test_names_that_no_database_keeps_are_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="cannot be stored"):
        store.project("default").reports.save(report(), "a\ud800nn")
    assert store.project("default").reports.list() == []


def test_the_audit_log(store: Store) -> None:
    store.projects.save(Project(uid="other"), "ann")
    store.audit.record("ann", "reports:write", project="default", target="report x\x00", detail={"name": "x"})
    store.audit.record("bob", "access:write", project="other")
    assert [entry.actor for entry in store.audit.list()] == ["bob", "ann"]
    (entry,) = store.audit.list(project="default")
    assert (entry.project, entry.target, entry.detail) == ("default", "report x", {"name": "x"})


@pytest.fixture
def rehearsed(store: Store) -> Store:
    with store.transaction() as tx:
        tx.projects.save(Project(uid="new"), "ann")
        tx.project("new").reports.save(report(), "ann")
        assert tx.project("new").reports.list()
        tx.rollback()
    return store


def test_a_rehearsal_leaves_nothing(rehearsed: Store) -> None:
    assert [project.uid for project in rehearsed.projects.list()] == ["default"]


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    def fail() -> None:
        with store.transaction() as tx:
            tx.project("default").reports.save(report(), "ann")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert store.project("default").reports.list() == []
    with store.transaction() as tx:
        tx.project("default").reports.save(report(), "ann")
    assert len(store.project("default").reports.list()) == 1


def test_what_failed_inside_a_transaction_is_undone_alone(store: Store) -> None:
    with store.transaction() as tx:
        repository = tx.project("default").dashboards
        repository.save(dashboard("first", "c"), "ann")
        with pytest.raises(Conflict):
            repository.save(dashboard("second", "c"), "ann")
        repository.save(dashboard("third"), "ann")
    assert [stored.uid for stored in store.project("default").dashboards.list()] == ["first", "third"]


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), object(), {1: {2}}])
def test_options_that_are_no_json_are_refused(store: Store, odd: object) -> None:
    value = Dashboard(uid="d", name="d", charts=[Chart(uid="c", type="line", options={"x": odd})])
    with pytest.raises(DefinitionError, match="cannot be kept"):
        store.project("default").dashboards.save(value, "ann")
    assert store.project("default").dashboards.list() == []


def test_options_with_control_characters_are_kept(store: Store) -> None:
    value = Dashboard(
        uid="d", name="d", charts=[Chart(uid="c", type="line", options={"\x00": ["\x1b", "\ud800", "元"]})]
    )
    store.project("default").dashboards.save(value, "ann")
    assert store.project("default").dashboards.get("d").value == value


def test_naive_moments_are_refused() -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), sa.create_engine("sqlite://").dialect)  # noqa: DTZ001


def test_moments_come_back_in_utc(store: Store, clock: Any) -> None:
    clock.now = datetime.fromisoformat("2026-10-25T02:30:00.123456+02:00")
    store.project("default").reports.save(report(), "ann")
    kept = store.project("default").reports.get("weekly").created_at
    assert (kept, kept.tzinfo) == (clock.now, UTC)


texts = st.text(max_size=30)


@given(st.builds(Dashboard, name=texts, description=texts, variables=st.just([])), st.booleans())
def test_a_dump_is_read_back_as_the_same(value: Dashboard, mark: bool) -> None:
    value.model_fields_set.add("uid")
    if mark:
        value.charts.append(Chart(type="line"))
    assert Dashboard.model_validate(dump(value)) == value


def test_a_closed_store_opens_again(store: Store) -> None:
    store.close()
    assert store.projects.list()


def test_a_store_is_not_there_until_it_is_made(tmp_path: Any) -> None:
    with pytest.raises(StoreError, match=r"no store at .*; run: pressroom db upgrade"):
        Store("sqlite:///new.db", tmp_path).projects.list()
    assert not (tmp_path / "new.db").exists()

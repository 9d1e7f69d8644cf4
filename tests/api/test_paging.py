"""Turning pages while runs are added: each run that was there comes exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from pressroom import Host, Principal, Project, UsageError
from pressroom.models.values import new_uid
from pressroom.plugins import Plugins
from pressroom.press.ledger import Ledger, PlannedDelivery
from pressroom_builtin.api.paging import read_cursor, read_moment_cursor, write_cursor
from pressroom_builtin.api.runs import Runs, RunsAsked

ME = Principal.local_admin()
START = datetime(2026, 11, 22, tzinfo=UTC)
TO = [PlannedDelivery(channel="archive", recipient=name) for name in ("a", "b", "c")]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("paging")
    (folder / "pressroom.toml").write_text("", encoding="utf-8")
    with Host.open(folder, Plugins(entry_points=[])) as opened:
        opened.store.upgrade()
        yield opened


def plan(host: Host, project: str, minutes: list[int]) -> None:
    """Runs at these moments; several at one where a number comes twice."""
    with host.store.transaction() as transaction:
        ledger = Ledger(transaction)
        for number in minutes:
            at = START + timedelta(minutes=number)
            ledger.plan(project, None, {}, kind="adhoc", key=new_uid(), planned_at=at, deliveries=TO)


@given(
    before=st.lists(st.integers(0, 3), max_size=8),
    during=st.lists(st.lists(st.integers(-1, 4), max_size=2), max_size=3),
    limit=st.integers(1, 4),
)
@settings(max_examples=12, deadline=None)
def test_every_run_comes_once_while_others_are_added(
    host: Host, before: list[int], during: list[list[int]], limit: int
) -> None:
    api, asked, project = Runs(host), RunsAsked(), new_uid()
    host.repositories.projects.save(Project(uid=project, name=project), by="test")
    for turn in (api.runs, api.deliveries):
        plan(host, project, before)
        there = [item.id for item in turn(ME, project, asked, limit=500).items]
        waiting, found, cursor = list(during), [], ""
        while cursor is not None:
            page = turn(ME, project, asked, limit=limit, cursor=cursor)
            assert 0 < len(page.items) <= limit or not there
            found += [item.id for item in page.items]
            cursor = page.next
            if waiting:
                plan(host, project, waiting.pop())
        assert len(found) == len(set(found))
        assert [number for number in found if number in set(there)] == there


@given(text=st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_no_text_is_a_cursor_but_what_was_given(text: str) -> None:
    for read in (lambda: read_cursor(text, int), lambda: read_moment_cursor(text)):
        try:
            found = read()
        except UsageError:
            continue
        assert not text or found is not None


@given(moment=st.datetimes(timezones=st.just(UTC)), number=st.integers(0, 2**63 - 1))
def test_a_cursor_gives_its_position_back(moment: datetime, number: int) -> None:
    assert read_moment_cursor(write_cursor(moment.isoformat(), number)) == (moment, number)
    assert read_cursor(write_cursor(number), int) == [number]

"""Unsubscriptions in both databases, also when two come at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from pressroom import Project
from pressroom.store import Store


def test_an_address_is_there_once(store: Store) -> None:
    kept = store.project("default").unsubscriptions
    with ThreadPoolExecutor(4) as pool:
        added = list(pool.map(lambda name: kept.add("weekly", name), ["ann@e.org", "ANN@e.org", "Ann <ann@E.org>"] * 2))
    assert added.count(True) == 1
    (found,) = kept.list("weekly")
    assert kept.find("weekly", "ann@e.org") == found
    assert kept.remove("weekly", "ann@e.org")
    assert (kept.list("weekly"), kept.remove("weekly", "ann@e.org")) == ([], False)


def test_they_belong_to_a_report_and_a_project(store: Store) -> None:
    store.projects.save(Project(uid="other"), "test")
    store.project("other").unsubscriptions.add("weekly", "ann@e.org")
    kept = store.project("default").unsubscriptions
    kept.add("daily", "ann@e.org")
    assert kept.find("weekly", "ann@e.org") is None
    assert [each.report for each in kept.list("daily")] == ["daily"]


def test_what_no_database_can_hold_is_left_out(store: Store) -> None:
    kept = store.project("default").unsubscriptions
    assert kept.add("weekly", "a\0b\udc80@e.org")
    assert [each.address for each in kept.list("weekly")] == ["ab@e.org"]
    assert kept.list("no\0such") == []
    assert not kept.remove("no\0such", "x")

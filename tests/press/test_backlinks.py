"""Who has unsubscribed, whatever the channel; addresses that are the same; links that a message carries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from pressroom import Host, Report, Run
from pressroom.models.addresses import address_key
from pressroom.settings import ServerSettings

pytestmark = pytest.mark.usefixtures("dashboard")
MakeReport = Callable[..., Report]
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="@<> "), max_size=20)


def send(host: Host, report: Report, kind: Any = "manual", key: str = "1") -> Run:
    stored = host.store.project("default").reports.save(report, "test")
    run = host.press.plan("default", report, report_id=stored.id, kind=kind, key=key)
    return host.press.work(run.id)


def states(run: Run) -> dict[str, str]:
    return {delivery.recipient: str(delivery.state) for delivery in run.deliveries}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann@example.org", " ANN@Example.ORG "),
        ("ann@example.org", "Ann Ó <ann@example.org>"),
        ("a@bücher.example", "A@XN--BCHER-KVA.example"),
        ("jose\u0301@example.org", "JOSÉ@example.org"),
        ("#General", "#general"),
    ],
)
def test_ways_to_write_one_address(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)


def test_addresses_that_are_not_the_same() -> None:
    different = ["ann@example.org", "ann@example.com", "an.n@example.org", "ann+x@example.org", "ann", ""]
    assert len({address_key(each) for each in different}) == len(different)


@given(WORDS, WORDS, WORDS)
def test_a_key_is_its_own_key_and_any_text_has_one(name: str, local: str, domain: str) -> None:
    key = address_key(f"{local}@{domain}")
    assert address_key(key) == key
    assert address_key(f"{name} <{local}@{domain}>") == key


def test_an_address_that_is_written_twice_counts_once(host: Host, make_report: MakeReport, script: Any) -> None:
    send(host, make_report("Ann <ann@example.org>", "ann@Example.org", "ben@example.org"))
    assert script.tries == [["Ann <ann@example.org>"], ["ben@example.org"]]


def test_who_unsubscribed_is_skipped_and_not_taken_up_again(host: Host, make_report: MakeReport, script: Any) -> None:
    kept = host.store.project("default").unsubscriptions
    assert kept.add("weekly", "ann@example.org")
    assert not kept.add("weekly", "ANN@example.org")
    run = send(host, make_report("Ann <ann@example.org>", "ben@example.org"))
    assert states(run) == {"Ann <ann@example.org>": "skipped", "ben@example.org": "sent"}
    assert script.tries == [["ben@example.org"]]
    assert kept.remove("weekly", "ann@EXAMPLE.org")
    assert not kept.remove("weekly", "ann@example.org")


def test_another_report_and_another_project_go_on(host: Host, make_report: MakeReport) -> None:
    from pressroom import Project

    host.store.projects.save(Project(uid="other"), "test")
    host.store.project("other").unsubscriptions.add("weekly", "ann@example.org")
    host.store.project("default").unsubscriptions.add("daily", "ann@example.org")
    assert states(send(host, make_report("ann@example.org"))) == {"ann@example.org": "sent"}


def test_whoever_leaves_while_it_goes_out_gets_no_later_try(host: Host, make_report: MakeReport, script: Any) -> None:
    from pressroom import DeliveryError

    take = script.act

    def busy(*_: Any) -> Any:
        raise DeliveryError("busy", transient=True)

    script.act = busy
    run = send(host, make_report("ann@example.org"))
    assert states(run) == {"ann@example.org": "planned"}
    host.store.project("default").unsubscriptions.add("weekly", "ann@example.org")
    script.act = take
    host.ledger.retry(run.id)
    assert states(host.press.work(run.id)) == {"ann@example.org": "skipped"}
    assert len(script.tries) == 1


def test_a_channel_without_an_address_of_the_server_gets_no_links(
    host: Host, make_report: MakeReport, script: Any
) -> None:
    run = send(host, make_report("ann@example.org", dashboard_links=True))
    message = script.messages[0]
    assert (message.links, message.downloads, message.unsubscribe) == ((), (), "")
    assert [warning for warning in run.warnings if "pressroom doctor" in warning]


def test_a_report_goes_out_without_links_where_nothing_can_be_signed(
    host: Host, make_report: MakeReport, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSROOM_SECRET_KEY", "too short")
    server = ServerSettings(public_url="https://reports.example.org")
    settings = host.settings.model_copy(update={"server": server})
    monkeypatch.setattr(host, "workspace", replace(host.workspace, settings=settings))
    run = send(host, make_report("ann@example.org", dashboard_links=True))
    assert states(run) == {"ann@example.org": "sent"}
    assert script.messages[0].downloads == ()
    assert run.warnings

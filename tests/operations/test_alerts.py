"""A scheduled run that fails for good is told of, once, by a mail of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pressroom import Host, Report, Run
from pressroom.moments import utc_now
from pressroom.press.alerts import Alerts
from pressroom.press.chores import Chores

P = "nxog09md"
Send = Callable[..., Run]


@pytest.fixture
def send(host: Host) -> Send:
    """Works a scheduled run of the report `weekly` off, with some of its fields changed."""

    def call(key: str = "2026-11-16T08:00:00+00:00", **changes: Any) -> Run:
        stored = host.store.project(P).reports.get("weekly")
        fields = {**stored.value.model_dump(mode="json"), **changes}
        report = Report.model_validate(fields)
        planned = datetime(2026, 11, 16, 8, tzinfo=UTC)
        kind: Any = changes.pop("kind", "scheduled")
        run = host.press.plan(P, report, report_id=stored.id, kind=kind, key=key, planned_at=planned)
        return host.press.work(run.id)

    return call


def alerts(host: Host) -> list[Run]:
    return [run for run in host.ledger.list() if run.kind == "alert"]


def to(*addresses: str) -> dict[str, Any]:
    return {"deliveries": [{"channel": "email", "to": list(addresses)}]}


def test_a_failure_is_told_to_those_the_report_names(host: Host, send: Send, mail_server: Any) -> None:
    failed = send(**to("ok@example.org", "no@example.org"), notify=["ann@example.org"])
    assert failed.state == "partly_failed"
    assert Alerts(host).sweep(utc_now()) == 1
    (alert,) = alerts(host)
    assert alert.key == f"alert:{failed.id}"
    before = len(mail_server.received)
    assert host.press.work(alert.id).state == "succeeded"
    (mail,) = mail_server.received[before:]
    assert mail.recipients == ("ann@example.org",)
    assert mail.message["Subject"] == "Partly failed: Weekly"
    text = mail.message.get_body(("plain",)).get_content()
    assert "no@example.org (email): 550 no such user" in text
    assert "1 recipient has it" in text
    assert f"pressroom runs retry {failed.id}" in text
    assert "16 Nov 2026, 09:00 (Europe/Warsaw)" in text
    assert "--include-ambiguous" not in text


def test_it_is_planned_once_however_many_look(host: Host, send: Send) -> None:
    send(**to("no@example.org"), notify=["ann@example.org"])
    found = [Alerts(host).sweep(utc_now()) for _ in range(3)]
    with Host.open(host.workspace.folder) as other:
        found.append(Alerts(other).sweep(utc_now()))
    assert found == [1, 0, 0, 0]
    assert len(alerts(host)) == 1


def test_a_clock_does_it_by_itself(host: Host, send: Send) -> None:
    send(**to("no@example.org"), notify=["ann@example.org"])
    chores = Chores(host, "here")
    chores.turn(utc_now())
    assert len(alerts(host)) == 1


def test_the_contact_then_the_workspace_is_told(host: Host, send: Send, workspace: Path) -> None:
    send(**to("no@example.org"))
    assert Alerts(host).sweep(utc_now()) == 0
    assert alerts(host) == []
    settings = (workspace / "pressroom.toml").read_text()
    (workspace / "pressroom.toml").write_text(f'{settings}\n[alerts]\nto = ["staff@example.org"]\n')
    with Host.open(workspace) as told:
        assert Alerts(told).sweep(utc_now()) == 1
        (alert,) = alerts(told)
        assert [item.recipient for item in alert.deliveries] == ["staff@example.org"]
        project = told.store.projects.get(P).value
        told.store.projects.save(project.model_copy(update={"contact": "contact@example.org"}), "test")
        send(key="later", **to("no@example.org"))
        Alerts(told).sweep(utc_now())
        latest = max(alerts(told), key=lambda run: run.id)
        assert [item.recipient for item in latest.deliveries] == ["contact@example.org"]


def test_what_went_well_was_sent_by_hand_or_failed_long_ago_is_not_told(host: Host, send: Send) -> None:
    notify = ["ann@example.org"]
    assert send("good", **to("ok@example.org"), notify=notify).state == "succeeded"
    stored = host.store.project(P).reports.get("weekly")
    by_hand = Report.model_validate({**stored.value.model_dump(mode="json"), **to("no@example.org"), "notify": notify})
    host.press.work(host.press.plan(P, by_hand, report_id=stored.id, kind="manual", key="k").id)
    send("bad", **to("no@example.org"), notify=notify)
    assert Alerts(host).sweep(utc_now() + timedelta(days=2)) == 0
    assert Alerts(host).sweep(utc_now()) == 1


def test_an_alert_that_fails_is_not_told_of(host: Host, send: Send) -> None:
    send(**to("no@example.org"), notify=["no@example.org"])
    assert Alerts(host).sweep(utc_now()) == 1
    (alert,) = alerts(host)
    assert host.press.work(alert.id).state == "failed"
    assert Alerts(host).sweep(utc_now()) == 0
    assert len(alerts(host)) == 1


def test_a_report_that_cannot_be_made_is_told_in_its_language(host: Host, send: Send, mail_server: Any) -> None:
    dashboards = [{"uid": "YoX28w7R"}]
    send(dashboards=dashboards, deliveries=[{"channel": "archive"}], locale="zh", notify=["ann@example.org"])
    assert Alerts(host).sweep(utc_now()) == 1
    (alert,) = alerts(host)
    assert host.press.work(alert.id).state == "succeeded"
    mail = mail_server.received[-1].message
    assert mail["Subject"] == "部分失败：Weekly"
    text = mail.get_body(("plain",)).get_content()
    assert "出现的问题" in text
    # everybody has it, so there is nobody to send it to
    assert "pressroom runs retry" not in text


def test_a_definition_that_cannot_be_read_is_told_of_and_silences_no_other(
    host: Host, send: Send, workspace: Path
) -> None:
    send(key="2026-11-09T08:00:00+00:00", **to("no@example.org"))
    send(**to("no@example.org"))
    with host.store.sessions.write() as session:
        session.connection().exec_driver_sql("UPDATE runs SET snapshot = '{}' WHERE id = (SELECT min(id) FROM runs)")
    settings = (workspace / "pressroom.toml").read_text()
    (workspace / "pressroom.toml").write_text(f'{settings}\n[alerts]\nto = ["staff@example.org"]\n')
    with Host.open(workspace) as told:
        assert Alerts(told).sweep(utc_now()) == 2
        assert [run.title for run in alerts(told)] == ["Failed: Weekly", "Failed: Weekly"]

"""All of the example in one workspace: what a site would write, and what comes of it."""

from __future__ import annotations

import mailbox
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from xml.etree import ElementTree

import pytest

from pressroom.testing import Workspace
from pressroom_example.easter import easter

SETTINGS = """
[sources.web]
type = "access-log"
path = "logs/access.log*"
[channels.box]
type = "maildir"
[calendars.easter]
type = "easter"
days = ["easter-monday", "whit-monday"]
[scheduler]
type = "pool"
threads = 1
"""
DEFINITIONS = """
dashboards:
  - uid: web
    name: Web site
    time_range: {from: "2013-01-01", to: "2013-02-01"}
    charts:
      - {uid: errors, name: Errors, type: table, source: web, query: "status=5??"}
      - uid: departures
        name: Departures
        type: day-grid
        source: flights
        interval: 1d
        query: |
          SELECT $__timeGroup(day) AS time, sum(departures) AS departures FROM departures
          WHERE $__timeFilter(day) GROUP BY 1
reports:
  - uid: web
    name: Web site
    dashboards: [{uid: web}]
    formats: [atom, pdf]
    schedule: {frequency: daily, start: "2026-04-05T08:00:00Z", calendar: easter}
    deliveries: [{channel: box, to: [ops@example.org]}]
"""
LINE = '203.0.113.7 - - [{:02d}/Jan/2013:08:00:00 +0000] "GET /{} HTTP/1.1" {} 512 "-" "curl/8"\n'


@pytest.fixture
def site(pressroom_workspace: Workspace) -> Workspace:
    logs = pressroom_workspace.folder / "logs"
    logs.mkdir()
    (logs / "access.log").write_text(LINE.format(3, "ok", 200) + LINE.format(4, "broken", 500), encoding="utf-8")
    (logs / "access.log.1").write_text(LINE.format(2, "older", 502), encoding="utf-8")
    pressroom_workspace.configure(SETTINGS)
    pressroom_workspace.apply(DEFINITIONS)
    return pressroom_workspace


def test_a_report_goes_through_all_of_them(site: Workspace) -> None:
    run = site.send("web")
    assert (run.state, run.deliveries[0].state) == ("succeeded", "sent")
    (key,) = (box := mailbox.Maildir(site.folder / "Maildir")).keys()
    mail = message_from_bytes(box.get_bytes(key), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert mail["To"] == "ops@example.org"
    files = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    assert set(files) == {"Web site.atom", "Web site.pdf"}
    feed = ElementTree.fromstring(files["Web site.atom"])
    words = " ".join(feed.itertext())
    assert "/broken" in words
    assert "/older" in words
    assert "/ok" not in words


def test_the_next_report_is_not_on_easter_monday(site: Workspace) -> None:
    host = site.host
    report = host.store.project("default").reports.get("web").value
    recurrence = host.recurrence(report, "default")
    assert recurrence.start is not None
    following = recurrence.next_after(recurrence.start)
    assert following is not None
    assert following.date() == date(2026, 4, 7)


@pytest.mark.parametrize(("year", "day"), [(1961, "1961-04-02"), (2000, "2000-04-23"), (2038, "2038-04-25")])
def test_easter(year: int, day: str) -> None:
    assert easter(year) == date.fromisoformat(day)

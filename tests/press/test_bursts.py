"""Recipients from a query: each gets what was made for their own values, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pressroom import DeliveryError, Handover, Host, Job, Message, Outcome, Receipt, Recipient, Report, Run
from pressroom.models.runs import RunState
from servers.ledger_view import states

pytestmark = pytest.mark.usefixtures("dashboard")
MakeReport = Callable[..., Report]
PEOPLE = """email,city
ann@e.org,城市
bob@e.org,Oslo
cleo@e.org,城市
ann@e.org,城市
ANN@e.org,Oslo
"""


@pytest.fixture
def people(tmp_path: Path, host: Host) -> Callable[[str], None]:
    """Writes who gets the report into a table of the source `shop`."""

    def write(rows: str) -> None:
        (tmp_path / "people.csv").write_text(rows)

    write(PEOPLE)
    return write


@pytest.fixture
def burst(make_report: MakeReport) -> Callable[..., Report]:
    """A report for everybody in the table `people`, each with their city."""

    def make(query: str = "SELECT email, city FROM people", channel: str = "script", **more: Any) -> Report:
        recipients = {"source": "shop", "query": query, "address": "email", "variables": {"city": "city"}}
        return make_report(**{"deliveries": [{"channel": channel, "recipients": recipients}], **more})

    return make


def send(host: Host, report: Report, key: str = "1") -> Run:
    run = host.press.plan("default", report, report_id=None, kind="adhoc", key=key)
    return host.press.work(run.id)


def content(message: Message) -> str:
    """The table in a message."""
    return (message.folder / message.documents[0].path).read_text(encoding="utf-8-sig")


def test_each_gets_their_own_documents_and_each_set_is_made_once(
    host: Host, burst: Callable[..., Report], people: Any, script: Any
) -> None:
    run = send(host, burst())
    assert run.state is RunState.succeeded
    assert len(run.deliveries) == 4

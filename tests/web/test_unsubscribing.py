"""The way out of a report: the header, the page, what becomes of the next mail."""

from __future__ import annotations

import httpx
import pytest

from pressroom import Run
from servers.mailing_site import BASE, Site
from servers.results_server import PROJECT

TO = "Anna <Anna@example.org>"


def states(run: Run) -> dict[str, str]:
    return {delivery.recipient: str(delivery.state) for delivery in run.deliveries}


def way_out(site: Site) -> str:
    header = site.last()["List-Unsubscribe"]
    assert header.startswith(f"<{BASE}/unsubscribe?key=")
    assert header.endswith(">")
    return str(header).strip("<>").removeprefix(BASE)


@pytest.fixture(scope="module")
def path(site: Site) -> str:
    """Anna's way out of the report `out`, as its mail's header has it."""
    site.send(site.save(uid="out", deliveries=[{"channel": "email", "to": [TO, "ben@example.org"]}]))
    return way_out_of(site, "Anna@example.org")


def way_out_of(site: Site, address: str) -> str:
    for received in reversed(site.mail.received):
        if address in received.recipients:
            header = str(received.message["List-Unsubscribe"])
            return header.strip("<>").removeprefix(BASE)
    raise AssertionError(f"no mail to {address}")


def test_each_recipient_has_a_way_out_of_their_own(site: Site, path: str) -> None:
    assert site.last()["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert way_out_of(site, "ben@example.org") != path
    assert f"{BASE}{way_out_of(site, 'ben@example.org')}" in site.read()


def test_looking_changes_nothing(site: Site, path: str) -> None:
    answer = site.stranger.get(path)
    assert answer.status_code == 200
    assert "Weekly &lt;b&gt;&amp;&lt;/b&gt; more" in answer.text
    assert "Anna &lt;Anna@example.org&gt;" in answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert "script" not in answer.text
    assert site.host.store.project(PROJECT).unsubscriptions.list("out") == []


def test_one_click_and_back(site: Site, path: str) -> None:
    # as a mail provider does it: no cookie, no header of a browser, and the body that RFC 8058 names
    with httpx.Client(base_url=site.url) as provider:
        answer = provider.post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        multipart = provider.post(path, files={"List-Unsubscribe": (None, "One-Click")})
    assert multipart.status_code == 200
    assert "Send it to me again" in multipart.text

    report = site.host.store.project(PROJECT).reports.get("out").value
    run = site.send(report, key="2")
    assert states(run) == {TO: "skipped", "ben@example.org": "sent"}
    assert str(run.state) == "succeeded"
    answer_ = next(each.answer for each in run.deliveries if each.state == "skipped")
    assert answer_.startswith("unsubscribed on 20")
    assert answer_.endswith(f"pressroom reports resubscribe out anna@example.org --project {PROJECT}")

    again = site.stranger.post(path.replace("/unsubscribe", "/resubscribe"))
    assert again.status_code == 200
    assert states(site.send(report, key="3"))[TO] == "sent"
    entries = [(each.actor, each.action) for each in site.host.audit.list(PROJECT) if "subscribe" in each.action]
    assert entries[:2] == [("anna@example.org", "reports:resubscribe"), ("anna@example.org", "reports:unsubscribe")]
    assert len(entries) == 2


def test_the_same_person_however_the_address_is_written(site: Site) -> None:
    kept = site.host.store.project(PROJECT).unsubscriptions
    kept.add("spelt", "ANNA@Example.ORG")
    report = site.save(uid="spelt", deliveries=[{"channel": "email", "to": [TO], "cc": ["ben@example.org"]}])
    assert states(site.send(report)) == {TO: "skipped", "ben@example.org": "sent"}
    other = site.save(uid="other", deliveries=[{"channel": "email", "to": [TO]}])
    assert states(site.send(other)) == {TO: "sent"}


def test_one_mail_for_all_has_no_way_out_but_leaves_out_who_took_one(site: Site) -> None:
    site.host.store.project(PROJECT).unsubscriptions.add("all", "anna@example.org")
    delivery = {"channel": "email", "to": [TO, "ben@example.org", "cid@example.org"], "together": True}
    run = site.send(site.save(uid="all", deliveries=[delivery]))
    assert states(run) == {TO: "skipped", "ben@example.org": "sent", "cid@example.org": "sent"}
    assert site.last()["List-Unsubscribe"] is None
    assert site.mail.received[-1].recipients == ("ben@example.org", "cid@example.org")


def test_a_test_goes_to_whom_it_names(site: Site) -> None:
    report = site.save(uid="tried", deliveries=[{"channel": "email", "to": [TO]}])
    site.host.store.project(PROJECT).unsubscriptions.add("tried", TO)
    run = site.send(report, kind="test")
    assert states(run) == {TO: "sent"}
    assert site.last()["List-Unsubscribe"] is None


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("page", ["/unsubscribe", "/resubscribe"])
def test_other_keys_do_nothing(site: Site, path: str, page: str, method: str) -> None:
    good = path.partition("key=")[2]
    for key in ("", good[:-1], good[1:], f"{good}x", "%00%0d%0a", "A" * 9000):
        answer = site.stranger.request(method, f"{page}?key={key}")
        assert answer.status_code == (405 if (page, method) == ("/resubscribe", "GET") else 404), key
    (download,) = set(site.links("/files"))
    assert site.stranger.post(f"{page}?key={download.partition('key=')[2]}").status_code == 404


def test_a_report_that_is_deleted_can_be_left_as_well(site: Site) -> None:
    site.send(site.save(uid="dead", deliveries=[{"channel": "email", "to": ["ben@example.org"]}]))
    path = way_out(site)
    site.host.store.project(PROJECT).reports.delete("dead")
    assert site.stranger.get(path).status_code == 200
    assert site.stranger.post(path).status_code == 200
    assert [each.address for each in site.host.store.project(PROJECT).unsubscriptions.list("dead")]

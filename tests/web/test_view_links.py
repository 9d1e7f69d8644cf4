"""Links from mails to dashboards: for who may see them, or, where that is allowed, for whoever has the link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from pressroom.links import View
from servers.mailing_site import Site, mailing_site
from servers.results_server import PROJECT


@pytest.fixture(scope="module")
def path(site: Site) -> str:
    """The link of a mail, as a path."""
    report = site.save(
        uid="views",
        dashboards=[{"uid": "good0001", "time_range": {"from": "2016-05-02", "to": "2016-05-04"}}],
        deliveries=[{"channel": "email", "to": ["anna@example.org"]}],
    )
    site.send(report)
    (found,) = site.links("/d/")
    return found


def test_it_shows_the_range_of_the_report_to_whoever_has_it(site: Site, path: str) -> None:
    query = parse_qs(urlsplit(path).query)
    assert (query["from"], query["to"]) == (["1462118400000"], ["1462291200000"])
    answer = site.stranger.get(path)
    assert answer.status_code == 200, answer.text
    assert "2 May 2016 – 3 May 2016" in answer.text
    assert "Shown by a link" in answer.text
    # nothing that could be chosen would be allowed
    assert "<form" not in answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from=1462118400000", "from=1462032000000"),
        ("to=1462291200000", "to=now"),
        ("from=1462118400000&to=1462291200000&", ""),
        ("&key=", "&var-city=Paris&key="),
        ("/good0001", "/YoX28w7R"),
        (f"/d/{PROJECT}", "/d/default"),
        ("key=", "key=x"),
        ("key=", "nokey="),
    ],
)
def test_nothing_else_is_shown(site: Site, path: str, old: str, new: str) -> None:
    assert old in path
    answer = site.stranger.get(path.replace(old, new))
    assert answer.status_code == 303
    place = answer.headers["location"]
    assert place.startswith("/sign-in?to=%2Fd%2F")
    # what one is led back to has no key, so that nothing on the way sees it again
    assert "key%3D" not in place.replace("nokey%3D", "")


def test_keys_of_other_things_are_worth_nothing(site: Site, path: str) -> None:
    before = path.partition("key=")[0]
    keys = [site.links("/files")[0].partition("key=")[2], "", "A" * 6000]
    session = site.host.links.signer.sign("session", ["ann", "x"], None)
    for key in (*keys, session):
        assert site.stranger.get(f"{before}key={key}").status_code == 303


def test_a_link_that_has_ended_leads_to_the_form_that_says_so(site: Site, path: str) -> None:
    signer = site.host.links.signer
    digest = signer.read("view", path.partition("key=")[2])
    old = signer.sign("view", digest, signer.now() - timedelta(seconds=1))
    answer = site.stranger.get(f"{path.partition('key=')[0]}key={old}", follow_redirects=True)
    assert answer.url.path == "/sign-in"
    assert "This link has ended" in answer.text
    program = httpx.get(f"{site.url}{path.partition('key=')[0]}key={old}")
    assert program.status_code == 401


def test_the_path_says_everything_that_is_signed() -> None:
    view = View("p/1", "u?", "1", "2", {"a&b": ["x y", "城"], "c": ["$__all"]})
    assert view.path() == "/d/p%2F1/u%3F?from=1&to=2&var-a%26b=x+y&var-a%26b=%E5%9F%8E&var-c=%24__all"
    same = View("p/1", "u?", "1", "2", {"c": ["$__all"], "a&b": ["x y", "城"]})
    assert same.digest() == view.digest()
    others = [
        View("p/1", "u?", "1", "2", {"a&b": ["城", "x y"], "c": ["$__all"]}),
        View("p/1", "u?", "12", "", {"a&b": ["x y", "城"], "c": ["$__all"]}),
        View("p/1", "u?", "1", "2", {"a&b": ["x y"], "c": ["$__all"]}),
    ]
    assert len({view.digest(), *(each.digest() for each in others)}) == 4


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same without public links, and without an address that begins with https."""
    server = '[server]\npublic_url = "http://reports.example.org"\n'
    with mailing_site(tmp_path_factory.mktemp("closed") / "w", server) as found:
        yield found


def test_without_public_links_a_link_has_no_key_and_old_keys_are_no_good(closed: Site) -> None:
    closed.send(closed.save(deliveries=[{"channel": "email", "to": ["anna@example.org"]}]))
    (path,) = re.findall(r"http://reports.example.org(/d/\S*)", closed.read())
    assert "key=" not in path
    assert closed.last()["List-Unsubscribe"] is None
    query = parse_qs(urlsplit(path).query)
    view = View(PROJECT, "good0001", query["from"][0], query["to"][0], {})
    key = closed.host.links.signer.sign("view", view.digest(), None)
    assert closed.stranger.get(f"{path}&key={key}").status_code == 303


def test_without_an_address_there_are_no_links_and_the_run_says_why(tmp_path_factory: pytest.TempPathFactory) -> None:
    with mailing_site(tmp_path_factory.mktemp("bare") / "w", "") as bare:
        run = bare.send(bare.save(deliveries=[{"channel": "email", "to": ["anna@example.org"]}]))
        said = bare.read()
        assert "http" not in said.replace("https://pressroom.example.org/", "")
        assert "ask whoever sends you this report" in said
        assert any("there are none" in warning for warning in run.warnings)
        assert bare.last()["List-Unsubscribe"] is None

"""Signing in to see a page: the form, the cookie, and what it is not good for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from servers.mailing_site import Site
from servers.results_server import ADMIN, PROJECT

PAGE = f"/d/{PROJECT}/good0001"
PASSWORD = "a long password"


@pytest.fixture(scope="module", autouse=True)
def users(site: Site) -> None:
    site.host.access.create_user(ADMIN, "ann", PASSWORD, role="viewer", project=PROJECT)
    site.host.access.create_user(ADMIN, "other", PASSWORD, role="viewer", project="default")


@pytest.fixture
def browser(site: Site) -> Iterator[httpx.Client]:
    """A browser with cookies of its own, reaching the server by https as its cookies demand."""
    with httpx.Client(base_url=site.url, headers={"Accept": "text/html"}, timeout=60) as client:
        yield client


def enter(browser: httpx.Client, login: str = "ann", password: str = PASSWORD, **more: str) -> httpx.Response:
    answer = browser.post("/sign-in", data={"login": login, "password": password, **more})
    # a real browser sends a `Secure` cookie by https only; this one speaks http to what stands behind the proxy
    for name, morsel in SimpleCookie(answer.headers.get("set-cookie", "")).items():
        browser.cookies.set(name, morsel.value)
    return answer


def test_who_is_not_known_is_led_to_the_form_and_back(browser: httpx.Client) -> None:
    wanted = f"{PAGE}?from=2016-05-02&to=2016-05-03&var-x=a%20b"
    led = browser.get(wanted)
    assert led.status_code == 303
    place = urlsplit(led.headers["location"])
    assert (place.scheme, place.netloc, place.path) == ("", "", "/sign-in")
    assert parse_qs(place.query) == {"to": [wanted]}
    form = browser.get(led.headers["location"])
    assert form.status_code == 200
    assert f'name="to" value="{wanted.replace("&", "&amp;")}"' in form.text
    assert "form-action 'self'" in form.headers["content-security-policy"]
    assert form.headers["cache-control"] == "private, no-store"
    done = enter(browser, to=wanted)
    assert (done.status_code, done.headers["location"]) == (303, wanted)
    page = browser.get(PAGE)
    assert page.status_code == 200
    assert "Sign out" in page.text


def test_the_cookie_is_for_pages_and_for_no_script(browser: httpx.Client) -> None:
    cookie = SimpleCookie(enter(browser).headers["set-cookie"])["pressroom_session"]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "lax"
    assert cookie["path"] == "/d"
    assert 0 < int(cookie["max-age"]) <= timedelta(hours=12).total_seconds()
    # where it is sent elsewhere after all, it opens nothing
    for path in (f"/projects/{PROJECT}/dashboards", "/api/reports", "/api/v1/projects"):
        answer = browser.get(path)
        assert answer.status_code in (401, 404), path


def test_a_wrong_password_says_nothing_of_which_was_wrong(site: Site, browser: httpx.Client) -> None:
    answers = [enter(browser, "ann", "not the password"), enter(browser, "nobody", PASSWORD)]
    for answer in answers:
        assert answer.status_code == 401
        assert "name or the password is wrong" in answer.text
        assert "set-cookie" not in answer.headers
    assert answers[0].text.replace("ann", "nobody") == answers[1].text
    assert any(each.action == "sign-in" and each.actor == "ann" for each in site.host.audit.list(limit=20))


def test_who_guesses_is_slowed_down_as_everywhere(site: Site) -> None:
    slowing = site.host.access._slowing
    for _ in range(9):
        slowing.failed("user:slow", "127.0.0.1")
    assert site.host.access.password_turn("slow", "127.0.0.1") > 0
    for _ in range(9):
        try:
            site.host.access.password_turn("slow", "127.0.0.1")
        except Exception:
            break
    answer = site.stranger.post("/sign-in", data={"login": "slow", "password": "guess"})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert "Too many attempts" in answer.text


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example/d/x",
        "/\\evil.example",
        "/d\\..\\evil",
        "\\/\\/evil.example",
        "/d/../\r\nSet-Cookie: a=b",
        "/d/x\ty",
        "javascript:alert(1)",
        "d/x",
        "/sign-out",
        "/d/" + "x" * 9000,
        "/d/城",
        '/d/"><script>alert(1)</script>',
        " /d/x",
    ],
)
def test_it_leads_to_our_pages_only(browser: httpx.Client, to: str) -> None:
    form = browser.get("/sign-in", params={"to": to})
    assert form.status_code == 200
    assert 'name="to"' not in form.text
    assert "<script" not in form.text
    done = enter(browser, to=to)
    assert (done.status_code, done.headers["location"]) == (303, "/d")


def test_names_stay_text(browser: httpx.Client) -> None:
    answer = enter(browser, '"><img src=x onerror=alert(1)>', "x")
    assert answer.status_code == 401
    assert "<img" not in answer.text


@pytest.mark.parametrize("body", [b"", b"login", b"\xff\xfe=\x00", b"a=b&" * 5000, b'{"login": "ann"}', b"login=ann"])
def test_a_body_that_is_no_form_is_a_wrong_password(browser: httpx.Client, body: bytes) -> None:
    assert browser.post("/sign-in", content=body).status_code == 401


def test_another_site_cannot_sign_somebody_in(browser: httpx.Client) -> None:
    data = {"login": "ann", "password": PASSWORD}
    for origin in ("cross-site", "same-site"):
        answer = browser.post("/sign-in", data=data, headers={"Sec-Fetch-Site": origin})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    assert browser.post("/sign-in", data=data, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_signing_out_forgets_the_cookie(browser: httpx.Client) -> None:
    enter(browser)
    out = browser.post("/sign-out")
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    cookie = SimpleCookie(out.headers["set-cookie"])["pressroom_session"]
    assert (cookie.value, cookie["path"], cookie["max-age"]) == ("", "/d", "0")


def test_a_session_ends_with_the_password_and_with_the_user(site: Site, browser: httpx.Client) -> None:
    access = site.host.access
    access.create_user(ADMIN, "brief", PASSWORD, role="viewer", project=PROJECT)
    enter(browser, "brief")
    assert browser.get(PAGE).status_code == 200
    access.set_password(ADMIN, "brief", "another password")
    assert browser.get(PAGE).status_code == 303
    enter(browser, "brief", "another password")
    assert browser.get(PAGE).status_code == 200
    access.delete_user(ADMIN, "brief")
    assert browser.get(PAGE).status_code == 303


def test_other_cookies_are_nobody(site: Site, browser: httpx.Client) -> None:
    session, _ = site.host.access.start_session("ann")
    signer = site.host.links.signer
    past = signer.now() - timedelta(seconds=1)
    old = signer.sign("session", signer.read("session", session), past)
    forged = [
        signer.sign("view", ["ann", "x"], None),
        signer.sign("unsubscribe", signer.read("session", session), None),
    ]
    for value in ("", "x", session[:-1], old, *forged, "A" * 3000):
        answer = browser.get(PAGE, headers={"Cookie": f"pressroom_session={value}"})
        assert answer.status_code == 303, value
    assert browser.get(PAGE, headers={"Cookie": f"pressroom_session={session}"}).status_code == 200


def test_who_may_not_see_it_can_come_in_as_somebody_else(browser: httpx.Client) -> None:
    enter(browser, "other")
    answer = browser.get(PAGE)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert f'href="/sign-in?to={PAGE.replace("/", "%2F")}"' in answer.text


def test_a_browser_reads_what_was_wrong_with_a_range(browser: httpx.Client) -> None:
    enter(browser)
    answer = browser.get(f"{PAGE}?from=soon&to=<script>now")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "no moment" in answer.text
    assert "<script" not in answer.text


def test_the_form_speaks_the_readers_language(site: Site) -> None:
    assert "登录" in site.stranger.get("/sign-in", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).text
    for odd in ("xx", "*", "\u00e9", "a" * 5000, "../../etc", ""):
        headers = {"Accept-Language": odd.encode()}
        assert "Sign in" in site.stranger.get("/sign-in", headers=headers).text

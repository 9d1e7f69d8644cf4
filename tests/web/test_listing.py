"""The list of dashboards: what each reader finds on it, and how a browser gets there."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import httpx
import pytest

from pressroom.definitions import HostCatalogue, apply, check, load_text
from pressroom.locales import Locale
from pressroom_builtin.web.listing import LONGEST, Entry, Shelf, listing
from servers.results_server import ADMIN, PROJECT, Running

PASSWORD = "a long password"
BROWSER = {"Accept": "text/html"}
HOME = "https://reports.example.org"
MORE = """\
project: {uid: second, name: "A <i>first</i> name"}
dashboards:
  - {uid: board-b, name: banana}
  - {uid: board-a, name: Apple, description: "One line\\nand another"}
"""
PAGES = {"/d": "/d", "/d/{project}/{uid}": f"/d/{PROJECT}/good0001"}
"""Every page of the schema, with an example of it."""
POWERLESS = [("reports:read", "")]
CALLERS: dict[str, tuple[Callable[[Running], str], int]] = {
    "nobody": (lambda _: "", 401),
    "wrong": (lambda _: "prs_" + "x" * 43, 401),
    "ended": (lambda server: server.ended_token(), 401),
    "revoked": (lambda server: server.revoked_token(), 401),
    "powerless": (lambda server: server.token(role="", permissions=POWERLESS), 403),
    "viewer": (lambda server: server.token(), 200),
}
"""How each comes in, and what it is answered."""


class Read(HTMLParser):
    """Headings and links in their order, and all elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.lines: list[tuple[str, str]] = []
        self._open = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._open = dict(attrs).get("href") or tag

    def handle_data(self, data: str) -> None:
        if self._open == "h2" or self._open.startswith("/"):
            self.lines.append((self._open, data))
        self._open = ""


@pytest.fixture(scope="module", autouse=True)
def more(server: Running) -> None:
    apply(check(load_text(MORE), HostCatalogue(server.host)), server.host.store, by="pressroom")


@pytest.fixture(scope="module")
def entered(server: Running) -> httpx.Response:
    """The answer to a user who has just signed in, without saying where to go."""
    server.host.access.create_user(ADMIN, "<b>ann", PASSWORD, role="viewer", project="second")
    return httpx.post(f"{server.url}/sign-in", data={"login": "<b>ann", "password": PASSWORD})


def test_the_front_door_leads_people_to_the_list_and_programs_nowhere(server: Running) -> None:
    led = httpx.get(f"{server.url}/", headers=BROWSER)
    assert (led.status_code, led.headers["location"]) == (303, "/d")
    assert led.headers["cache-control"] == "private, no-store"
    told = httpx.get(f"{server.url}/")
    assert (told.status_code, told.headers["content-type"]) == (404, "application/problem+json")


def test_every_page_of_the_schema_has_an_example_here(server: Running) -> None:
    paths = server.client.get("/schema/openapi.json").json()["paths"]
    assert {path for path, item in paths.items() if "pages" in item.get("get", {}).get("tags", ())} == set(PAGES)


@pytest.mark.parametrize("who", CALLERS)
def test_who_may_see_pages(server: Running, who: str) -> None:
    secret, status = CALLERS[who]
    given = secret(server)
    headers = {"Authorization": f"Token {given}"} if given else {}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60, verify=False) as caller:
        answers = [caller.get(path) for path in PAGES.values()]
    assert [answer.status_code for answer in answers] == [status] * len(PAGES)


def test_who_is_not_signed_in_is_led_there_and_back(server: Running) -> None:
    for path in ("/d", "/d?key=x"):
        led = httpx.get(server.url + path, headers=BROWSER)
        assert (led.status_code, led.headers["location"].partition("&")[0]) == (303, "/sign-in?to=%2Fd")


def test_a_reader_of_all_projects_finds_them_by_name(server: Running) -> None:
    with server.signed_in(server.token(project="")) as caller:
        answer = caller.get("/d")
    read = Read(answer.text)
    assert read.lines[:4] == [
        ("h2", "A <i>first</i> name"),
        ("/d/second/board-a", "Apple"),
        ("/d/second/board-b", "banana"),
        ("h2", "Demo"),
    ]
    assert (f"/d/{PROJECT}/page0001", "<script>alert(1)</script> & Board") in read.lines
    assert "One line and another" in answer.text
    assert not read.tags & {"script", "i", "b", "img", "link"}
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-store"
    assert not re.findall(r"https?://", answer.text)


def test_others_find_their_own_only(server: Running) -> None:
    one = [("dashboards:read", "dashboards:uid:good0001")]
    with server.signed_in(server.token(role="", permissions=one)) as caller:
        lines = Read(caller.get("/d").text).lines
    assert [place for place, _ in lines] == ["h2", f"/d/{PROJECT}/good0001"]
    assert "second" not in server.client.get("/d").text


def test_a_session_leads_to_the_list_and_can_end(server: Running, entered: httpx.Response) -> None:
    assert (entered.status_code, entered.headers["location"]) == (303, "/d")
    cookie = entered.headers["set-cookie"].partition(";")[0]
    page = httpx.get(f"{server.url}/d", headers={**BROWSER, "Cookie": cookie})
    assert [place for place, _ in Read(page.text).lines] == ["h2", "/d/second/board-a", "/d/second/board-b"]
    assert "&lt;b&gt;ann" in page.text
    assert 'action="/sign-out"' in page.text


def test_who_has_no_dashboards_reads_how_to_add_one(server: Running) -> None:
    with server.signed_in(server.token(project="default")) as caller:
        page, chinese = (caller.get("/d", headers={"Accept-Language": tag}).text for tag in ("en", "zh-CN"))
    assert "To add one" in page
    assert "<code>pressroom apply " in page
    assert 'action="/sign-out"' not in page
    assert "运行" in chinese


def test_a_browser_sends_the_cookie_to_the_list_and_to_pages_alone(entered: httpx.Response) -> None:
    jar = httpx.Cookies()
    jar.extract_cookies(httpx.Response(303, headers=entered.headers, request=httpx.Request("POST", f"{HOME}/sign-in")))

    def sent(path: str) -> bool:
        request = httpx.Request("GET", HOME + path)
        jar.set_cookie_header(request)
        return "cookie" in request.headers

    assert [sent(path) for path in ("/d", "/d/", f"/d/{PROJECT}/good0001")] == [True] * 3
    assert [sent(path) for path in ("/", "/dashboards", "/sign-in", "/api/reports", "/schema")] == [False] * 5


def test_a_long_list_is_cut_and_says_so() -> None:
    boards = [Entry.of("p", f"uid{number}", f"Board {number}", "") for number in (3, 1, 2)]
    shelves = [Shelf("z", boards), Shelf("A", boards), Shelf("m", [])]
    cut = listing(shelves, Locale.of("en"), most=4).decode()
    assert [text for _, text in Read(cut).lines] == ["A", "Board 1", "Board 2", "Board 3", "z", "Board 1"]
    assert "2 more are not listed." in cut
    assert "not listed" not in listing(shelves, Locale.of("en"), most=6).decode()


def test_names_that_are_missing_or_endless_are_no_trouble() -> None:
    entry = Entry.of("p", "uid1", "", "long " * 20_000)
    assert (entry.name, len(entry.about) <= LONGEST, entry.about[-1]) == ("uid1", True, "…")

"""A dashboard's page, as a browser gets it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from pressroom import Report
from servers.results_server import ADMIN, PROJECT, Running

PAGE = f"/d/{PROJECT}/page0001"
PLAIN = f"/d/{PROJECT}/good0001"


class Read(HTMLParser):
    """Elements with their attributes, and the text outside of styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self._style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        if not self._style and data.strip():
            self.said.append(data.strip())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def html(server: Running) -> str:
    answer = server.client.get(PAGE)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.fixture(scope="module")
def read(html: str) -> Read:
    return Read(html)


def test_it_shows_names_numbers_the_range_and_what_was_chosen(read: Read) -> None:
    for said in ("<script>alert(1)</script> & Board", "Visits", "8,810", "By day", "Cities", "北京, 上海"):
        assert said in read.said
    assert any("May" in said and "2016" in said and "(Asia/Shanghai)" in said for said in read.said)


def test_panels_stand_on_the_grid_with_their_pictures_inside(read: Read) -> None:
    assert [each["style"] for each in read.all("section")][:4] == [
        "grid-area: 1 / 1 / span 4 / span 6",
        "grid-area: 1 / 7 / span 4 / span 6",
        "grid-area: 1 / 13 / span 4 / span 12",
        "grid-area: 5 / 1 / span 8 / span 12",
    ]
    # each in the light and in the dark theme
    assert len(read.all("svg")) == 4
    ids = [each["id"] for _, each in read.elements if "id" in each]
    assert len(ids) == len(set(ids))


def test_a_table_shows_its_first_rows_and_how_many_there_are(read: Read) -> None:
    cells = [said for said in read.said if said.startswith("<td>")]
    assert cells == [f"<td>{number}" for number in range(1233, 1033, -1)]
    assert "1,233,000" in read.said
    assert "first 200 of 1,234 rows" in read.said
    assert "No data" in read.said


def test_hostile_text_stays_text(html: str, read: Read) -> None:
    names = {tag for tag, _ in read.elements}
    assert not names & {"script", "img", "image", "u", "i", "iframe", "link"}
    assert all(each["href"].startswith("?") for each in read.all("a") if each["href"])
    assert "<b>bold" not in html
    assert {"<b>bold</b>", "<i>City</i>", "<img src=x onerror=alert(2)>"} <= set(read.said)
    assert not [name for _, each in read.elements for name in each if name.startswith("on")]
    assert "\x1b" not in html


def test_nothing_is_loaded_from_anywhere(server: Running, html: str) -> None:
    policy = server.client.get(PLAIN).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "img-src" not in policy
    addresses = set(re.findall(r"""(?:https?:)?//[^\s"'<>)]+""", html))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "@import" not in html


def test_a_viewer_sees_that_a_query_failed_and_an_editor_why(server: Running, html: str) -> None:
    assert "the query failed" in html
    assert "nonsense_column" not in html
    with server.signed_in(server.token("editor")) as editor:
        assert "nonsense_column" in editor.get(PAGE).text


def test_range_and_variables_can_be_chosen(server: Running) -> None:
    def shown(**params: str | list[str]) -> str:
        answer = server.client.get(PAGE, params=params)
        assert answer.status_code == 200, answer.text
        return answer.text

    assert "<b>8,805</b>" in shown(**{"var-city": "上海"})
    assert "<b>8,810</b>" in shown(**{"var-city": ["上海", "北京"]})
    assert "<b>8,808</b>" in shown(**{"from": "2016-05-02", "to": "2016-05-03"})
    assert "no variable" in shown(**{"var-<script>": "x"})


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"from": "2016-05-02"}, "go together"),
        ({"from": "soon", "to": "now"}, "no moment"),
        ({"from": "2016-05-03", "to": "2016-05-02"}, "is empty"),
    ],
)
def test_a_range_that_cannot_be_is_400(server: Running, params: dict[str, str], said: str) -> None:
    answer = server.client.get(PLAIN, params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert said in answer.text


@pytest.mark.parametrize("path", [PAGE, f"/d/{PROJECT}/nothing1", "/d/invented/page0001"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Token wrong"}], ids=["nothing", "wrong"])
def test_who_is_not_known_is_asked_for_a_password(server: Running, path: str, headers: dict[str, str]) -> None:
    answer = httpx.get(server.url + path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")


def test_a_user_comes_in_with_a_password(server: Running) -> None:
    server.host.access.create_user(ADMIN, "ann", "a long password", role="viewer", project=PROJECT)
    answer = httpx.get(server.url + PLAIN, auth=("ann", "a long password"), timeout=60)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "no-store" in answer.headers["cache-control"]


def test_another_project_does_not_exist(server: Running) -> None:
    with server.signed_in(server.token(project="default")) as stranger:
        answer, invented = stranger.get(PAGE), stranger.get("/d/invented/page0001")
        own = stranger.get("/d/default/page0001")
    assert answer.status_code == invented.status_code == own.status_code == 404
    assert answer.json()["detail"].replace(PROJECT, "") == invented.json()["detail"].replace("invented", "")


@pytest.mark.parametrize("uid", ["nothing1", "a%20b", "x" * 300])
def test_a_dashboard_that_is_not_there_is_404(server: Running, uid: str) -> None:
    assert server.client.get(f"/d/{PROJECT}/{uid}").status_code == 404


def test_a_role_that_may_not_read_dashboards_is_refused(server: Running) -> None:
    with server.signed_in(server.token(role="", permissions=[("reports:read", "")])) as powerless:
        answer = powerless.get(PAGE)
    assert answer.status_code == 403
    assert "dashboards:read" in answer.text


def test_a_permission_for_one_dashboard_shows_that_one(server: Running) -> None:
    one = [("dashboards:read", "dashboards:uid:good0001")]
    with server.signed_in(server.token(role="", permissions=one)) as client:
        assert (client.get(PLAIN).status_code, client.get(PAGE).status_code) == (200, 403)


def test_the_documented_address_leads_to_the_page(server: Running) -> None:
    answer = httpx.get(f"{server.url}/admin/projects/{PROJECT}/dashboard/page0001")
    assert (answer.status_code, answer.headers["location"]) == (302, PAGE)
    assert server.client.get(answer.headers["location"]).status_code == 200
    odd = httpx.get(f"{server.url}/admin/projects/%0d%0aX:%20y/dashboard/%3fa=b%23")
    assert odd.headers["location"] == "/d/%0D%0AX%3A%20y/%3Fa%3Db%23"
    assert "x" not in odd.headers


def test_a_report_links_to_the_page(server: Running, tmp_path: Path) -> None:
    report = Report.model_validate({"name": "r", "dashboards": [{"uid": "good0001"}], "dashboard_links": True})
    preview = server.host.press.preview(PROJECT, report, tmp_path, formats=[])
    assert preview.edition.sections[0].url == (
        f"https://reports.example.org{PLAIN}?from=1462118400000&to=1462464000000"
    )


def test_another_range_is_chosen_without_scripts(server: Running) -> None:
    chosen = {"from": "2016-05-02", "to": "2016-05-04", "var-city": ["上海", "北京"]}
    answer = server.client.get(PAGE, params=chosen)
    read = Read(answer.text)
    fields = [(each["name"], each["value"]) for each in read.all("input")]
    assert fields == [
        ("from", "2016-05-02T00:00"),
        ("to", "2016-05-04T00:00"),
        ("var-city", "上海"),
        ("var-city", "北京"),
    ]
    # what a browser sends when the form is sent as it is
    again = server.client.get(PAGE, params=fields)
    assert Read(again.text).said == read.said
    usual = [each["href"] or "" for each in read.all("a")]
    assert len(usual) == 9
    assert all(each.count("var-city=") == 2 for each in usual)
    assert server.client.get(f"{PAGE}{usual[2]}").status_code == 200
    here = server.client.get(PAGE, params={"from": "now-7d", "to": "now"})
    assert [each["href"] for each in Read(here.text).all("a") if "aria-current" in each] == ["?from=now-7d&to=now"]

"""Who may do what: every route of the API against every kind of caller; a new route must have a line here."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from PIL import Image

from pressroom.access.principals import ADMIN as PERMISSIONS, ROLES
from servers.reporting_client import Contract
from servers.reporting_server import ADMIN, BODY, OTHER, PROJECT, Reports

CHOSEN = json.dumps(BODY["dashboards"])


@dataclass(frozen=True)
class Rule:
    """What a route needs.

    Attributes:
        permission: the action.
        scoped: whether it may be given for one report.
        boards: whether the report's dashboards must be readable as well.
        request: what to send, with `{id}` in texts for a report's id.
    """

    permission: str
    scoped: bool = False
    boards: bool = False
    request: dict[str, Any] = field(default_factory=dict)


RULES = {
    ("GET", "/api/reports"): Rule("reports:read"),
    ("POST", "/api/reports"): Rule("reports:create", boards=True, request={"json": BODY}),
    ("GET", "/api/reports/{id}"): Rule("reports:read", scoped=True, boards=True),
    ("PUT", "/api/reports/{id}"): Rule("reports:write", scoped=True, boards=True, request={"json": BODY}),
    ("DELETE", "/api/reports/{id}"): Rule("reports:delete", scoped=True),
    ("GET", "/api/reports/dashboards/{uid}"): Rule("reports:read"),
    ("POST", "/api/reports/email"): Rule(
        "reports:send", scoped=True, boards=True, request={"json": {"id": "{id}", "emails": "a@example.org"}}
    ),
    ("POST", "/api/reports/test-email"): Rule(
        "reports:send", boards=True, request={"json": BODY | {"formats": ["csv"]}}
    ),
    ("GET", "/api/reports/settings"): Rule("reports.settings:read"),
    ("POST", "/api/reports/settings"): Rule("reports.settings:write", request={"json": {}}),
    ("GET", "/api/reports/images/{image}"): Rule("reports.settings:read"),
    ("GET", "/api/reports/render/pdfs"): Rule("dashboards:read", request={"params": {"dashboards": CHOSEN}}),
    ("GET", "/api/reports/render/csvs"): Rule("dashboards:read", request={"params": {"dashboards": CHOSEN}}),
}
ROUTES = list(RULES)
SLOW = {"email", "test-email", "render"}
TESTED = pytest.mark.parametrize("route", ROUTES, ids=[" ".join(route) for route in ROUTES])


def test_every_route_has_a_line_here(reports: Reports) -> None:
    paths = reports.client.get("/schema/openapi.json").json()["paths"]
    there = {
        (method.upper(), path)
        for path, item in paths.items()
        for method, operation in item.items()
        if "reporting" in operation.get("tags", ())
    }
    assert there == set(RULES)


def test_a_refusal_is_in_the_audit_log(reports: Reports) -> None:
    with reports.signed_in(reports.token("viewer")) as client:
        client.post("/api/reports", json=BODY)
    entries = reports.host.audit.list()
    assert ("reports:create", "/api/reports", True) in {
        (entry.action, entry.target, entry.detail.get("refused", False)) for entry in entries
    }


def test_a_user_signs_in_with_a_password(reports: Reports) -> None:
    reports.host.access.create_user(ADMIN, "bob", "a long password", role="viewer", project=PROJECT)
    for password, status in (("a long password", 200), ("another one", 401)):
        with Contract(base_url=reports.url, auth=("bob", password), timeout=60) as bob:
            assert bob.get("/api/reports").status_code == status


@pytest.fixture(scope="module")
def image(reports: Reports) -> str:
    out = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(out, "PNG")
    assert reports.client.post("/api/reports/settings", files={"reportLogo": out.getvalue()}).is_success
    url: str = reports.client.get("/api/reports/settings").json()["branding"]["reportLogoUrl"]
    return url.rpartition("/")[2]


@pytest.fixture
def ask(reports: Reports, image: str) -> Any:
    """Sends a route's request about a new report, whose id it takes."""

    def send(client: httpx.Client, route: tuple[str, str], number: int) -> httpx.Response:
        method, path = route
        path = path.replace("{id}", str(number)).replace("{uid}", "good0001").replace("{image}", image)
        return client.request(method, path, **json.loads(json.dumps(RULES[route].request).replace("{id}", str(number))))

    return send


def holder(reports: Reports, *grants: tuple[str, str]) -> httpx.Client:
    return reports.signed_in(reports.token("", permissions=list(grants)))


@TESTED
def test_who_is_not_known_gets_401(reports: Reports, ask: Any, route: tuple[str, str]) -> None:
    number = reports.create()
    for headers in ({}, {"Authorization": "Bearer prs_" + "x" * 43}):
        with httpx.Client(base_url=reports.url, headers=headers, timeout=60) as client:
            answer = ask(client, route, number)
        assert answer.status_code == 401
        assert answer.json()["message"] == "Unauthorized"
        assert set(answer.json()) == {"message", "messageId", "statusCode", "traceID"}


@TESTED
def test_what_is_lacking_is_named(reports: Reports, ask: Any, route: tuple[str, str]) -> None:
    rule, number = RULES[route], reports.create(formats=["csv"])
    with holder(reports, *((each, "") for each in PERMISSIONS - {rule.permission})) as client:
        answer = ask(client, route, number)
        assert answer.status_code == 403
        assert answer.json()["message"].endswith(f"Permissions needed: {rule.permission}")
    if rule.boards:
        with holder(reports, *((each, "") for each in PERMISSIONS - {"dashboards:read"})) as client:
            answer = ask(client, route, number)
            assert answer.status_code == 403
            assert "the dashboard good0001" in answer.json()["message"]
            assert answer.json()["message"].endswith("Permissions needed: dashboards:read")
    assert reports.get(number)["name"] == "Visits"


@TESTED
def test_what_is_needed_is_enough(reports: Reports, ask: Any, route: tuple[str, str]) -> None:
    rule, number = RULES[route], reports.create(formats=["csv"])
    boards = [("dashboards:read", "dashboards:uid:good0001")] if rule.boards or "render" in route[1] else []
    scopes = ["", "reports:*", "reports:id:*"] if rule.scoped else [""]
    if rule.scoped and route[0] != "DELETE":
        scopes += [f"reports:id:{number}", f"reports:{number}"]
    for scope in scopes if rule.permission != "dashboards:read" else [None]:
        number = reports.create() if route[0] == "DELETE" else number
        grants = boards if scope is None else [(rule.permission, scope), *boards]
        with holder(reports, *grants) as client:
            answer = ask(client, route, number)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("route", [route for route in ROUTES if RULES[route].scoped], ids=" ".join)
def test_a_permission_for_one_report_is_for_no_other(reports: Reports, ask: Any, route: tuple[str, str]) -> None:
    rule, (mine, other) = RULES[route], (reports.create(formats=["csv"]) for _ in range(2))
    with holder(reports, (rule.permission, f"reports:id:{mine}"), ("dashboards:read", "")) as client:
        assert ask(client, route, other).status_code == 403
        assert ask(client, route, mine).status_code == 200
    assert reports.get(other)["name"] == "Visits"


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_what_its_permissions_say(reports: Reports, ask: Any, role: str) -> None:
    with reports.signed_in(reports.token(role)) as client:
        for route, rule in RULES.items():
            granted = rule.permission in ROLES[role]
            # those that take long are seen to work above
            if not granted or not SLOW & set(route[1].split("/")):
                status = ask(client, route, reports.create()).status_code
                assert status == (200 if granted else 403), route


def test_lists_hold_what_the_caller_may_read(reports: Reports) -> None:
    one, two = reports.create(), reports.create(dashboards=[{"dashboard": {"uid": "vars0001"}}])
    board = ("dashboards:read", "")
    cases = (
        ([("reports:read", f"reports:id:{one}"), board], {one}),
        ([("reports:read", f"reports:id:{one}"), ("reports:read", f"reports:id:{two}"), board], {one, two}),
        ([("reports:read", ""), ("dashboards:read", "dashboards:uid:vars0001")], {two}),
        ([("reports:read", f"reports:id:{one}"), ("dashboards:read", "dashboards:uid:vars0001")], set()),
        ([("reports:read", "")], set()),
    )
    for grants, seen in cases:
        with holder(reports, *grants) as client:
            assert {item["id"] for item in client.get("/api/reports").json()} & {one, two} == seen
            shown = {item["id"] for item in client.get("/api/reports/dashboards/vars0001").json()}
            assert shown & {one, two} == seen - {one}


def test_a_dashboard_that_may_not_be_read_is_not_rendered(reports: Reports) -> None:
    with holder(reports, ("dashboards:read", "dashboards:uid:vars0001")) as client:
        for kind in ("pdfs", "csvs"):
            answer = client.get(f"/api/reports/render/{kind}", params={"dashboards": CHOSEN})
            assert answer.status_code == 403
            assert answer.json()["message"].endswith("Permissions needed: dashboards:read")


def test_another_organisation_s_settings_and_images_are_its_own(reports: Reports, image: str) -> None:
    with reports.signed_in(reports.token("admin", OTHER)) as theirs:
        assert theirs.get(f"/api/reports/images/{image}").status_code == 404
        assert theirs.get("/api/reports/settings").json()["branding"]["reportLogoUrl"] == ""

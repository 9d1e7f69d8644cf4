"""Every operation of the API has a command that gives the same answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from pressroom_cli.main import main
from servers.results_server import PROJECT, Running
from workspaces.visits import DAY, MAY_2

HOUR = 3_600_000
COMMANDS: dict[str, tuple[str, list[str]]] = {
    "/projects/{project}/dashboards.json": ("dashboards.json", ["dashboards", "list", "--json"]),
    "/projects/{project}/dashboards/{dashboard}.json": (
        "dashboards/YoX28w7R.json",
        ["dashboards", "show", "YoX28w7R", "--json"],
    ),
    "/projects/{project}/segmentations.json": ("segmentations.json", ["segments", "list", "--json"]),
    "/projects/{project}/segmentations/{segment}/users.csv": (
        "segmentations/s1aB2c3D/users.csv",
        ["segments", "users", "s1aB2c3D"],
    ),
    "/projects/{project}/rules.csv": ("rules.csv", ["rules", "list"]),
    **{
        f"{version}/projects/{{project}}/charts/{{chart}}.{form}": (
            f"{version}:charts/number01.{form}",
            ["charts", "data", "number01", "--format", form, *(["--v2"] if version else [])],
        )
        for version in ("", "/v2")
        for form in ("json", "csv", "ndjson")
    },
}
"""An example of every path, as in the tests of access, and its command; workbooks hold the moment they were made."""
PUBLIC = {"/auth/token", "/admin/projects/{project}/dashboard/{dashboard}"}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(server: Running, capfd: pytest.CaptureFixture[str]) -> Run:
    """Calls a command in the server's workspace: exit code, standard output, standard error."""
    config = str(server.host.workspace.file)

    def call(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main(["--config", config, *map(str, arguments), "--project", PROJECT])
        said = capfd.readouterr()
        return code, said.out, said.err

    return call


def test_every_path_has_an_entry_here(server: Running) -> None:
    paths = server.client.get("/schema/openapi.json").json()["paths"]
    mine = {path for path, item in paths.items() if any("results" in way.get("tags", ()) for way in item.values())}
    assert {path for path in mine - PUBLIC if not path.endswith(".xlsx")} == set(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_gives_the_answer_of_its_path(server: Running, command: Run, path: str) -> None:
    address, arguments = COMMANDS[path]
    version, _, rest = address.rpartition(":")
    asked = server.client.get(f"{version}/projects/{PROJECT}/{rest}")
    code, out, _ = command(*arguments)
    assert (code, asked.status_code) == (0, 200)
    if rest.endswith(".json"):
        assert json.loads(out) == asked.json()
    else:
        assert out.encode() == asked.content


def test_pages_are_the_same_on_the_command_line(server: Running, command: Run) -> None:
    limited: dict[str, Any] = {"limit": 5}
    first = server.client.get(server.path("charts/series01.json"), params=limited)
    code, out, err = command("charts", "data", "series01", "--limit", 5)
    assert (code, json.loads(out)["data"]) == (0, first.json()["data"])
    cursor = first.headers["X-Next-Cursor"]
    assert f"12 rows; the next ones: --limit 5 --cursor {cursor}" in err
    second = server.client.get(server.path("charts/series01.json"), params=limited | {"cursor": cursor})
    code, out, _ = command("charts", "data", "series01", "--limit", 5, "--cursor", cursor)
    assert (code, json.loads(out)["data"]) == (0, second.json()["data"])
    assert command("charts", "data", "series01", "--cursor", cursor)[0] == 2
    assert command("charts", "data", "series01", "--limit", 5, "--cursor", "5-00000000")[0] == 2


def test_warnings_are_said_on_the_command_line(server: Running, command: Run) -> None:
    asked = ["--start", MAY_2, "--end", MAY_2 + DAY - 1, "--interval", HOUR]
    code, out, err = command("charts", "data", "line0001", *asked)
    assert (code, json.loads(out)["data"][11]) == (0, [MAY_2 + 11 * HOUR, 5.0, 0.0, 0.0])
    assert re.search("warning: 0 because they exist per whole day only: 平均访问时长, Twice", err)
    assert "warning" not in command("charts", "data", "line0001", *asked, "--v2")[2]

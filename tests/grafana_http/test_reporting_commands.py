"""Each operation is a command too: the same answers with `--json`, and the same errors."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from pressroom_cli.main import main
from servers.reporting_server import BODY, PROJECT, Reports

QUICK = BODY | {"formats": ["csv"]}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(reports: Reports, capfd: pytest.CaptureFixture[str]) -> Run:
    """Calls a command over the server's workspace; gives status, output and errors."""

    def call(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        words = ["--config", str(reports.host.workspace.file), *map(str, arguments), "--project", PROJECT]
        code = main(words)
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def written(tmp_path: Path) -> Callable[[Any], Path]:
    """A file with a body."""

    def write(body: Any) -> Path:
        file = tmp_path / "body.json"
        file.write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")
        return file

    return write


def test_reading_answers_the_same(reports: Reports, run: Run) -> None:
    number = reports.create(schedule={"frequency": "daily"})
    uid = reports.get(number)["uid"]
    for words, path in (
        (["reports", "list"], ""),
        (["reports", "list", "--dashboard", "good0001"], "/dashboards/good0001"),
        (["reports", "show", uid], f"/{number}"),
        (["settings", "show"], "/settings"),
    ):
        code, out, _ = run(*words, "--json")
        assert code == 0
        assert json.loads(out) == reports.client.get(f"/api/reports{path}").json(), words


def test_changing_answers_the_same(reports: Reports, run: Run, written: Callable[[Any], Path]) -> None:
    code, out, _ = run("reports", "create", written(BODY), "--json")
    number = json.loads(out)["id"]
    assert (code, json.loads(out)) == (0, {"id": number, "message": "Report created"})
    _, out, _ = run("reports", "update", number, written(BODY | {"name": "Renamed"}), "--json")
    assert json.loads(out) == {"message": "Report updated"}
    assert reports.get(number)["name"] == "Renamed"
    _, out, _ = run("reports", "delete", number, "--json")
    assert json.loads(out) == {"message": "Report config was removed"}
    assert reports.client.get(f"/api/reports/{number}").status_code == 404


def test_sending_answers_the_same(reports: Reports, run: Run, written: Callable[[Any], Path]) -> None:
    number = reports.create(recipients="cli@example.org", formats=["csv"])
    before = len(reports.mail.received)
    for words in (("--key", "once"), ("--key", "once"), ("--to", "other@example.org")):
        code, out, _ = run("reports", "send", number, *words, "--json")
        assert (code, json.loads(out)) == (0, {"message": "Report was sent"})
    code, out, _ = run("reports", "test", written(QUICK | {"recipients": "test@example.org"}), "--json")
    assert (code, json.loads(out)) == (0, {"message": "Test email sent"})
    to = [mail.recipients[0] for mail in reports.mail.received[before:]]
    assert to == ["cli@example.org", "other@example.org", "test@example.org"]


def test_a_report_with_a_broken_panel_is_sent_and_said_to_be_so(
    reports: Reports, run: Run, written: Callable[[Any], Path]
) -> None:
    body = QUICK | {"dashboards": [{"dashboard": {"uid": "YoX28w7R"}}], "recipients": "broken@example.org"}
    assert reports.client.post("/api/reports/test-email", json=body).json() == {"message": "Test email sent"}
    code, out, err = run("reports", "test", written(body), "--json")
    assert (code, json.loads(out)) == (1, {"message": "Test email sent"})
    assert "nonsense" in err


def test_settings_and_images_answer_the_same(reports: Reports, run: Run, tmp_path: Path, written: Any) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGB", (12, 8), "blue").save(logo)
    code, out, _ = run("settings", "set", written({"pdfTheme": "dark"}), "--email-logo", logo, "--json")
    assert (code, json.loads(out)) == (0, {"message": "Report settings saved"})
    found = reports.client.get("/api/reports/settings").json()
    assert found["pdfTheme"] == "dark"
    name = found["branding"]["emailLogoUrl"].rpartition("/")[2]
    answer = reports.client.get(f"/api/reports/images/{name}")
    assert answer.headers["content-type"] == "image/png"
    assert run("settings", "image", name, "--out", tmp_path / "back.png")[0] == 0
    assert (tmp_path / "back.png").read_bytes() == logo.read_bytes() == answer.content
    run("settings", "set", written({"pdfTheme": "light", "branding": {"emailLogoUrl": ""}}))


def test_rendering_gives_the_same_documents(reports: Reports, run: Run, tmp_path: Path) -> None:
    chosen = [
        {
            "dashboard": {"uid": "vars0001"},
            "timeRange": {"from": "2016-05-02", "to": "2016-05-06"},
            "reportVariables": {"browser": ["Firefox"]},
        }
    ]
    query = {"dashboards": json.dumps(chosen), "title": "T"}
    words = [
        "--out",
        tmp_path,
        "--title",
        "T",
        "--from",
        "2016-05-02",
        "--to",
        "2016-05-06",
        "--var",
        "browser=Firefox",
    ]
    assert run("dashboards", "render", "vars0001", "--format", "csv", *words)[0] == 0
    archive = reports.client.get("/api/reports/render/csvs", params=query)
    with zipfile.ZipFile(io.BytesIO(archive.content)) as files:
        assert {name: files.read(name) for name in files.namelist()} == {
            "T - Chosen.csv": (tmp_path / "T - Chosen.csv").read_bytes()
        }
    assert run("dashboards", "render", "vars0001", *words)[0] == 0
    over = reports.client.get("/api/reports/render/pdfs", params=query)
    assert over.headers["content-disposition"] == "attachment; filename*=UTF-8''T.pdf"
    texts = [
        "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
        for data in (over.content, (tmp_path / "T.pdf").read_bytes())
    ]
    assert texts[0] == texts[1]
    assert "Firefox" in texts[0]
    assert run("dashboards", "render", "vars0001", "--var", "browser")[0] == 2


@pytest.mark.parametrize(
    ("words", "method", "path", "body"),
    [
        (["reports", "show", "999999"], "GET", "/999999", None),
        (["reports", "delete", "999999"], "DELETE", "/999999", None),
        (["reports", "create", "{file}"], "POST", "", {"name": "", "formats": ["doc"], "recipients": "nobody"}),
        (["reports", "create", "{file}"], "POST", "", "{{"),
        (["reports", "update", "{number}", "{file}"], "PUT", "/{number}", {"schedule": {"timeZone": "Mars"}}),
        (["reports", "test", "{file}"], "POST", "/test-email", {"dashboards": [{"dashboard": {"uid": "good001"}}]}),
        (["reports", "test", "{file}"], "POST", "/test-email", QUICK | {"recipients": "no@example.org"}),
        (["reports", "send", "{number}", "--to", "nobody"], "POST", "/email", {"id": "{number}", "emails": "nobody"}),
        (["settings", "set", "{file}"], "POST", "/settings", {"pdfTheme": "neon"}),
        (["settings", "image", "none.png", "--out", "never.png"], "GET", "/images/none.png", None),
    ],
)
def test_errors_are_the_same(
    reports: Reports, run: Run, written: Any, words: list[str], method: str, path: str, body: Any
) -> None:
    number = str(reports.create())
    if isinstance(body, dict):
        body = json.loads(json.dumps(body).replace("{number}", number))
    content = {} if body is None else {"content": body if isinstance(body, str) else json.dumps(body)}
    answer = reports.client.request(
        method,
        f"/api/reports{path.replace('{number}', number)}",
        headers={"Content-Type": "application/json"} if content else {},
        **content,
    )
    assert answer.status_code >= 400
    file = written(body) if body is not None else ""
    code, out, err = run(*(word.replace("{number}", number).replace("{file}", str(file)) for word in words))
    assert code in (1, 2)
    said = " ".join(err.split())
    parts = [part for part in answer.json()["message"].split("; ") if part != "the report was not sent"]
    for part in parts:
        # a refused recipient is a line of what happened to each
        wanted = part.partition(": refused ")[2] or part
        assert " ".join(wanted.split()) in said + out, (said, out)

"""Every command over a workspace with real files, a real store and a real mail server."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from workspaces.visits import DAY, MAY_2

P = ("--project", "nxog09md")


def test_init_makes_a_workspace_and_never_changes_one(run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "place"
    first = run("init", folder)
    assert first.code == 0
    text = (folder / "pressroom.toml").read_text()
    assert "# [sources.sales]" in text
    assert (folder / "pressroom.db").exists()
    (folder / "pressroom.toml").write_text(text + "# mine\n")
    again = run("init", folder, "--json")
    assert again.json["created"] is False
    assert (folder / "pressroom.toml").read_text().endswith("# mine\n")
    assert run("--config", folder / "pressroom.toml", "projects", "list", "--json").json[0]["uid"] == "default"
    assert run("--config", folder, "doctor").code == 0


def test_apply_creates_then_changes_nothing_then_updates(run: Any, workspace: Path) -> None:
    again = run("apply", "definitions.yaml", "--json").json
    assert {change["action"] for change in again["changes"]} == {"unchanged"}
    text = (workspace / "definitions.yaml").read_text(encoding="utf-8")
    (workspace / "definitions.yaml").write_text(text.replace("name: Empty", "name: Void"), encoding="utf-8")
    dry = run("apply", "definitions.yaml", "--dry-run")
    assert "+name: Void" in dry.out
    assert "Empty" in run("dashboards", "list", *P).out
    done = run("apply", "definitions.yaml")
    assert "updated dashboard empty001 (name)" in done.out
    assert "Void" in run("dashboards", "list", *P).out


def test_apply_tells_every_mistake_with_file_and_line_and_stores_nothing(run: Any, workspace: Path) -> None:
    (workspace / "bad.yaml").write_text("dashboards:\n  - {uid: a1, name: A, colour: red}\n  - {uid: b b, name: B}\n")
    result = run("apply", "bad.yaml")
    assert result.code == 1
    assert "bad.yaml:2" in result.err
    assert "bad.yaml:3" in result.err
    assert "a1" not in run("dashboards", "list").out
    (workspace / "worse.yaml").write_text("dashboards: [")
    assert "worse.yaml" in run("apply", "worse.yaml").err
    assert "nothing.yaml" in run("apply", "nothing.yaml").err


def test_export_then_apply_is_the_identity(run: Any, workspace: Path) -> None:
    assert run("export", "--out", "all.yaml").code == 0
    changes = run("apply", "all.yaml", "--json").json["changes"]
    assert {change["action"] for change in changes} == {"unchanged"}
    one = run("export", "weekly", *P)
    assert "uid: weekly" in one.out
    assert "dashboards:\n  - uid" not in one.out
    assert "weekl" in run("export", "weekl").err


def test_doctor_says_how_to_mend(run: Any, workspace: Path) -> None:
    good = run("doctor", "--json")
    assert (good.code, good.json["ok"]) == (0, True)
    assert {"settings", "store", "files", "source visits", "channel email", "mail"} <= {
        finding["what"] for finding in good.json["findings"]
    }
    toml = (workspace / "pressroom.toml").read_text()
    (workspace / "pressroom.toml").write_text(
        toml.replace("data/users.csv", "data/nothing.csv") + '[sources.odd]\ntype = "fils"\n[grafana]\nchannel = "x"\n'
    )
    bad = run("doctor")
    assert bad.code == 1
    wrong = [line for line in bad.out.splitlines() if line.startswith("WRONG")]
    assert any("source visits" in line and "nothing.csv" in line for line in wrong)
    assert any("source odd" in line and "did you mean 'files'" in line for line in wrong)
    assert any("mail" in line for line in wrong)
    assert "checks failed" in bad.err


def test_plugins_are_listed_and_shown(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = run("plugins", "list", "--json")
    assert found.code == 0
    assert {"kind", "name", "version", "origin", "error", "summary"} <= found.json[0].keys()
    assert {("source", "files"), ("renderer", "csv"), ("channel", "email"), ("chart", "line")} <= {
        (item["kind"], item["name"]) for item in found.json
    }
    shown = run("plugins", "show", "csv", "--json").json
    delimiter = next(option for option in shown["options"] if option["name"] == "delimiter")
    assert (delimiter["default"], delimiter["type"]) == (",", "text")
    assert delimiter["help"]
    assert "sender" in run("plugins", "show", "email").out
    assert "did you mean 'email'" in run("plugins", "show", "emial").err


def test_projects(run: Any, workspace: Path) -> None:
    found = run("projects", "list", "--json").json
    assert (found[0]["id"], found[0]["uid"]) == (1, "default")
    assert "Asia/Shanghai" in run("projects", "list").out
    assert run("projects", "list", "--json", "--limit", 1).json == found[:1]
    assert "did you mean 'nxog09md'" in run("reports", "list", "--project", "nxog09mb").err


def test_dashboards_and_charts(run: Any, workspace: Path) -> None:
    assert len(run("dashboards", "list", "--json", *P).json) == 3
    assert run("dashboards", "show", "YoX28w7R", "--json", *P).json["charts"][0]["id"] == "line0001"
    assert "series01" in run("dashboards", "show", "YoX28w7R", *P).out
    data = run("charts", "data", "line0001", "--start", MAY_2, "--end", MAY_2, "--interval", DAY, *P).json
    assert data["data"] == [[MAY_2, 8.0, 13.75, 27.5]]
    csv = run("charts", "data", "line0001", "--format", "csv", *P).out.splitlines()
    assert csv[0] == "时间,访问量,平均访问时长,Twice"
    assert csv[1].startswith("2016-05-02T00:00:00+08:00,8.0,")
    lines = run("charts", "data", "line0001", "--format", "ndjson", *P).out.splitlines()
    assert json.loads(lines[0])[0] == MAY_2
    assert run("charts", "data", "line0001", "--format", "xlsx", "--out", "x.xlsx", *P).code == 0
    assert (workspace / "x.xlsx").read_bytes()[:2] == b"PK"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["charts", "data", "line0002"], 1, "did you mean 'line0001'"),
        (["charts", "data", "line0001", "--start", "5"], 2, "startTime without endTime"),
        (["charts", "data", "line0001", "--interval", "0"], 2, "interval"),
        (["charts", "data", "broken01", "--out", "kept.json"], 1, "nonsense"),
        (["dashboards", "show", "YoX28w7"], 1, "did you mean 'YoX28w7R'"),
        (["dashboards", "render", "YoX"], 1, "no dashboard 'YoX'"),
        (["segments", "users", "s1"], 1, "no segment 's1'"),
        (["reports", "show", "weekl"], 1, "did you mean 'weekly'"),
        (["reports", "show", "999"], 1, "999"),
        (["reports", "preview", "weekly", "--format", "pfd"], 1, "pdf"),
        (["reports", "create", "nothing.json"], 1, "nothing.json"),
        (["settings", "set"], 2, "--report-logo"),
        (["settings", "image", "x", "--out", "y"], 1, "no image"),
        (["settings", "image", "x.png"], 2, "no file"),
    ],
)
def test_what_cannot_be_done_is_one_clear_message(
    run: Any, workspace: Path, arguments: list[str], code: int, said: str
) -> None:
    result = run(*arguments, *P)
    assert result.code == code
    assert said in result.err
    assert result.err.startswith("Error: ")
    assert not (workspace / "kept.json").exists()


def test_dashboards_render(run: Any, workspace: Path) -> None:
    result = run("dashboards", "render", "good0001", "--format", "csv", "--out", "out", "--title", "T", *P)
    assert result.code == 0
    assert result.out == "out/T - Table.csv\n"
    assert (workspace / "out" / "T - Table.csv").exists()
    nothing = run("dashboards", "render", "empty001", "--format", "csv", "--out", "out", *P)
    assert (nothing.code, nothing.out) == (0, "")
    assert "nothing to write" in nothing.err


def test_segments_and_rules(run: Any, workspace: Path) -> None:
    assert run("segments", "list", "--json", *P).json[0]["userNum"] == 2
    assert "Gold" in run("segments", "list", *P).out
    assert run("segments", "users", "s1aB2c3D", *P).out.splitlines()[:2] == ["cs1\tname", "12249\tGrowingIO"]
    assert json.loads(run("segments", "users", "s1aB2c3D", "--json", *P).out.splitlines()[0])["name"] == "GrowingIO"
    assert run("rules", "list", *P).out == "ruleId\teventName\teventType\nf2503720\t元素_注册按钮\tclck\n"
    assert run("rules", "list", "--json", *P).json[0]["ruleId"] == "f2503720"


def test_reports_are_created_replaced_and_removed(run: Any, workspace: Path) -> None:
    body = {"name": "R", "recipients": "a@example.org", "dashboards": [{"dashboard": {"uid": "good0001"}}]}
    Path("r.json").write_text(json.dumps(body))
    done = run("reports", "create", "r.json", "--json", *P).json
    assert done == {"id": done["id"], "message": "Report created"}
    assert run("reports", "show", done["id"], "--json", *P).json["recipients"] == "a@example.org"
    Path("r.json").write_text(json.dumps({**body, "name": "R 2"}))
    assert run("reports", "update", done["id"], "r.json", "--json", *P).json == {"message": "Report updated"}
    assert [item["name"] for item in run("reports", "list", "--json", *P).json] == ["Weekly", "R 2"]
    assert len(run("reports", "list", "--json", "--limit", 1, *P).json) == 1
    removed = run("reports", "delete", done["id"], "--json", *P)
    assert removed.json == {"message": "Report config was removed"}
    assert run("reports", "show", done["id"], *P).code == 1
    Path("r.json").write_text(json.dumps({**body, "recipients": "a@example.com", "scaleFactor": 1}))
    wrong = run("reports", "create", "r.json", *P)
    assert wrong.code == 1
    assert "recipients: " in wrong.err
    assert "scaleFactor: " in wrong.err


def test_a_body_may_come_from_standard_input(run: Any, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = b'{"state": "draft", "name": "From a pipe"}'
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(body)))
    assert run("reports", "create", "-", *P).out.startswith("Report created: ")
    assert "From a pipe" in run("reports", "list", *P).out


def test_preview_writes_documents_and_prints_paths(run: Any, workspace: Path) -> None:
    result = run("reports", "preview", "weekly", "--out", "out", *P)
    assert (result.code, result.out) == (0, "out/Weekly - Table.csv\n")
    assert ";" in (workspace / "out" / "Weekly - Table.csv").read_text(encoding="utf-8")
    other = run("reports", "preview", "weekly", "--out", "out", "--format", "image", "--json", *P).json
    assert [Path(path).suffix for path in other["documents"]] == [".png"]
    assert run("runs", "list", "--json").json == []


def test_send_tells_what_happened_to_each_recipient(run: Any, workspace: Path, mail_server: Any) -> None:
    result = run("reports", "send", "weekly", *P)
    assert result.code == 0
    assert "email  ops@example.org  sent" in result.out
    assert "archive  archive  sent" in result.out
    assert run("reports", "send", "weekly", "--json", *P).json == {"message": "Report was sent"}
    assert len(mail_server.received) == 4
    refused = run("reports", "send", "weekly", "--to", "no@example.org", "--to", "a@example.org", *P)
    assert refused.code == 1
    assert "no@example.org  refused  550" in refused.out
    assert "a@example.org  sent" in refused.out
    refused = run("reports", "send", "weekly", "--to", "no@example.org", "--json", *P)
    assert (refused.code, refused.out) == (1, "")
    assert "550" in refused.err
    found = run("runs", "list", "--json", *P).json
    assert len(found) == 4
    assert {"id", "report", "planned_at", "state", "deliveries"} <= found[0].keys()
    assert {"channel", "recipient", "state"} <= found[0]["deliveries"][0].keys()
    assert run("reports", "runs", "weekly", "--json", "--limit", 1, *P).json[0]["id"] == found[0]["id"]
    assert len(run("runs", "list", "--state", "succeeded", "--json").json) == 2
    assert run("runs", "list", "--state", "asleep").code == 2


def test_a_retry_sends_only_to_those_who_did_not_get_it(run: Any, workspace: Path, mail_server: Any) -> None:
    assert run("reports", "send", "weekly", "--to", "no@example.org", "--to", "a@example.org", *P).code == 1
    number = run("runs", "list", "--json").json[0]["id"]
    mail_server.faults.recipients = {}
    retried = run("runs", "retry", number)
    assert retried.code == 0
    assert "no@example.org  sent" in retried.out
    assert [mail.recipients for mail in mail_server.received] == [("a@example.org",), ("no@example.org",)]
    assert "succeeded" in run("runs", "show", number).out
    assert run("runs", "show", number, "--json").json["documents"]
    assert run("runs", "retry", number).code == 1
    assert run("runs", "show", 999).code == 1


def test_a_mail_server_that_is_down_defers_until_somebody_cancels(run: Any, workspace: Path, mail_server: Any) -> None:
    toml = (workspace / "pressroom.toml").read_text()
    (workspace / "pressroom.toml").write_text(toml.replace(f"port = {mail_server.port}", "port = 1"))
    result = run("reports", "send", "weekly", "--to", "a@example.org", *P)
    assert result.code == 1
    assert "deferred until" in result.out
    number = run("runs", "list", "--json").json[0]["id"]
    assert run("runs", "cancel", number, "--json").json["state"] == "cancelled"
    assert run("runs", "cancel", number).code == 1
    assert mail_server.received == []


def test_a_test_mail_comes_from_a_body(run: Any, workspace: Path, mail_server: Any) -> None:
    body = {
        "name": "T",
        "recipients": "a@example.org",
        "formats": ["csv"],
        "dashboards": [{"dashboard": {"uid": "good0001"}}],
    }
    Path("t.json").write_text(json.dumps(body))
    assert run("reports", "test", "t.json", "--json", *P).json == {"message": "Test email sent"}
    assert len(mail_server.received) == 1
    assert [item["uid"] for item in run("reports", "list", "--json", *P).json] == ["weekly"]


def test_settings_and_logos(run: Any, workspace: Path) -> None:
    from PIL import Image

    Image.new("RGB", (4, 4), "blue").save("logo.png")
    Path("s.json").write_text('{"branding": {"emailFooterText": "Us"}}')
    saved = run("settings", "set", "s.json", "--report-logo", "logo.png", "--json", *P)
    assert saved.json == {"message": "Report settings saved"}
    found = run("settings", "show", "--json", *P).json
    assert found["branding"]["emailFooterText"] == "Us"
    name = found["branding"]["reportLogoUrl"].rpartition("/")[2]
    assert run("settings", "image", name, "--out", "back.png", *P).code == 0
    assert Path("back.png").read_bytes() == Path("logo.png").read_bytes()
    assert found["branding"]["emailLogoUrl"] == ""
    assert run("settings", "image", "logo.png", "--for", "email", "--json", *P).json == saved.json
    assert run("settings", "show", "--json", *P).json["branding"]["emailLogoUrl"].endswith(name)
    assert "emailFooterText: Us" in run("settings", "show", *P).out
    Path("no.png").write_text("no picture")
    assert "no PNG" in run("settings", "set", "--email-logo", "no.png", *P).err


def test_hostile_text_does_nothing_to_a_terminal(run: Any, workspace: Path) -> None:
    Path("h.yaml").write_text('dashboards:\n  - {uid: evil, name: "\\e[31mred\\a\\r\\nnext"}\n')
    assert run("apply", "h.yaml").code == 0
    out = run("dashboards", "list").out
    assert "red" in out
    assert not set("\x1b\a\r") & set(out)


def test_a_report_of_the_api_survives_export_and_apply(run: Any, workspace: Path) -> None:
    body = {"name": "{{ R", "recipients": "a@example.org ; b@example.org", "subject": "{{ x"}
    Path("r.json").write_text(json.dumps({**body, "dashboards": [{"dashboard": {"uid": "good0001"}}]}))
    number = run("reports", "create", "r.json", "--json", *P).json["id"]
    before = run("reports", "show", number, "--json", *P).json
    assert {key: before[key] for key in body} == body
    assert run("export", "--out", "all.yaml").code == 0
    assert {change["action"] for change in run("apply", "all.yaml", "--json").json["changes"]} == {"unchanged"}
    assert run("reports", "show", number, "--json", *P).json == before


def test_a_broken_plugin_makes_plugins_list_fail(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    from pressroom import plugins

    found = plugins.importlib.metadata.entry_points

    def entry_points(**wanted: str) -> list[EntryPoint]:
        return [*found(**wanted), EntryPoint("odd", "no_such_module", "pressroom")]

    monkeypatch.setattr(plugins.importlib.metadata, "entry_points", entry_points)
    result = run("plugins", "list", "--json")
    assert result.code == 1
    broken = next(item for item in result.json if item["name"] == "odd")
    assert "no_such_module" in broken["error"]
    assert "cannot be used: odd" in result.err
    monkeypatch.setenv("PRESSROOM_DISABLE_PLUGINS", "odd, grafana")
    assert run("plugins", "list").code == 0
    assert run("reports", "list").code == 2


def test_the_demo_leaves_what_it_does_not_know_alone(run: Any, tmp_path: Path) -> None:
    (tmp_path / "pressroom.toml").write_text('[store]\nurl = "nonsense"\n')
    result = run("demo", "--dir", tmp_path)
    assert result.code == 1
    assert "[store] url" in result.err
    assert (tmp_path / "pressroom.toml").read_text() == '[store]\nurl = "nonsense"\n'

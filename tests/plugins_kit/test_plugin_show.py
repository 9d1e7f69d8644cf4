"""`pressroom plugins show`: every key with its type, default and meaning."""

from __future__ import annotations

import json

import pytest

from pressroom.plugins import Plugins
from pressroom_cli.main import main


def shown(capsys: pytest.CaptureFixture[str], name: str, *options: str) -> str:
    assert main(["plugins", "show", name, *options]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("kind", Plugins(entry_points=[]).registries)
def test_every_key_is_explained(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in Plugins().registries[kind]:
        found = json.loads(shown(capsys, name, "--json"))
        plugins = found if isinstance(found, list) else [found]
        (plugin,) = [each for each in plugins if each["kind"] == kind]
        assert plugin["summary"]
        assert plugin["version"]
        for field in plugin["config"] + plugin["options"]:
            assert field["help"], f"{name}: {field['name']}"
            assert field["type"] not in {"", "any"}, f"{name}: {field['name']}"


def test_types_are_words(capsys: pytest.CaptureFixture[str]) -> None:
    email = {field["name"]: field for field in json.loads(shown(capsys, "email", "--json"))["config"]}
    assert "secret text" in email["password"]["type"]
    assert email["connections"]["type"] == "integer 1 to 50"
    assert email["allowed_recipients"]["type"] == "list of text"
    assert email["sender"]["required"] is True
    webhook = {field["name"]: field for field in json.loads(shown(capsys, "webhook", "--json"))["config"]}
    assert webhook["timeout"]["type"] == "number above 0 to 600"
    files = {field["name"]: field["type"] for field in json.loads(shown(capsys, "files", "--json"))["config"]}
    assert files["tables"] == "table of text"
    assert files["time_format"] == "auto | iso | s | ms"


def test_people_see_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "csv")
    assert text.startswith("renderer csv (pressroom ")
    assert "options in definitions (a report's formats):" in text
    assert "delimiter" in text
    assert "= ','" in text
    assert 'in pressroom.toml ([channels.NAME] with type = "email"):' in shown(capsys, "email")

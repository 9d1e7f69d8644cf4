"""pressroom.toml: found, read, and wrong in ways that name the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressroom import Host, NotFound, PluginError, SettingsError
from pressroom.settings import load_workspace, parse_settings

FILE = Path("/somewhere/pressroom.toml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[server]\nport = 'x'", "server.port: must be a valid integer"),
        ("[server]\nprot = 1", "server.prot: unknown key; did you mean port?"),
        ("[serverr]\nport = 1", "serverr: unknown key; did you mean server?"),
        ("[sources.a]\ntables = 1", "sources.a.type: is missing"),
        ("[server]\npublic_url = 'ftp://x'", "server.public_url: must begin with http:// or https://"),
        ("[limits]\nrows = 0", "limits.rows: must be greater than or equal to 1"),
        ("[server", "not valid TOML"),
        ("[channels.a]\ntype = 'email'\npassword = {env = 'NO_SUCH_VARIABLE'}", "NO_SUCH_VARIABLE is not set"),
        ("[channels.a]\ntype = 'email'\npassword = {file = 'no.txt'}", "channels.a.password: cannot read no.txt"),
    ],
)
def test_mistakes_name_file_and_key(text: str, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings(text.encode(), FILE)
    assert str(FILE) in caught.value.message
    assert expected in caught.value.message


def test_every_mistake_is_told() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings(b"[server]\nport = 'x'\nhots = 1\n[limits]\nrows = -1", FILE)
    assert len(caught.value.message.splitlines()) == 3


def test_secrets_come_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_URL", "sqlite:///shop.db")
    (tmp_path / "secret.txt").write_text("s3cret\n")
    settings = parse_settings(
        b"[sources.s]\ntype='sql'\nurl={env='SHOP_URL'}\n[channels.c]\ntype='email'\npassword={file='secret.txt'}",
        tmp_path / "pressroom.toml",
    )
    assert settings.sources["s"].own == {"url": "sqlite:///shop.db"}
    assert settings.channels["c"].own == {"password": "s3cret"}


def test_found_upwards_or_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRESSROOM_CONFIG", raising=False)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    with pytest.raises(SettingsError, match="pressroom init"):
        load_workspace(start=below)
    (tmp_path / "pressroom.toml").write_text("")
    assert load_workspace(start=below).folder == tmp_path
    other = tmp_path / "other.toml"
    other.write_text("[server]\nport = 1\n")
    monkeypatch.setenv("PRESSROOM_CONFIG", str(other))
    assert load_workspace(start=below).settings.server.port == 1
    assert load_workspace(tmp_path / "pressroom.toml").settings.server.port == 8000
    with pytest.raises(SettingsError, match="no such file"):
        load_workspace(tmp_path / "none.toml")


def test_a_host_checks_every_instance_and_admits_by_project(tmp_path: Path) -> None:
    (tmp_path / "pressroom.toml").write_text(
        "[sources.good]\ntype='files'\ntables={t='x.csv'}\n[sources.bad]\ntype='fiels'\n[sources.wrong]\ntype='files'\ntabels={}\n"
        "[channels.archive]\ntype='folder'\npath='out'\nprojects=['other']\n[renderers.csv]\nnope=1\n"
    )
    with Host.open(tmp_path) as host:
        problems = "\n".join(host.check_settings())
        assert "sources.bad: no source named 'fiels'; did you mean 'files'?" in problems
        assert "sources.wrong.tabels: unknown key; did you mean tables?" in problems
        assert "renderers.csv.nope: unknown key" in problems
        assert "good" not in problems
        assert host.source("good", "default") is host.source("good", "default")
        with pytest.raises(NotFound, match="does not admit the project 'default'"):
            host.channel("archive", "default")
        with pytest.raises(NotFound, match="there are: bad, good, wrong"):
            host.source("goood", "default")


def test_an_instance_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pressroom.toml").write_text("[sources.good]\ntype='files'\ntables={t='x.csv'}\n")

    def explode(*_: object) -> None:
        raise ZeroDivisionError("oops")

    with Host.open(tmp_path) as host:
        monkeypatch.setattr(host.plugins.sources["files"], "__init__", explode)
        with pytest.raises(PluginError, match=r"sources\.good cannot be made: ZeroDivisionError: oops"):
            host.source("good", "default")

"""`pressroom doctor`: what is wrong with the workspace, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from pressroom_cli import console
from pressroom_cli.link_checks import check_links
from pressroom_cli.options import AsJson
from pressroom_cli.vital_checks import check_clock, check_retention, check_runs

if TYPE_CHECKING:
    from pressroom.extension import Extension
    from pressroom.host import Host

app = typer.Typer()


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: such as `source flights`.
        ok: whether it can be used.
        message: what was found, or what is wrong and how to mend it.
    """

    what: str
    ok: bool
    message: str


@app.command("doctor", epilog=console.examples("pressroom doctor", "pressroom --config other.toml doctor --json"))
def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Find what is wrong with the workspace, and how to mend it.

    Checks the settings, plugins, store, folders, sources, channels and fonts; exits with 1 where one is wrong.
    """
    findings = list(examine(lambda: console.open_host(context)))
    if as_json:
        console.emit({"ok": all(item.ok for item in findings), "findings": [asdict(item) for item in findings]})
    else:
        for item in findings:
            console.say(f"{'ok   ' if item.ok else 'WRONG'} {item.what}: {console.plain(item.message)}")
    wrong = sum(not item.ok for item in findings)
    if wrong:
        console.error(f"{wrong} of {len(findings)} checks failed")
        raise typer.Exit(1)


def examine(open_host: Callable[[], Host]) -> Iterator[Finding]:
    """Look at everything; one failure never hides the others."""
    from pressroom.errors import PressroomError

    try:
        host = open_host()
    except PressroomError as error:
        yield Finding("settings", False, error.message)
        return
    yield _attempt("settings", lambda: _settings(host))
    yield from _plugins(host)
    yield _attempt("store", lambda: _store(host))
    yield _attempt("files", lambda: _files(host))
    yield _attempt("scheduler", lambda: _scheduler(host))
    yield _attempt("fetch", lambda: f"{host.fetcher.name}: {host.fetcher.check()}")
    yield _attempt("clock", lambda: check_clock(host))
    yield _attempt("runs", lambda: check_runs(host))
    yield _attempt("retention", lambda: check_retention(host))
    for name, source in sorted(host.settings.sources.items()):
        yield _attempt(f"source {name}", partial(_check, host.source, name, _a_project(source.projects)))
    for name, channel in sorted(host.settings.channels.items()):
        yield _attempt(f"channel {name}", partial(_check, host.channel, name, _a_project(channel.projects)))
    for name in host.plugins.charts:
        yield _attempt(f"chart type {name}", partial(_check, host.chart, name))
    for name in host.plugins.renderers:
        yield _attempt(f"report format {name}", partial(_check, host.renderer, name))
    yield _attempt("mail", lambda: _mail(host))
    yield _attempt("links", lambda: check_links(host))


def _attempt(what: str, check: Callable[[], str]) -> Finding:
    from pressroom.errors import PressroomError

    try:
        return Finding(what, True, check())
    except PressroomError as error:
        return Finding(what, False, error.message.removeprefix(f"{what}: "))
    except Exception as error:
        # a plugin's check that breaks is a finding too, not the end of the examination
        return Finding(what, False, f"the check itself failed: {type(error).__name__}: {error}")


def _scheduler(host: Host) -> str:
    return f"{host.scheduler.name}: {host.scheduler.check()}"


def _check(find: Callable[..., Extension[Any, Any]], *names: str) -> str:
    return find(*names).check()


def _a_project(projects: list[str]) -> str:
    named = [uid for uid in projects if uid != "*"]
    return named[0] if named else "default"


def _settings(host: Host) -> str:
    from pressroom.errors import SettingsError

    problems = host.check_settings()
    if problems:
        raise SettingsError("\n".join(problems))
    return str(host.workspace.file)


def _plugins(host: Host) -> Iterator[Finding]:
    listed = host.plugins.listed()
    broken = [item for item in listed if item.error]
    for item in broken:
        yield Finding(f"plugin {item.name}", False, item.error)
    yield Finding("plugins", True, f"{len(listed) - len(broken)} can be used")


def _store(host: Host) -> str:
    host.store.check()
    return f"{host.store.location}, schema {host.store.revision()}"


def _files(host: Host) -> str:
    import tempfile

    from pressroom.errors import SettingsError

    folder = host.workspace.files
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SettingsError(
            f"{folder} cannot be written: {error.strerror}; give it to the user who runs Pressroom, "
            "or name another folder as path of [files] in pressroom.toml"
        ) from error
    return f"{folder} can be written"


def _mail(host: Host) -> str:
    from pressroom.errors import SettingsError

    mail = sorted(name for name, item in host.settings.channels.items() if item.type == "email")
    wanted = host.settings.grafana.channel
    if wanted and wanted not in mail:
        raise SettingsError(f"[grafana] channel is {wanted!r}, which is no channel of type email; there are: {mail}")
    if len(mail) > 1 and not wanted:
        raise SettingsError(f"several channels are of type email ({', '.join(mail)}): name one as channel of [grafana]")
    return (
        f"reports of the API go out by {wanted or mail[0]}" if mail else "no channel of type email; no mails are sent"
    )

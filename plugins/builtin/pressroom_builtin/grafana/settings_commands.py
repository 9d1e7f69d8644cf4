"""`pressroom settings`: a project's branding."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pressroom_builtin.grafana.report_commands import read_body, service
from pressroom_cli import console
from pressroom_cli.options import DEFAULT_PROJECT, AsJson, Project


class Purpose(StrEnum):
    """Whose logo a picture becomes."""

    report = "report"
    email = "email"
    both = "both"


_FIELDS = {
    Purpose.report: ("reportLogo",),
    Purpose.email: ("emailLogo",),
    Purpose.both: ("reportLogo", "emailLogo"),
}

settings = typer.Typer(help="A project's branding: logos, footer, themes.", no_args_is_help=True)


@settings.callback()
def _group() -> None:
    """A project's branding: logos, footer, themes."""


@settings.command("show", epilog=console.examples("pressroom settings show", "pressroom settings show --json"))
def show_settings(context: typer.Context, project: Project = DEFAULT_PROJECT, as_json: AsJson = False) -> None:
    """Show the report settings."""
    import msgspec

    api, me = service(context)
    found = api.settings(me, project)
    if as_json:
        console.emit(found)
        return
    for key, value in msgspec.to_builtins(found).items():
        parts = value.items() if isinstance(value, dict) else [("", value)]
        for name, part in parts:
            console.say(f"{key}{'.' if name else ''}{name}: {console.plain(part)}")


@settings.command(
    "set",
    epilog=console.examples(
        "pressroom settings set settings.json",
        "pressroom settings set --report-logo logo.png",
        """echo '{"branding": {"emailFooterMode": "none"}}' | pressroom settings set -""",
    ),
)
def set_settings(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSON as the reporting API takes it; - for stdin.")] = "",
    *,
    report_logo: Annotated[
        Path | None, typer.Option("--report-logo", metavar="IMAGE", help="PNG, JPEG, GIF or WebP, for every page.")
    ] = None,
    email_logo: Annotated[
        Path | None, typer.Option("--email-logo", metavar="IMAGE", help="PNG, JPEG, GIF or WebP, for mails.")
    ] = None,
    project: Project = DEFAULT_PROJECT,
    as_json: AsJson = False,
) -> None:
    """Change report settings. What is absent stays, an empty text clears."""
    from pressroom import UsageError

    if not (file or report_logo or email_logo):
        raise UsageError("nothing to set; name a FILE, or --report-logo, or --email-logo")
    api, me = service(context)
    named = {"reportLogo": report_logo, "emailLogo": email_logo}
    logos = {field: path.read_bytes() for field, path in named.items() if path}
    done = api.save_settings(me, project, read_body(file) if file else {}, logos)
    console.emit(done) if as_json else console.say(done.message)


@settings.command(
    "image",
    epilog=console.examples(
        "pressroom settings image logo.png",
        "pressroom settings image logo.png --for email",
        "pressroom settings image 0f3a.png --out logo.png",
    ),
)
def image(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="PNG, JPEG, GIF or WebP; with --out, the name of an uploaded logo, as it ends its address in "
            "`settings show`.",
        ),
    ],
    *,
    purpose: Annotated[Purpose, typer.Option("--for", help="Whose logo it becomes.")] = Purpose.both,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the uploaded logo NAME there instead.")
    ] = None,
    project: Project = DEFAULT_PROJECT,
    as_json: AsJson = False,
) -> None:
    """Upload a logo for reports and mails. With --out, write an uploaded one to a file."""
    from pressroom import UsageError

    api, me = service(context)
    if out is not None:
        found = api.image(me, project, name)
        out.write_bytes(found.data)
        console.say(f"{out} written ({found.media_type}, {len(found.data)} bytes)")
        return
    file = Path(name)
    if not file.is_file():
        raise UsageError(f"no file {name!r}; to write an uploaded logo of that name to a file, say where: --out FILE")
    data = file.read_bytes()
    done = api.save_settings(me, project, {}, dict.fromkeys(_FIELDS[purpose], data))
    console.emit(done) if as_json else console.say(done.message)

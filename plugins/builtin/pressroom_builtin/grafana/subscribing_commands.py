"""`pressroom reports unsubscribed`, `unsubscribe` and `resubscribe`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pressroom_builtin.grafana.report_commands import Name, service
from pressroom_cli import console
from pressroom_cli.options import DEFAULT_PROJECT, AsJson, Project
from pressroom_cli.outcomes import moment

if TYPE_CHECKING:
    from pressroom import Principal
    from pressroom_builtin.api.subscribing import Subscribing

EXAMPLES = {
    "unsubscribed": console.examples("pressroom reports unsubscribed weekly-flights"),
    "unsubscribe": console.examples("pressroom reports unsubscribe weekly-flights jo@example.org"),
    "resubscribe": console.examples("pressroom reports resubscribe weekly-flights jo@example.org"),
}
Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="The recipient's address.")]


def unsubscribed(
    context: typer.Context, report: Name, project: Project = DEFAULT_PROJECT, as_json: AsJson = False
) -> None:
    """List who wants no more of a report. They are skipped when it goes out."""
    subscribing, me, uid = _services(context, project, report)
    found = subscribing.unsubscribed(me, project, uid)
    if as_json:
        console.emit(found)
        return
    lines = [(item.address, moment(item.since)) for item in found]
    console.rows(("ADDRESS", "SINCE (UTC)"), lines, "nobody has unsubscribed")


def unsubscribe(context: typer.Context, report: Name, address: Address, project: Project = DEFAULT_PROJECT) -> None:
    """Send nothing of a report to a recipient any more. It does not matter who names the address."""
    subscribing, me, uid = _services(context, project, report)
    subscribing.unsubscribe(me, project, uid, address)
    console.say(f"{console.plain(address)} gets {report} no more")


def resubscribe(context: typer.Context, report: Name, address: Address, project: Project = DEFAULT_PROJECT) -> None:
    """Send a report again to a recipient that had unsubscribed."""
    subscribing, me, uid = _services(context, project, report)
    subscribing.resubscribe(me, project, uid, address)
    console.say(f"{console.plain(address)} gets {report} again")


COMMANDS = (unsubscribed, unsubscribe, resubscribe)


def _services(context: typer.Context, project: str, report: str) -> tuple[Subscribing, Principal, str]:
    """What answers, the person at this machine, and the report's uid."""
    from pressroom_builtin.api.subscribing import Subscribing

    api, me = service(context)
    uid = api.report(me, project, api.number(me, project, report)).uid
    return Subscribing(api.host), me, uid

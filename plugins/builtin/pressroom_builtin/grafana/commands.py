"""`pressroom reports` and `pressroom settings`: one command for each operation of the reporting API, and more."""

from __future__ import annotations

import typer

from pressroom_builtin.grafana.report_commands import reports
from pressroom_builtin.grafana.schedule_commands import EXAMPLES, next_moments
from pressroom_builtin.grafana.settings_commands import settings
from pressroom_builtin.grafana.subscribing_commands import COMMANDS, EXAMPLES as SUBSCRIBING

reports.command("next", epilog=EXAMPLES)(next_moments)
for command in COMMANDS:
    reports.command(command.__name__, epilog=SUBSCRIBING[command.__name__])(command)
app = typer.Typer()
app.add_typer(reports, name="reports")
app.add_typer(settings, name="settings")

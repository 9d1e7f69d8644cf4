"""The command line in this process, over the small workspace of visits."""

from workspaces.command_line import mail_server, run, workspace

__all__ = ["mail_server", "run", "workspace"]

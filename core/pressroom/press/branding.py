"""A report's look: the project's branding settings, with its logos as files in the run's folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pressroom.models.reports import Report
from pressroom.renderers import Branding

if TYPE_CHECKING:
    from pressroom.host import Host

IMAGE = "image:"
"""Prefix of a logo that was uploaded."""
FOLDER = "branding"


def brand(host: Host, project: str, report: Report, folder: Path) -> tuple[Branding, list[str]]:
    """The branding of a report, and warnings about logos that cannot be used.

    Args:
        folder: the run's folder; logos are written below it.
    """
    store = host.store.project(project)
    settings = store.branding.get()
    warnings: list[str] = []

    def logo(address: str) -> str:
        if not address:
            return ""
        if not address.startswith(IMAGE):
            warnings.append(
                f"the logo {address} is an address that is not fetched; upload it: pressroom settings image"
            )
            return ""
        image = store.images.find(address.removeprefix(IMAGE))
        if image is None:
            warnings.append(f"the logo {address} is gone; upload it again: pressroom settings image")
            return ""
        path = Path(FOLDER) / image.name
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(image.data)
        return path.as_posix()

    signed = settings.footer_mode == "sent-by"
    branding = Branding(
        report_logo=logo(settings.report_logo),
        email_logo=logo(settings.email_logo),
        footer_text=settings.footer_text if signed else "",
        footer_url=settings.footer_link if signed else "",
        theme=report.theme or _theme(settings.pdf_theme),
        image_theme=report.theme or _theme(settings.image_theme),
        show_header=settings.header_enabled,
        show_title=settings.title_enabled,
        show_time_range=settings.time_range_enabled,
    )
    return branding, warnings


def _theme(theme: str) -> Literal["light", "dark"]:
    """`current` means a viewer's own theme; a report has no viewer, so it is light."""
    return "dark" if theme == "dark" else "light"

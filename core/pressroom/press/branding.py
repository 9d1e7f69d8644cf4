"""A report's look: the project's branding settings, with its logos as files in the run's folder."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pressroom.context import Context
from pressroom.errors import FetchError, PluginError, SettingsError
from pressroom.models.reports import Report
from pressroom.renderers import Branding, FooterPart

if TYPE_CHECKING:
    from pressroom.host import Host

IMAGE = "image:"
"""Prefix of a logo that was uploaded."""
FOLDER = "branding"


def brand(host: Host, project: str, report: Report, context: Context) -> tuple[Branding, list[str]]:
    """The branding of a report, and warnings about logos that cannot be had: the report goes out without them.

    Args:
        context: its folder is the run's; logos are written below it.

    Raises:
        Cancelled, TimedOut: as `context` says.
    """
    settings = host.store.project(project).branding.get()
    report_logo, report_warning = _logo(host, project, settings.report_logo, context)
    email_logo, email_warning = _logo(host, project, settings.email_logo, context)
    signed = settings.footer_mode == "sent-by"
    branding = Branding(
        report_logo=report_logo,
        email_logo=email_logo,
        footer_text=settings.footer_text if signed else "",
        footer_url=settings.footer_link if signed else "",
        page_footer=tuple(FooterPart(**item.model_dump()) for item in settings.page_footer),
        theme=report.theme or _theme(settings.pdf_theme),
        image_theme=report.theme or _theme(settings.image_theme),
        show_header=settings.header_enabled,
        show_title=settings.title_enabled,
        show_time_range=settings.time_range_enabled,
    )
    return branding, [text for text in dict.fromkeys((report_warning, email_warning)) if text]


def _logo(host: Host, project: str, address: str, context: Context) -> tuple[str, str]:
    """Write a logo into the run's folder; its path there, empty where it cannot be had, and a warning."""
    if not address:
        return "", ""
    content, warning = _content(host, project, address, context)
    if not content:
        return "", warning
    # named by what it holds: both logos may be one picture
    path = Path(FOLDER) / sha256(content).hexdigest()[:20]
    (context.folder / FOLDER).mkdir(parents=True, exist_ok=True)
    (context.folder / path).write_bytes(content)
    return path.as_posix(), warning


def _content(host: Host, project: str, address: str, context: Context) -> tuple[bytes, str]:
    if address.startswith(IMAGE):
        image = host.store.project(project).images.find(address.removeprefix(IMAGE))
        if image is None:
            return b"", f"the logo {address} is gone; upload it again: pressroom settings image FILE"
        return image.data, ""
    try:
        picture, warning = host.logos.get(address, context)
    except (FetchError, PluginError, SettingsError) as error:
        return b"", f"the logo is left out: {error.message}"
    return picture.content, f"the logo is an older one: {warning}" if warning else ""


def _theme(theme: str) -> Literal["light", "dark"]:
    """`current` means a viewer's own theme; a report has no viewer, so it is light."""
    return "dark" if theme == "dark" else "light"

"""A project's report settings as the reporting API has them: read, merged field by field, with its logos."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any

import pydantic

from pressroom import BrandingSettings, DefinitionError, Problem
from pressroom_builtin import pictures
from pressroom_builtin.grafana import wire
from pressroom_builtin.grafana.footer import FooterBody, to_footer
from pressroom_builtin.grafana.reading import Body, read

MAX_IMAGE_BYTES = pictures.MAX_BYTES
IMAGES = "/api/reports/images/"
"""Where uploaded logos are served."""
UPLOADED = "image:"
"""What a reference to an uploaded logo begins with."""
LOGO_FIELDS = {"report_logo": "branding.reportLogoUrl", "email_logo": "branding.emailLogoUrl"}
"""Logos of the settings, with the fields that name them by address."""
_THEMES = ("light", "dark", "current")

Url = Annotated[str, pydantic.Field(max_length=2000)]


class BrandingBody(Body):
    """`branding` of a request; None keeps what is there."""

    report_logo_url: Url | None = None
    email_logo_url: Url | None = None
    email_footer_mode: str | None = None
    email_footer_text: Annotated[str, pydantic.Field(max_length=500)] | None = None
    email_footer_link: Url | None = None

    @pydantic.field_validator("report_logo_url", "email_logo_url")
    @classmethod
    def _logo(cls, value: str | None) -> str | None:
        if value and not value.lower().startswith(("http://", "https://", IMAGES, UPLOADED)):
            raise ValueError(f"{value!r} must begin with http:// or https://")
        return value

    @pydantic.field_validator("email_footer_link")
    @classmethod
    def _link(cls, value: str | None) -> str | None:
        if value and not value.lower().startswith(("http://", "https://", "mailto:")):
            raise ValueError(f"{value!r} must begin with http://, https:// or mailto:")
        return value

    @pydantic.field_validator("email_footer_mode")
    @classmethod
    def _mode(cls, value: str | None) -> str | None:
        if value not in (None, "", "sent-by", "none"):
            raise ValueError(f"{value!r} must be sent-by or none")
        return value


class SettingsBody(Body):
    """Settings to merge into those that are there."""

    branding: BrandingBody = BrandingBody()
    pdf_theme: str | None = None
    embedded_image_theme: str | None = None
    pdf_header_enabled: bool | None = None
    pdf_dashboard_title_enabled: bool | None = None
    pdf_time_range_enabled: bool | None = None
    footer_items: Annotated[list[FooterBody], pydantic.Field(max_length=10)] | None = None
    footer_font_family: Annotated[str, pydantic.Field(max_length=200)] | None = None

    @pydantic.field_validator("pdf_theme", "embedded_image_theme")
    @classmethod
    def _theme(cls, value: str | None) -> str | None:
        if value not in (None, "", *_THEMES):
            raise ValueError(f"{value!r} must be one of {', '.join(_THEMES)}")
        return value

    def logos(self, public_url: str) -> dict[str, str]:
        """The logos that are said, by attribute of the settings: an address, `image:NAME`, or empty for none."""
        said = {"report_logo": self.branding.report_logo_url, "email_logo": self.branding.email_logo_url}
        return {name: _reference(url, public_url) for name, url in said.items() if url is not None}


def read_settings(body: bytes | Mapping[str, Any]) -> SettingsBody:
    """A request's body.

    Raises:
        DefinitionError: names every wrong field.
    """
    return read(SettingsBody, body)


def to_wire(settings: BrandingSettings, org_id: int, public_url: str) -> wire.Settings:
    """Settings as the API answers them; an uploaded logo has the address that it is served at."""

    def logo(reference: str) -> str:
        name = reference.removeprefix(UPLOADED)
        return f"{public_url}{IMAGES}{name}" if name != reference else reference

    return wire.Settings(
        id=org_id,
        user_id=settings.extra.get("userId", 0),
        org_id=org_id,
        branding=wire.Branding(
            report_logo_url=logo(settings.report_logo),
            email_logo_url=logo(settings.email_logo),
            email_footer_mode=settings.footer_mode,
            email_footer_text=settings.footer_text,
            email_footer_link=settings.footer_link,
        ),
        pdf_theme=settings.pdf_theme,
        embedded_image_theme=settings.image_theme,
        pdf_header_enabled=settings.header_enabled,
        pdf_dashboard_title_enabled=settings.title_enabled,
        pdf_time_range_enabled=settings.time_range_enabled,
        footer_items=settings.extra.get("footerItems", []),
        footer_font_family=settings.extra.get("footerFontFamily", ""),
    )


def merge(
    settings: BrandingSettings, said: SettingsBody, public_url: str, user_id: int = 0, uploads: Mapping[str, str] = {}
) -> BrandingSettings:
    """Settings with what a body says: an absent field keeps, an empty text clears.

    Args:
        uploads: names of uploaded pictures by attribute, which win over what the body says.

    Raises:
        DefinitionError: `sent-by` without text or link after the merge.
    """
    changed: dict[str, Any] = {
        **said.logos(public_url),
        **{attribute: f"{UPLOADED}{name}" for attribute, name in uploads.items()},
        "footer_mode": _cleared(said.branding.email_footer_mode, "sent-by"),
        "footer_text": said.branding.email_footer_text,
        "footer_link": said.branding.email_footer_link,
        "pdf_theme": _cleared(said.pdf_theme, "light"),
        "image_theme": _cleared(said.embedded_image_theme, "dark"),
        "header_enabled": said.pdf_header_enabled,
        "title_enabled": said.pdf_dashboard_title_enabled,
        "time_range_enabled": said.pdf_time_range_enabled,
        "page_footer": None if said.footer_items is None else to_footer(said.footer_items),
    }
    items = said.footer_items
    kept = {
        "footerItems": None
        if items is None
        else [item.model_dump(by_alias=True, exclude_unset=True) for item in items],
        "footerFontFamily": said.footer_font_family,
        "userId": user_id or None,
    }
    extra = settings.extra | {key: value for key, value in kept.items() if value is not None}
    data = settings.model_dump() | {key: value for key, value in changed.items() if value is not None}
    merged = BrandingSettings.model_validate(data | {"extra": extra})
    if merged.footer_mode == "sent-by":
        needed = {"branding.emailFooterText": merged.footer_text, "branding.emailFooterLink": merged.footer_link}
        missing = [
            Problem("is needed where emailFooterMode is sent-by", key) for key, text in needed.items() if not text
        ]
        if missing:
            raise DefinitionError(missing)
    return merged


def _cleared(value: str | None, default: str) -> str | None:
    return default if value == "" else value


def _reference(url: str, public_url: str) -> str:
    for prefix in (f"{public_url}{IMAGES}", IMAGES):
        if url.startswith(prefix):
            return f"{UPLOADED}{url.removeprefix(prefix)}"
    return url


def prove_image(data: bytes, field: str = "image") -> tuple[str, str]:
    """Decode a picture to see that it is one.

    Returns:
        A name for it, the same for the same bytes, and its media type.

    Raises:
        DefinitionError: too large, not PNG, JPEG, GIF or WebP, or damaged.
    """
    try:
        media_type = pictures.prove(data)
    except ValueError as error:
        raise DefinitionError([Problem(str(error), field)]) from error
    return f"{hashlib.sha256(data).hexdigest()[:20]}.{media_type.removeprefix('image/')}", media_type

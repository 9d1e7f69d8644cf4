"""A project's report settings as the reporting API has them: read, merged field by field, with its logos."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Mapping
from typing import Annotated, Any

import pydantic

from pressroom import BrandingSettings, DefinitionError, Problem
from pressroom_builtin.grafana import wire
from pressroom_builtin.grafana.reading import Body, read

MAX_IMAGE_BYTES = 16_000_000
MAX_IMAGE_PIXELS = 50_000_000
IMAGES = "/api/reports/images/"
"""Where uploaded logos are served."""
_TYPES = {"PNG": "png", "JPEG": "jpeg", "GIF": "gif", "WEBP": "webp"}
_THEMES = ("light", "dark", "current")


class BrandingBody(Body):
    """`branding` of a request; None keeps what is there."""

    report_logo_url: str | None = None
    email_logo_url: str | None = None
    email_footer_mode: str | None = None
    email_footer_text: Annotated[str, pydantic.Field(max_length=500)] | None = None
    email_footer_link: Annotated[str, pydantic.Field(max_length=2000)] | None = None

    @pydantic.field_validator("report_logo_url", "email_logo_url", "email_footer_link")
    @classmethod
    def _url(cls, value: str | None) -> str | None:
        if value and not value.startswith(("http://", "https://", IMAGES, "image:")):
            raise ValueError(f"{value!r} must begin with http:// or https://")
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
    footer_items: list[dict[str, Any]] | None = None
    footer_font_family: str | None = None

    @pydantic.field_validator("pdf_theme", "embedded_image_theme")
    @classmethod
    def _theme(cls, value: str | None) -> str | None:
        if value not in (None, "", *_THEMES):
            raise ValueError(f"{value!r} must be one of {', '.join(_THEMES)}")
        return value


def to_wire(settings: BrandingSettings, org_id: int, public_url: str) -> wire.Settings:
    """Settings as the API answers them; an uploaded logo has the address that it is served at."""

    def logo(reference: str) -> str:
        name = reference.removeprefix("image:")
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
    settings: BrandingSettings, body: bytes | Mapping[str, Any], public_url: str, user_id: int = 0
) -> BrandingSettings:
    """Settings with what a body says: an absent field keeps, an empty text clears.

    Raises:
        DefinitionError: wrong fields, or `sent-by` without text or link after the merge.
    """
    said = read(SettingsBody, body)
    changed: dict[str, Any] = {
        "report_logo": _logo(said.branding.report_logo_url, public_url),
        "email_logo": _logo(said.branding.email_logo_url, public_url),
        "footer_mode": _cleared(said.branding.email_footer_mode, "sent-by"),
        "footer_text": said.branding.email_footer_text,
        "footer_link": said.branding.email_footer_link,
        "pdf_theme": _cleared(said.pdf_theme, "light"),
        "image_theme": _cleared(said.embedded_image_theme, "dark"),
        "header_enabled": said.pdf_header_enabled,
        "title_enabled": said.pdf_dashboard_title_enabled,
        "time_range_enabled": said.pdf_time_range_enabled,
    }
    kept = {"footerItems": said.footer_items, "footerFontFamily": said.footer_font_family, "userId": user_id or None}
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


def _logo(url: str | None, public_url: str) -> str | None:
    for prefix in (f"{public_url}{IMAGES}", IMAGES):
        if url and url.startswith(prefix):
            return f"image:{url.removeprefix(prefix)}"
    return url


def prove_image(data: bytes, field: str = "image") -> tuple[str, str]:
    """Decode a picture to see that it is one.

    Returns:
        A name for it, the same for the same bytes, and its media type.

    Raises:
        DefinitionError: too large, not PNG, JPEG, GIF or WebP, or damaged.
    """
    from PIL import Image, UnidentifiedImageError

    if len(data) > MAX_IMAGE_BYTES:
        raise DefinitionError([Problem(f"has {len(data)} bytes; at most {MAX_IMAGE_BYTES} are allowed", field)])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data), formats=list(_TYPES)) as image:
                width, height = image.size
                if width * height > MAX_IMAGE_PIXELS:
                    raise DefinitionError([Problem(f"is too large to show: {width} x {height} pixels", field)])
                image.load()
                kind = _TYPES[image.format or ""]
    except UnidentifiedImageError:
        raise DefinitionError([Problem("is no PNG, JPEG, GIF or WebP picture", field)]) from None
    except (OSError, ValueError, SyntaxError, KeyError, EOFError, Image.DecompressionBombError, Warning) as error:
        raise DefinitionError([Problem(f"cannot be decoded: {error}", field)]) from error
    return f"{hashlib.sha256(data).hexdigest()[:20]}.{kind}", f"image/{kind}"

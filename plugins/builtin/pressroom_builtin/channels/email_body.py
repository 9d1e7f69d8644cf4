"""A mail's two bodies, text and HTML, from the templates that lie beside this module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pressroom import Document, Link, Message
from pressroom.locales import Locale
from pressroom.templating import one_line, prose
from pressroom_builtin.channels.email_pictures import BODY_WIDTH, Picture

if TYPE_CHECKING:
    import jinja2

_PLACE = "pressroom_builtin.channels"
_MAX_ERRORS = 20
_SCHEMES = ("http://", "https://", "mailto:")


@dataclass(frozen=True)
class Body:
    """What a reader sees: as plain text, and as HTML that refers to the pictures by their Content-IDs."""

    text: str
    html: str


@dataclass(frozen=True)
class Missing:
    """A document that was too large to attach: what to say of it, and where it can be had instead."""

    note: str
    url: str
    download: str
    until: str


def write_body(message: Message, pictures: Sequence[Picture], too_large: Sequence[Document]) -> Body:
    """Both bodies of a message.

    A document that was too large has a note with its address where there is one, and else says who can be asked.
    """
    import css_inline

    values = _values(message, pictures, too_large)
    html = _template("message.html").render(values)
    inliner = css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)
    return Body(_template("message.txt").render(values).strip() + "\n", inliner.inline(html))


def _values(message: Message, pictures: Sequence[Picture], too_large: Sequence[Document]) -> dict[str, Any]:
    locale = Locale.of(message.locale)
    branding = message.branding
    links = [link for link in message.links if link.url.startswith(_SCHEMES)]
    footer = one_line(branding.footer_text)
    return {
        "lang": locale.tag,
        "title": one_line(message.title) or one_line(message.subject),
        "due": f"{locale.moment(message.planned_at, message.zone)} ({message.zone})",
        "text": prose(message.text).strip(),
        "problems": locale.word("problems_intro"),
        "errors": [one_line(error) for error in message.errors[:_MAX_ERRORS]],
        "more_errors": max(0, len(message.errors) - _MAX_ERRORS),
        "dashboards": locale.word("dashboards"),
        "summary": [one_line(line) for line in message.summary],
        "missing": [_missing(document, message, locale) for document in too_large],
        "links": [Link(text=one_line(link.text, 120) or link.url, url=link.url) for link in links],
        "logo": next((picture for picture in pictures if picture.is_logo), None),
        "pictures": [picture for picture in pictures if not picture.is_logo],
        "footer": f"{locale.word('sent_by')} {footer}" if footer else "",
        "footer_url": branding.footer_url if branding.footer_url.startswith(_SCHEMES) else "",
        "way_out": message.unsubscribe,
        "unsubscribe": locale.word("unsubscribe"),
        "width": BODY_WIDTH,
    }


def _missing(document: Document, message: Message, locale: Locale) -> Missing:
    name = one_line(document.name)
    size = f"{locale.number(document.size / 1_000_000, '0.0')} MB"
    note = locale.word("too_large", name=f"{name} ({size})")
    found = next((each for each in message.downloads if each.name == document.name), None)
    if found is None:
        return Missing(f"{note} {locale.word('too_large_ask')}", "", "", "")
    until = locale.word("download_until", moment=locale.moment(found.until, message.zone))
    return Missing(note, found.url, locale.word("download", name=name), until)


@lru_cache(maxsize=4)
def _template(name: str) -> jinja2.Template:
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        autoescape=name.endswith("html"), undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string((files(_PLACE) / "templates" / f"{name}.j2").read_text("utf-8"))

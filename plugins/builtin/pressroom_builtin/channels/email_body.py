"""A mail's two bodies, text and HTML, from the templates that lie beside this module."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pressroom import Document, Link, Message
from pressroom.locales import Locale
from pressroom.templating import one_line
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
    url: str = ""


def write_body(message: Message, pictures: Sequence[Picture], too_large: Sequence[Document]) -> Body:
    """Both bodies of a message.

    A link of the message whose text is the name of a document that was too large is shown beside the note
    about it, every other one as a button.
    """
    import css_inline

    words = _words(message.locale)
    locale = Locale.of(message.locale)
    links = [link for link in message.links if link.url.startswith(_SCHEMES)]
    by_name = {link.text: link.url for link in links}
    names = {document.name for document in too_large}
    values: dict[str, Any] = {
        "message": message,
        "lang": locale.tag,
        "title": one_line(message.title) or one_line(message.subject),
        "text": _clean(message.text).strip(),
        "due": words["due"].format(moment=locale.moment(message.planned_at, message.zone)),
        "summary": [one_line(line) for line in message.summary],
        "links": [
            Link(text=one_line(link.text, 120) or link.url, url=link.url) for link in links if link.text not in names
        ],
        "missing": [
            Missing(
                words["too_large"].format(name=one_line(document.name), size=_size(document.size)),
                by_name.get(document.name, ""),
            )
            for document in too_large
        ],
        "errors": [one_line(error) for error in message.errors[:_MAX_ERRORS]],
        "more_errors": max(0, len(message.errors) - _MAX_ERRORS),
        "logo": next((picture for picture in pictures if picture.is_logo), None),
        "pictures": [picture for picture in pictures if not picture.is_logo],
        "footer": words["sent_by"].format(name=one_line(message.branding.footer_text))
        if message.branding.footer_text
        else "",
        "footer_url": message.branding.footer_url if message.branding.footer_url.startswith(_SCHEMES) else "",
        "words": words,
        "width": BODY_WIDTH,
    }
    html = _template("message.html").render(values)
    inliner = css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)
    return Body(_template("message.txt").render(values).strip() + "\n", inliner.inline(html))


def _clean(text: str) -> str:
    """Text whose lines end in \\n, without control characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(one_line(line, 10_000) for line in lines)


def _size(size: int) -> str:
    return f"{size / 1_000_000:.0f} MB" if size >= 10_000_000 else f"{size / 1_000_000:.1f} MB"


@lru_cache(maxsize=8)
def _words(tag: str) -> dict[str, str]:
    catalogue: dict[str, dict[str, str]] = json.loads((files(_PLACE) / "words.json").read_text("utf-8"))
    return catalogue.get(tag.replace("_", "-").partition("-")[0].lower(), catalogue["en"])


@lru_cache(maxsize=4)
def _template(name: str) -> jinja2.Template:
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        autoescape=name.endswith("html"), undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string((files(_PLACE) / "templates" / f"{name}.j2").read_text("utf-8"))

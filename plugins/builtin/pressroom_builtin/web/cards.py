"""Small pages: a question, an answer, a form; one card in the middle."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from litestar import MediaType, Request, Response

from pressroom.locales import Locale, clean
from pressroom_builtin.renderers.web_panels import CELL, THEMES, template

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
"""Styles stand in the page itself; nothing else is loaded, nothing runs, and forms lead here only."""
HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "private, no-store"}
HTML = "text/html"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True)
class Form:
    """A form that is sent by POST.

    Attributes:
        button: its words.
        action: where to; the page's own address where it is empty.
        hidden: values that go along.
        sign_in: whether it asks for name and password.
        login: the name that was given before.
    """

    button: str
    action: str = ""
    hidden: dict[str, str] = field(default_factory=dict)
    sign_in: bool = False
    login: str = ""


@dataclass(frozen=True)
class Card:
    """What a small page says.

    Attributes:
        lines: sentences under the title.
        error: what went wrong with the form.
        more: a way on, as its words and its address.
    """

    title: str
    lines: tuple[str, ...] = ()
    error: str = ""
    form: Form | None = None
    more: tuple[str, str] | None = None


def answer(card: Card, locale: Locale, status: int = 200, headers: dict[str, str] | None = None) -> Response[Any]:
    """The page as an answer that nothing on the way keeps."""
    values = {
        "card": card,
        "lang": locale.tag,
        "login": locale.word("login"),
        "password": locale.word("password"),
        "themes": THEMES,
        "cell": CELL,
    }
    made = clean(template(__package__, "card.html.j2").render(values)).encode("utf-8", "replace")
    return Response(made, status_code=status, media_type=MediaType.HTML, headers={**HEADERS, **(headers or {})})


def language(request: Request[Any, Any, Any]) -> Locale:
    """The reader's own, as its browser says."""
    said = _LANGUAGE.match(request.headers.get("accept-language", ""))
    return Locale.of(said[0][:20] if said else "en")


def for_people(request: Request[Any, Any, Any]) -> bool:
    """Whether a person's browser asks, rather than a program."""
    return HTML in request.headers.get("accept", "")

"""Small pages: a question, an answer, a form; one card in the middle."""

from __future__ import annotations

from dataclasses import dataclass, field

from pressroom.locales import Locale, clean
from pressroom_builtin.renderers.web_panels import CELL, THEMES, template


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


def render(card: Card, locale: Locale) -> bytes:
    """The page, as HTML in UTF-8."""
    values = {
        "card": card,
        "lang": locale.tag,
        "login": locale.word("login"),
        "password": locale.word("password"),
        "themes": THEMES,
        "cell": CELL,
    }
    return clean(template(__package__, "card.html.j2").render(values)).encode("utf-8", "replace")

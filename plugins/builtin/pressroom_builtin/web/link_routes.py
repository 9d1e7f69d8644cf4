"""`/files` and `/unsubscribe`: what links in mails open, for whoever has the link."""

from __future__ import annotations

import re
from typing import Annotated, Any

from litestar import HttpMethod, MediaType, Request, Response, Router, get, post, route
from litestar.params import QueryParameter
from litestar.response import File

from pressroom import Gone, NotFound, PressroomError
from pressroom.locales import Locale
from pressroom_builtin.web.base_routes import HEADERS, answer, for_people, language
from pressroom_builtin.web.cards import Card, Form
from pressroom_server.app import PLAIN
from pressroom_server.auth import PUBLIC, CurrentHost
from pressroom_server.errors import problem

UNSUBSCRIBE, RESUBSCRIBE = "/unsubscribe", "/resubscribe"
Key = Annotated[str, QueryParameter(name="key", description="As the link in the mail has it.")]
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+(?:; ?[a-z0-9-]+=[a-z0-9._-]+)*")


def refusal(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """An error as a page for people, or as a problem."""
    if not isinstance(error, NotFound | Gone) or not for_people(request):
        return problem(request, error)
    locale = language(request)
    if isinstance(error, Gone):
        return answer(Card(locale.word("page_gone"), (locale.word("file_gone"),)), locale, 410)
    return answer(Card(locale.word("page_missing"), (locale.word("link_broken"),)), locale, 404)


_PAGE: dict[str, Any] = {"sync_to_thread": True, "media_type": MediaType.HTML}


def link_routes() -> Router:
    """All of them; for everybody who has a link."""
    return Router(
        "/",
        route_handlers=[file, ask, unsubscribe, resubscribe],
        opt=PUBLIC,
        include_in_schema=False,
        exception_handlers={PressroomError: refusal},
    )


@route("/files", http_method=[HttpMethod.GET, HttpMethod.HEAD], opt={PLAIN: True}, sync_to_thread=True)
def file(host: CurrentHost, key: Key = "") -> File:
    """A document that was too large for a mail; saved, never shown, by the browser."""
    found = host.links.open_document(key)
    known = _MEDIA_TYPE.fullmatch(found.document.media_type.lower())
    return File(
        found.path,
        filename=found.name,
        media_type=known[0] if known else "application/octet-stream",
        content_disposition_type="attachment",
        headers=HEADERS,
    )


@get(UNSUBSCRIBE, **_PAGE)
def ask(host: CurrentHost, key: Key = "") -> Response[Any]:
    """Asks; changes nothing, for programs that look after links in mails open them all."""
    who = host.links.subscriber(key)
    locale = Locale.of(who.locale)
    if who.since is not None:
        return _gone(locale, who.address, who.title, key)
    about = locale.word("unsubscribe_about", address=who.address, report=who.title)
    form = Form(locale.word("unsubscribe_do"), _keyed(UNSUBSCRIBE, key))
    return answer(Card(locale.word("unsubscribe_ask"), (about,), form=form), locale)


@post(UNSUBSCRIBE, status_code=200, **_PAGE)
def unsubscribe(host: CurrentHost, key: Key = "") -> Response[Any]:
    """One click: from the page, or from a mail program (RFC 8058). The key alone counts, whatever the body says."""
    who = host.links.unsubscribe(key)
    return _gone(Locale.of(who.locale), who.address, who.title, key)


@post(RESUBSCRIBE, status_code=200, **_PAGE)
def resubscribe(host: CurrentHost, key: Key = "") -> Response[Any]:
    """Undoes it."""
    who = host.links.resubscribe(key)
    locale = Locale.of(who.locale)
    about = locale.word("unsubscribe_about", address=who.address, report=who.title)
    form = Form(locale.word("unsubscribe_do"), _keyed(UNSUBSCRIBE, key))
    return answer(Card(locale.word("resubscribed"), (about,), form=form), locale)


def _gone(locale: Locale, address: str, title: str, key: str) -> Response[Any]:
    about = locale.word("unsubscribed_about", address=address, report=title)
    form = Form(locale.word("resubscribe_do"), _keyed(RESUBSCRIBE, key))
    return answer(Card(locale.word("unsubscribed"), (about,), form=form), locale)


def _keyed(path: str, key: str) -> str:
    # signed before it comes here, so it holds nothing that would have to be written otherwise
    return f"{path}?key={key}"

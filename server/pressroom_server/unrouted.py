"""The form of an error where no handler answers: an address that is none, a method that it lacks.

An API's clients read its own form of errors. Such an error takes the form of the handlers whose addresses begin
as the one that was asked for, as far as they agree; else it is a problem.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from litestar import Request, Response
from litestar.exceptions import NotFoundException
from litestar.routes import BaseRoute, HTTPRoute

from pressroom_server.errors import problem

Form = Callable[[Request[Any, Any, Any], Any], Response[Any]]
"""An exception handler of Litestar's."""


class Forms:
    """The forms of errors by the beginnings of addresses.

    Args:
        routes: of the whole application.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._forms: defaultdict[tuple[str, ...], set[Form]] = defaultdict(set)
        for route in routes:
            if isinstance(route, HTTPRoute):
                fixed = _fixed(route)
                for end in range(1, len(fixed) + 1):
                    self._forms[fixed[:end]].update(map(_form, route.route_handlers))

    def of(self, path: str) -> Form:
        """The form of an error at an address."""
        parts = tuple(path.strip("/").split("/"))
        for end in range(len(parts), 0, -1):
            found = self._forms.get(parts[:end])
            if found:
                return next(iter(found)) if len(found) == 1 else problem
        return problem


def unanswered(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The answer to an error of Litestar's outside of every handler that has a form of its own."""
    forms: Forms | None = request.app.state.get("forms")
    form = forms.of(request.url.path) if forms is not None else unanswered
    return problem(request, error) if form is unanswered else form(request, error)


def _fixed(route: HTTPRoute) -> tuple[str, ...]:
    """The components of an address before its first parameter."""
    found = []
    for component in route.path_components:
        if not isinstance(component, str):
            break
        found.append(component)
    return tuple(found)


def _form(handler: Any) -> Form:
    handlers = handler.resolve_exception_handlers()
    found: Form = next(handlers[kind] for kind in NotFoundException.__mro__ if kind in handlers)
    return found

"""Every error that Pressroom raises on purpose, as one tree.

    PressroomError
    ├── UsageError                 a call with arguments that do not go together
    ├── SettingsError              pressroom.toml: names the file and the key
    ├── DefinitionError            dashboards, reports ...: carries a list of problems
    ├── NotFound                   no such thing, or not for this principal
    ├── Gone                       it was there, and is not kept or not good any more
    ├── Conflict                   it exists already, or changed meanwhile
    │   ├── Changed                it is not any more what somebody who would change it has seen
    │   └── KeyReused              an idempotency key that was used for another request
    ├── Unauthenticated            nobody knows who asks: no token, or none that is good
    ├── AccessDenied               the principal lacks a permission
    ├── TooManyRequests            somebody asks too often; says when to come back
    ├── NotReady                   an answer that was wanted only where it needs no waiting
    ├── PluginError                a plugin is missing, broken or not installed whole
    │   └── MissingDependency      (also an ImportError) names the command that installs it
    ├── StoreError                 the database is missing, old or broken
    ├── TemplateError              a subject, file name or mail template
    ├── StepError                  a step of a run failed; `transient` says whether a retry may help
    │   ├── SourceError            a data source could not answer
    │   │   └── QueryError         the query itself is wrong
    │   ├── ChartError             a dataset does not fit its chart type
    │   ├── RenderError            a document could not be made
    │   ├── DeliveryError          a message could not be handed over
    │   ├── FetchError             an address gave nothing, or may not be asked
    │   └── TimedOut               a time limit was reached
    ├── Cancelled                  somebody asked the work to stop
    └── LeaseLost                  another process owns the run now; stop without writing

A message says what was wrong, where, and what to do. People never see a traceback of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class PressroomError(Exception):
    """Root of the tree.

    Args:
        message: what was wrong, where, and what to do about it.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message


class UsageError(PressroomError):
    """Arguments that are wrong or do not go together; the CLI exits with 2."""


class SettingsError(PressroomError):
    """A key of `pressroom.toml` is missing, unknown or wrong."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a definition.

    Attributes:
        message: what is wrong and what would be right.
        field: dotted path, such as `dashboards[0].charts[2].type`; empty for the whole file.
        file: where it was read from; None for definitions that came over HTTP.
        line: 1-based line in that file.
    """

    message: str
    field: str = ""
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        return ": ".join(part for part in (place, self.field, self.message) if part)


class DefinitionError(PressroomError):
    """Definitions that cannot be applied; every problem is listed, nothing was stored.

    Args:
        problems: all of them, in the order of the file.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[type[DefinitionError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class NotFound(PressroomError):
    """No such thing, or none that this principal may know of."""


class Gone(PressroomError):
    """It was there once: a link that has ended, documents that are not kept any more."""


class Conflict(PressroomError):
    """The thing exists already, or was changed by somebody else meanwhile."""


class Changed(Conflict):
    """The thing is not any more what somebody who would change it has seen."""


class KeyReused(Conflict):
    """An idempotency key that was used for another request."""


class Unauthenticated(PressroomError):
    """No token or password, or none that is good; never says which of its parts was wrong."""

    def __init__(self, message: str = "sign in first: no token, or one that is not good") -> None:
        super().__init__(message)


class AccessDenied(PressroomError):
    """The principal lacks a permission; the message ends in its name."""


class TooManyRequests(PressroomError):
    """Somebody asks too often.

    Args:
        message: what there was too much of.
        retry_after: seconds after which it may go.
    """

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotReady(PressroomError):
    """An answer was wanted only where it is at hand; to have it, a source must be asked first."""

    def __init__(self, message: str = "it is not kept: a source must be asked first") -> None:
        super().__init__(message)


class PluginError(PressroomError):
    """A plugin is unknown, broken, or claims a name that another has."""


class MissingDependency(PluginError, ImportError):
    """A plugin's library is not installed; the message holds the command that installs it."""


class StoreError(PressroomError):
    """The store cannot be reached, or its schema is not the one this version needs."""


class TemplateError(PressroomError):
    """A subject, file name or mail template is wrong or tried to leave the sandbox."""


class StepError(PressroomError):
    """A step of a run failed.

    Args:
        message: what failed and why.
        transient: True where the same call may succeed later (a server that is down, a time-out).
    """

    def __init__(self, message: str, *, transient: bool = False) -> None:
        super().__init__(message)
        self.transient = transient

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.message,), {"transient": self.transient}


class SourceError(StepError):
    """A data source is down, refuses us, or answers what cannot be read."""


class QueryError(SourceError):
    """The query is wrong, not allowed, or asks for too much; asking again will not help."""


class ChartError(StepError):
    """A dataset does not fit its chart type, or its options are wrong."""


class RenderError(StepError):
    """A document could not be made."""


class DeliveryError(StepError):
    """A message could not be handed to its channel at all (an answer per recipient is a Receipt)."""


class FetchError(StepError):
    """What an address names could not be had, or may not be asked for."""


class TimedOut(StepError):
    """A time limit was reached and the work was stopped."""

    def __init__(self, message: str, *, transient: bool = True) -> None:
        super().__init__(message, transient=transient)


class Cancelled(PressroomError):
    """Somebody asked the work to stop."""

    def __init__(self, message: str = "cancelled") -> None:
        super().__init__(message)


class LeaseLost(PressroomError):
    """Another process has taken the run over: stop, and write nothing more about it."""

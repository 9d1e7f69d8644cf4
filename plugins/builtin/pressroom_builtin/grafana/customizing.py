"""Report settings for whoever asks: read, saved with their logos, and the logos themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pressroom import (
    BrandingSettings,
    Context,
    DefinitionError,
    Image,
    PressroomError,
    Principal,
    Problem,
    ProjectStore,
)
from pressroom_builtin.grafana import branding, wire
from pressroom_builtin.grafana.base import RawBody, ReportingBase

UPLOADS = {"reportLogo": "report_logo", "emailLogo": "email_logo"}
"""Fields of uploaded files, with the attributes of the settings that they set."""
SECONDS = 5.0
"""For asking the addresses of logos while their settings are saved."""


class Customizing(ReportingBase):
    """A project's report settings."""

    def settings(self, principal: Principal, project: str) -> wire.Settings:
        """The project's report settings."""
        principal.require("reports.settings:read")
        store = self._store(principal, project)
        return branding.to_wire(store.branding.get(), store.id, self._public_url)

    def save_settings(
        self, principal: Principal, project: str, body: RawBody, logos: Mapping[str, bytes] | None = None
    ) -> wire.Done:
        """Merge settings into those that are there; all of it or nothing.

        A logo's address that may not be asked, or that gives no picture, is refused; one whose server is away is not.

        Args:
            logos: uploaded pictures by field, `reportLogo` or `emailLogo`.

        Raises:
            DefinitionError: wrong fields, or a file that is no picture.
        """
        principal.require("reports.settings:write")
        logos = logos or {}
        problems: list[Problem] = []
        proved: dict[str, tuple[str, str]] = {}
        said = branding.SettingsBody()
        with _gathering(problems):
            said = branding.read_settings(body)
        for field, data in logos.items():
            with _gathering(problems):
                proved[field] = branding.prove_image(data, field)
        if problems:
            raise DefinitionError(problems)
        # before the transaction: a server that is asked takes its time
        self._ask_for_logos(self._store(principal, project), said)
        with self._changing(principal, project, "reports.settings:write") as (store, note):
            before = store.branding.get()
            uploads = {UPLOADS[field]: name for field, (name, _) in proved.items()}
            for field, (name, media_type) in proved.items():
                store.images.save(name, media_type, logos[field], principal.name)
            after = branding.merge(before, said, self._public_url, principal.user_id, uploads)
            _check_uploaded(store, after)
            store.branding.save(after, principal.name)
            _forget(store, {before.report_logo, before.email_logo, after.report_logo, after.email_logo})
            note("report settings")
        return wire.SAVED

    def image(self, principal: Principal, project: str, name: str) -> Image:
        """An uploaded logo.

        Raises:
            NotFound: there is none of that name.
        """
        principal.require("reports.settings:read")
        return self._store(principal, project).images.get(name)

    @property
    def _public_url(self) -> str:
        return self.host.settings.server.public_url

    def _ask_for_logos(self, store: ProjectStore, said: branding.SettingsBody) -> None:
        """Have the addresses that are new; what they give is kept for the next report.

        Raises:
            DefinitionError: one may not be asked, or gives no picture.
        """
        problems: list[Problem] = []
        known = store.branding.get()
        context = Context(self.host.workspace.folder, timeout=SECONDS)
        for attribute, address in said.logos(self._public_url).items():
            if not address or address.startswith(branding.UPLOADED) or address == getattr(known, attribute):
                continue
            try:
                self.host.logos.ask(address, context)
            except PressroomError as error:
                if not getattr(error, "transient", False):
                    problems.append(Problem(error.message, branding.LOGO_FIELDS[attribute]))
        if problems:
            raise DefinitionError(problems)


@contextmanager
def _gathering(problems: list[Problem]) -> Iterator[None]:
    try:
        yield
    except DefinitionError as error:
        problems += error.problems


def _check_uploaded(store: ProjectStore, settings: BrandingSettings) -> None:
    known = {f"{branding.UPLOADED}{image.name}" for image in store.images.list()}
    missing = [
        Problem(f"no image {reference.removeprefix(branding.UPLOADED)!r} was uploaded", field)
        for attribute, field in branding.LOGO_FIELDS.items()
        if (reference := getattr(settings, attribute)).startswith(branding.UPLOADED) and reference not in known
    ]
    if missing:
        raise DefinitionError(missing)


def _forget(store: ProjectStore, used: set[str]) -> None:
    """Remove the pictures that neither these settings nor the ones before name."""
    for image in store.images.list():
        if f"{branding.UPLOADED}{image.name}" not in used:
            store.images.delete(image.name)

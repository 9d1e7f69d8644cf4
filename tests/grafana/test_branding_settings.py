"""Report settings: what is merged, what is refused, and logos by address and by upload."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from pressroom import BrandingSettings, DefinitionError, NotFound, Principal, Project
from pressroom_builtin.grafana.customizing import SECONDS
from workspaces.branded import BLUE, ME, PROJECT, RED, Site, branded_site, picture

FIELDS = {"reportLogoUrl": "branding.reportLogoUrl", "emailLogoUrl": "branding.emailLogoUrl"}


@pytest.fixture(scope="module")
def one_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with branded_site(tmp_path_factory.mktemp("site") / "w") as made:
        yield made


@pytest.fixture
def site(one_site: Site) -> Site:
    """As if nobody had saved any settings."""
    store = one_site.host.repositories.project(PROJECT)
    store.branding.save(BrandingSettings(), "test")
    for image in store.images.list():
        store.images.delete(image.name)
    one_site.web.answers.clear()
    one_site.web.asked.clear()
    return one_site


def problems(site: Site, body: Any, **logos: bytes) -> dict[str, str]:
    before = site.settings()
    with pytest.raises(DefinitionError) as caught:
        site.api.save_settings(ME, PROJECT, body, logos)
    assert site.settings() == before
    return {problem.field: problem.message for problem in caught.value.problems}


SAID = st.fixed_dictionaries(
    {},
    optional={
        "pdfTheme": st.sampled_from(["light", "dark", "current"]),
        "embeddedImageTheme": st.sampled_from(["light", "dark", "current"]),
        "pdfHeaderEnabled": st.booleans(),
        "pdfDashboardTitleEnabled": st.booleans(),
        "pdfTimeRangeEnabled": st.booleans(),
        "footerFontFamily": st.sampled_from(["", "Georgia", "What ever"]),
        "footerItems": st.lists(
            st.dictionaries(
                st.sampled_from(["type", "value", "color", "fontSize", "fontStyle", "fontWeight"]),
                st.text(max_size=20),
            ),
            max_size=10,
        ),
        "branding": st.fixed_dictionaries(
            {},
            optional={
                "emailFooterMode": st.sampled_from(["sent-by", "none"]),
                "emailFooterText": st.text("ab 城", min_size=1, max_size=20).map(str.strip).filter(bool),
                "emailFooterLink": st.sampled_from(["https://example.org/", "mailto:a@example.org"]),
            },
        ),
    },
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(bodies=st.lists(SAID, max_size=4))
def test_what_is_absent_stays_and_what_is_said_comes_back(site: Site, bodies: list[dict[str, Any]]) -> None:
    expected = site.settings()
    for body in bodies:
        site.save(body)
        expected = {**expected, **body, "branding": {**expected["branding"], **body.get("branding", {})}}
        assert site.settings() == expected


def test_signing_needs_text_and_link_after_the_merge(site: Site) -> None:
    assert set(problems(site, {"branding": {"emailFooterText": "", "emailFooterLink": ""}})) == {
        "branding.emailFooterText",
        "branding.emailFooterLink",
    }
    site.save({"branding": {"emailFooterMode": "none", "emailFooterText": "", "emailFooterLink": ""}})
    assert "branding.emailFooterText" in problems(site, {"branding": {"emailFooterMode": "sent-by"}})
    site.save(
        {"branding": {"emailFooterMode": "sent-by", "emailFooterText": "A", "emailFooterLink": "http://a.example"}}
    )
    site.save({"branding": {"emailFooterMode": ""}})
    assert site.settings()["branding"]["emailFooterMode"] == "sent-by"


def test_every_wrong_field_is_named_at_once(site: Site) -> None:
    found = problems(
        site,
        {
            "branding": {"reportLogoUrl": "file:///etc/passwd", "emailFooterLink": "javascript:alert(1)"},
            "pdfTheme": "neon",
            "footerItems": [{}] * 11,
        },
        emailLogo=b"no picture",
    )
    assert set(found) == {
        "branding.reportLogoUrl",
        "branding.emailFooterLink",
        "pdfTheme",
        "footerItems",
        "emailLogo",
    }


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:{port}/logo",
        "http://127.0.0.2:{port}/logo",
        "http://2130706434:{port}/logo",
        "http://10.0.0.1/logo.png",
        "http://user:secret@127.0.0.1:{port}/logo",
        "http://127.0.0.1:{port}/inside",
        "http://127.0.0.1:{port}/page",
        "http://127.0.0.1:{port}/logo.svg",
        "ftp://example.org/logo.png",
        "data:image/png;base64,AAAA",
    ],
)
def test_an_address_of_a_forbidden_kind_is_refused_by_name(site: Site, field: str, url: str) -> None:
    site.web.give("/logo", picture())
    site.web.give("/inside", b"", "302 Found", location="http://169.254.169.254/")
    site.web.give("/page", b"<p>Sign in")
    site.web.give("/logo.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>')
    found = problems(site, {"branding": {field: url.format(port=site.web.port)}})
    assert set(found) == {FIELDS[field]}


def test_a_server_that_is_away_refuses_nothing(site: Site) -> None:
    for url in ("http://127.0.0.1:1/logo.png", "https://nothing.invalid/logo.jpg", site.web.url("/not-there-yet.png")):
        site.save({"branding": {"reportLogoUrl": url, "emailLogoUrl": url}})
        assert site.settings()["branding"]["reportLogoUrl"] == url


def test_a_server_that_never_answers_does_not_hold_the_saving(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    from pressroom_builtin.grafana import customizing

    async def silent(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3600)

    assert SECONDS <= 5
    monkeypatch.setattr(customizing, "SECONDS", 0.2)
    site.web.answers["/silent"] = silent
    site.save({"branding": {"reportLogoUrl": site.web.url("/silent"), "emailLogoUrl": site.web.url("/silent?2")}})
    assert site.settings()["branding"]["emailLogoUrl"] == site.web.url("/silent?2")


def test_what_stays_is_not_asked_again(site: Site) -> None:
    site.web.give("/stays", picture())
    body = {"branding": {"reportLogoUrl": site.web.url("/stays")}}
    site.save(body)
    del site.web.answers["/stays"]
    site.save(body)
    site.save({"pdfTheme": "dark"})
    assert len(site.web.asked) == 1
    site.save({"branding": {"reportLogoUrl": ""}})
    assert site.settings()["branding"]["reportLogoUrl"] == ""


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_an_uploaded_logo_is_served_and_sent_back(site: Site, kind: str) -> None:
    data = picture(RED, kind=kind)
    site.save({"pdfTheme": "dark"}, reportLogo=data, emailLogo=data)
    found = site.settings()["branding"]
    assert found["reportLogoUrl"] == found["emailLogoUrl"]
    image = site.api.image(ME, PROJECT, found["reportLogoUrl"].rpartition("/")[2])
    assert (image.data, image.media_type) == (data, f"image/{kind.lower()}")
    site.save({"branding": found})
    assert site.settings()["branding"] == found
    site.save({"branding": {"emailLogoUrl": ""}})
    assert site.settings()["branding"]["reportLogoUrl"] == found["reportLogoUrl"]


def test_a_file_wins_over_an_address_and_an_unknown_one_is_refused(site: Site) -> None:
    site.save({"branding": {"reportLogoUrl": "http://127.0.0.1:1/x.png"}}, reportLogo=picture())
    assert "/api/reports/images/" in site.settings()["branding"]["reportLogoUrl"]
    for reference in ("image:nothing.png", "/api/reports/images/nothing.png"):
        assert set(problems(site, {"branding": {"emailLogoUrl": reference}})) == {"branding.emailLogoUrl"}


def test_pictures_that_nothing_names_are_forgotten_after_the_next(site: Site) -> None:
    names = []
    for shade in range(4):
        site.save({}, reportLogo=picture((shade, 0, 0)))
        names.append(site.settings()["branding"]["reportLogoUrl"].rpartition("/")[2])
    kept = {image.name for image in site.host.repositories.project(PROJECT).images.list()}
    assert kept == set(names[-2:])
    with pytest.raises(NotFound):
        site.api.image(ME, PROJECT, names[0])


def test_another_project_s_picture_does_not_exist(site: Site) -> None:
    site.save({}, reportLogo=picture())
    name = site.settings()["branding"]["reportLogoUrl"].rpartition("/")[2]
    site.host.store.projects.save(Project(uid="other", name="Other"), "test")
    with pytest.raises(NotFound):
        site.api.image(Principal.with_role("ann", "admin", "other"), "other", name)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg/>",
        b"GIF89a",
        picture()[:60],
        b"\0" * 16_000_001,
        picture(size=(9000, 5000)),
        picture(BLUE, kind="BMP"),
    ],
    ids=["empty", "svg", "gif", "cut", "large", "pixels", "bmp"],
)
def test_what_is_no_picture_is_refused_and_nothing_is_saved(site: Site, data: bytes) -> None:
    assert set(problems(site, {"pdfTheme": "dark"}, emailLogo=data, reportLogo=picture())) == {"emailLogo"}
    assert site.host.repositories.project(PROJECT).images.list() == []


def test_saves_at_once_lose_none_of_their_fields(site: Site) -> None:
    bodies: list[dict[str, Any]] = [
        {"pdfTheme": "dark"},
        {"embeddedImageTheme": "light"},
        {"pdfHeaderEnabled": False},
        {"pdfTimeRangeEnabled": False},
        {"branding": {"emailFooterText": "Us"}},
        {"footerFontFamily": "Georgia"},
    ]
    start = threading.Barrier(len(bodies))
    errors: list[BaseException] = []

    def save(body: dict[str, Any]) -> None:
        start.wait()
        try:
            site.save(body)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=save, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    found = site.settings()
    assert (found["pdfTheme"], found["embeddedImageTheme"], found["footerFontFamily"]) == ("dark", "light", "Georgia")
    assert (found["pdfHeaderEnabled"], found["pdfTimeRangeEnabled"]) == (False, False)
    assert found["branding"]["emailFooterText"] == "Us"


def test_the_example_of_the_documentation_is_taken_whole(site: Site) -> None:
    page = (Path(__file__).parents[2] / "docs/branding.md").read_text(encoding="utf-8")
    example = json.loads(page.partition("```json\n")[2].partition("```")[0])
    site.save(example)
    found = site.settings()
    assert {key: found[key] for key in example} == example
    assert len(site.host.repositories.project(PROJECT).branding.get().page_footer) == len(example["footerItems"])

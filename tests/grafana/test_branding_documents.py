"""Report settings as readers see them: in the PDF, in the picture, and in the mail."""

from __future__ import annotations

import io
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from pressroom import BrandingSettings, Run
from workspaces.branded import BLUE, ME, PROJECT, RED, Site, branded_site, has_color, picture

DARK_PAGE, LIGHT_PAGE = (17, 20, 24), (255, 255, 255)
RANGE = "2 May 2016"


@pytest.fixture(scope="module")
def one_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    # every report asks anew
    fetch = 'allowed_hosts = ["127.0.0.1"]\nfresh_seconds = 0'
    with branded_site(tmp_path_factory.mktemp("site") / "w", fetch) as made:
        yield made


@pytest.fixture
def site(one_site: Site) -> Site:
    """As if nobody had saved any settings."""
    one_site.host.repositories.project(PROJECT).branding.save(BrandingSettings(), "test")
    one_site.web.answers.clear()
    one_site.web.asked.clear()
    one_site.mail.received.clear()
    return one_site


def preview(site: Site, folder: Path, format: str) -> tuple[bytes, tuple[str, ...]]:
    number = site.api.number(ME, PROJECT, "weekly")
    made = site.api.preview(ME, PROJECT, number, folder, formats=[format])
    (document,) = made.documents
    return (folder / document.path).read_bytes(), made.warnings


def pdf(site: Site, folder: Path) -> PdfReader:
    return PdfReader(io.BytesIO(preview(site, folder, "pdf")[0]))


def text_of(site: Site, folder: Path) -> str:
    return pdf(site, folder).pages[0].extract_text()


def paper(site: Site, folder: Path, format: str) -> tuple[int, int, int]:
    """The colour of the paper: of the PDF as it is written in it, of the picture in its corner."""
    from PIL import Image

    content, _ = preview(site, folder, format)
    if format == "pdf":
        drawn = PdfReader(io.BytesIO(content)).pages[0].get_contents()
        assert drawn is not None
        # the first thing that is drawn is the page's background
        words = drawn.get_data().split()
        red, green, blue = (round(float(word) * 255) for word in words[words.index(b"scn") - 3 : words.index(b"scn")])
        return red, green, blue
    with Image.open(io.BytesIO(content)) as opened:
        corner = opened.convert("RGB").getpixel((2, 2))
    assert isinstance(corner, tuple)
    return int(corner[0]), int(corner[1]), int(corner[2])


def sent(site: Site, *formats: str) -> tuple[Run, EmailMessage]:
    run = site.api.test(
        ME,
        PROJECT,
        {
            "name": "Weekly visits",
            "recipients": "ops@example.org",
            "dashboards": [{"dashboard": {"uid": "good0001"}}],
            "formats": list(formats),
        },
    )
    return run, site.mail.received[-1].message


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def inline(mail: EmailMessage) -> dict[str, bytes]:
    """Pictures in the body by file name."""
    parts = [part for part in mail.walk() if part.get_content_maintype() == "image"]
    return {part.get_filename() or "": part.get_content() for part in parts}


@pytest.mark.parametrize(
    ("said", "absent"),
    [
        ({}, set()),
        ({"pdfHeaderEnabled": False}, {"Weekly"}),
        ({"pdfDashboardTitleEnabled": False}, {"Good"}),
        ({"pdfTimeRangeEnabled": False}, {RANGE}),
        (
            {"pdfHeaderEnabled": False, "pdfDashboardTitleEnabled": False, "pdfTimeRangeEnabled": False},
            {"Weekly", "Good", RANGE},
        ),
    ],
)
def test_each_switch_takes_its_part_from_the_header(
    site: Site, tmp_path: Path, said: dict[str, bool], absent: set[str]
) -> None:
    whole = preview(site, tmp_path / "whole", "image")[0]
    site.save(said)
    found = text_of(site, tmp_path / "pdf")
    assert {text for text in ("Weekly", "Good", RANGE) if text not in found} == absent
    assert (preview(site, tmp_path / "picture", "image")[0] != whole) is bool(absent)


@pytest.mark.parametrize(
    ("pages", "pictures"), [("light", "dark"), ("dark", "light"), ("dark", "dark"), ("current", "current")]
)
def test_themes_are_of_pages_and_of_pictures(site: Site, tmp_path: Path, pages: str, pictures: str) -> None:
    site.save({"pdfTheme": pages, "embeddedImageTheme": pictures})
    assert paper(site, tmp_path / "pdf", "pdf") == (DARK_PAGE if pages == "dark" else LIGHT_PAGE)
    assert paper(site, tmp_path / "image", "image") == (DARK_PAGE if pictures == "dark" else LIGHT_PAGE)


def test_footer_items_stand_at_the_foot_of_pages(site: Site, tmp_path: Path) -> None:
    assert "Page 1 of 1" in text_of(site, tmp_path / "usual")
    items = [
        {"type": "fixed-text", "value": "Confidential #1 {x}", "fontWeight": "bold", "color": "#D21E28"},
        {"type": "flex-spacer"},
        {"type": "date", "value": "MM/yyyy", "fontSize": "14"},
        {"type": "something new", "value": "nobody knows"},
    ]
    site.save({"footerItems": items, "footerFontFamily": "Georgia"})
    found = site.settings()
    assert (found["footerItems"], found["footerFontFamily"]) == (items, "Georgia")
    shown = text_of(site, tmp_path / "items")
    assert "Confidential #1 {x}" in shown
    assert "/20" in shown
    assert "Page 1" not in shown
    assert "nobody knows" not in shown
    site.save({"footerItems": [{"type": "pageNumber"}, {"type": "text", "value": "x" * 500}]})
    assert "Page 1 of 1" in text_of(site, tmp_path / "long")
    site.save({"footerItems": []})
    assert text_of(site, tmp_path / "again") == text_of(site, tmp_path / "usual")


def test_the_logo_is_on_every_page_wherever_it_stands(site: Site, tmp_path: Path) -> None:
    site.save({}, reportLogo=picture(RED))
    off = {"pdfHeaderEnabled": False, "pdfDashboardTitleEnabled": False, "pdfTimeRangeEnabled": False}
    for name, said in (("above", {}), ("footer", {"footerItems": [{"type": "logo"}]}), ("no header", off)):
        site.save(said)
        (page,) = pdf(site, tmp_path / name).pages
        (shown,) = page.images
        assert has_color(shown.data, RED)
    assert not has_color(preview(site, tmp_path / "image", "image")[0], RED)
    site.save(dict.fromkeys(off, True))
    assert has_color(preview(site, tmp_path / "headed", "image")[0], RED)


def test_a_mail_has_its_own_logo_the_picture_in_its_theme_and_is_signed(site: Site) -> None:
    site.save(
        {
            "embeddedImageTheme": "light",
            "branding": {"emailFooterText": "<Ops> & co", "emailFooterLink": "https://ops.example.org/?a=1&b=2"},
        },
        reportLogo=picture(RED),
        emailLogo=picture(BLUE, (300, 100), "WEBP"),
    )
    run, mail = sent(site, "pdf", "image")
    assert str(run.state) == "succeeded"
    assert run.warnings == ()
    html, plain = body(mail, "html"), body(mail, "plain")
    assert '<a href="https://ops.example.org/?a=1&amp;b=2"' in html
    assert "Sent by &lt;Ops&gt; &amp; co" in html
    assert "Sent by <Ops> & co (https://ops.example.org/?a=1&b=2)" in plain
    pictures = inline(mail)
    assert has_color(pictures.pop("logo.png"), BLUE)
    (shown,) = pictures.values()
    assert has_color(shown, RED)
    assert has_color(shown, LIGHT_PAGE)
    site.save({"embeddedImageTheme": "dark", "branding": {"emailFooterMode": "none", "emailLogoUrl": ""}})
    _, mail = sent(site, "pdf", "image")
    assert "Sent by" not in body(mail, "html") + body(mail, "plain")
    (shown,) = inline(mail).values()
    assert has_color(shown, DARK_PAGE)


def test_logos_by_address_are_fetched_when_the_report_is_made(site: Site) -> None:
    site.web.give("/report", picture(RED), content_type="text/plain")
    site.web.give("/email", picture(BLUE))
    branding = {"reportLogoUrl": site.web.url("/report"), "emailLogoUrl": site.web.url("/email")}
    site.save({"branding": branding})
    site.web.asked.clear()
    run, mail = sent(site, "pdf")
    assert run.warnings == ()
    assert has_color(inline(mail)["logo.png"], BLUE)
    (attached,) = mail.iter_attachments()
    (page,) = PdfReader(io.BytesIO(attached.get_content())).pages
    (shown,) = page.images
    assert has_color(shown.data, RED)
    assert len(site.web.asked) == 2


def test_a_logo_whose_server_went_away_is_used_on_with_a_warning(site: Site) -> None:
    site.web.give("/brief", picture(BLUE))
    site.save({"branding": {"emailLogoUrl": site.web.url("/brief")}})
    site.web.give("/brief", b"<p>We are moving", "503 Moving")
    run, mail = sent(site, "csv")
    assert has_color(inline(mail)["logo.png"], BLUE)
    (warning,) = run.warnings
    assert "older" in warning
    assert "503" in warning


@pytest.mark.parametrize("why", ["away", "forbidden now", "no picture", "gone"])
def test_a_report_goes_out_without_a_logo_that_cannot_be_had(site: Site, why: str) -> None:
    url = {
        "away": "http://127.0.0.1:1/logo.png",
        "forbidden now": "http://127.0.0.2:1/logo.png",
        "no picture": site.web.url("/page"),
        "gone": "image:gone.png",
    }[why]
    site.web.give("/page", b"<p>Sign in")
    # as settings may be that were saved under other rules, or restored from elsewhere
    store = site.host.repositories.project(PROJECT)
    store.branding.save(BrandingSettings(report_logo=url, email_logo=url), "test")
    run, mail = sent(site, "csv")
    assert str(run.state) == "succeeded"
    (warning,) = run.warnings
    assert "logo" in warning
    assert url in warning or "127.0.0.2" in warning
    assert inline(mail) == {}


def test_settings_of_one_project_do_not_show_in_another(site: Site, tmp_path: Path) -> None:
    site.save({"pdfTheme": "dark"}, emailLogo=picture(BLUE))
    other: dict[str, Any] = {"uid": "weekly", "name": "Weekly", "dashboards": [{"uid": "none"}]}
    from pressroom import Context, Project, Report
    from pressroom.press.branding import brand

    site.host.store.projects.save(Project(uid="other", name="Other"), "test")
    found, warnings = brand(site.host, "other", Report.model_validate(other), Context(tmp_path))
    assert (found.theme, found.email_logo, warnings) == ("light", "", [])

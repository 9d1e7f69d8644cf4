"""The documentation builds without a warning, and what it tells people to write works."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pressroom.testing.sink import Sink

pytestmark = pytest.mark.timeout(400)
ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: str, language: str) -> list[str]:
    return [text for name, text in FENCE.findall(page) if name == language]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", DOCS, out]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("reference/definitions.html", ["workdays_only", "include_all", "whole_days_only"]),
        ("reference/configuration.html", ["public_url", "query_seconds"]),
        ("reference/cli.html", ["pressroom apply", "--dry-run"]),
        ("charts.html", ["two-way-bar", "one dimension and 2 to 4 metrics"]),
        ("channels.html", ["allowed_recipients"]),
        ("formats.html", ["delimiter"]),
        ("sources.html", ["time_format"]),
        ("celery.html", ["offer_again_seconds", "pressroom.deliver"]),
        ("plugins/hooks.html", ["register_charts()", "edition_composed(run, edition)"]),
    ],
)
def test_pages_tell_what_the_code_has(site: Path, page: str, wanted: list[str]) -> None:
    text = re.sub(r"<[^>]*>", "", (site / page).read_text(encoding="utf-8"))
    assert [word for word in wanted if word not in text] == []


def shell(script: str, folder: Path) -> str:
    """What a reader would type, as one who has the program on the path."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    environment.pop("PRESSROOM_CONFIG", None)
    command = ["bash", "-euc", script]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "tour.md"], ids=["readme", "tour"])
def test_the_tour_works_as_written(page: Path, tmp_path: Path) -> None:
    """Every step of the tour up to the mail; with the README, the mail and its schedule, too."""
    text = page.read_text(encoding="utf-8")
    steps, _, mail = text[text.index("orders.csv") :].partition("By mail")
    (tmp_path / "orders.csv").write_text(blocks(steps, "text")[0], encoding="utf-8")
    first, *rest = blocks(steps, "sh")
    shell(first, tmp_path)
    shop = tmp_path / "shop"
    with (shop / "pressroom.toml").open("a", encoding="utf-8") as toml:
        toml.write(blocks(steps, "toml")[0])
    (shop / "shop.yaml").write_text(blocks(steps, "yaml")[0], encoding="utf-8")
    for script in rest:
        shell(script, shop)
    assert list((shop / "out").rglob("*.pdf"))
    assert list((shop / "outbox").rglob("*.pdf"))
    assert "monthly" in shell("pressroom runs list", shop)
    if page.name == "README.md":
        mail_it(mail, shop)


def mail_it(text: str, shop: Path) -> None:
    """The mail and its schedule, with a server on this machine that asks for no password."""
    definition = shop / "shop.yaml"
    before = "    deliveries: [{channel: archive}]\n"
    assert before in definition.read_text(encoding="utf-8")
    after = definition.read_text(encoding="utf-8").replace(before, blocks(text, "yaml")[0])
    definition.write_text(after, encoding="utf-8")
    with Sink(shop / "mails") as sink:
        settings = re.sub(r"(?m)^(username|password) = .*\n", "", blocks(text, "toml")[0])
        settings = settings.replace('host = "mail.example.org"', f'host = "127.0.0.1"\nport = {sink.port}')
        with (shop / "pressroom.toml").open("a", encoding="utf-8") as toml:
            toml.write(f"\n{settings}")
        told = shell(blocks(text, "sh")[0], shop)
        assert len(sink.files) == 1
    assert "T09:00:00" in told.splitlines()[-1]

"""What is too large for a mail is had by a link, for as long as it is kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from pressroom import Host, Run
from pressroom.press.queries import run_folder
from servers.mailing_site import BASE, Site
from servers.results_server import PROJECT
from workspaces.visits import make_workspace


@pytest.fixture(scope="module")
def sent(site: Site) -> tuple[Run, str]:
    """A run, and the path of the link to its one document, as its mail has it."""
    run = site.send(site.save(uid="files", deliveries=[{"channel": "email", "to": ["anna@example.org"]}]))
    (path,) = site.links("/files")
    return run, path


def test_the_mail_says_what_it_lacks_and_the_ledger_too(site: Site, sent: tuple[Run, str]) -> None:
    assert list(site.last().iter_attachments()) == []
    assert "Weekly _b_&__b_ more - Good.csv" in site.read() or "is too large to attach" in site.read()
    assert "too large to attach: " in sent[0].deliveries[0].answer


def test_the_link_gives_the_document_to_whoever_has_it(site: Site, sent: tuple[Run, str]) -> None:
    run, path = sent
    answer = site.stranger.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200, answer.text
    document = run.documents[0]
    kept = run_folder(site.host.workspace.files, run.id) / document["path"]
    assert answer.content == kept.read_bytes()
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-length"] == str(document["size"])
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers
    head = site.stranger.head(path)
    assert (head.status_code, head.content) == (200, b"")


def test_a_link_ends_before_its_document_is_removed(site: Site) -> None:
    until = site.host.links.ends(files=True)
    # retention keeps files for 30 days, which is less than the 8 weeks of links
    assert abs(until - site.host.links.signer.now() - timedelta(days=30)) < timedelta(minutes=1)
    assert site.host.links.ends() - until > timedelta(days=25)


def test_it_ends_with_the_run_as_well(tmp_path: Path) -> None:
    file = make_workspace(tmp_path / "w")
    file.write_text(
        '[retention]\nfiles = "forever"\nruns = "12h"\n' + file.read_text(encoding="utf-8"), encoding="utf-8"
    )
    with Host.open(file) as host:
        assert host.links.ends(files=True) - host.links.signer.now() < timedelta(hours=13)


def test_a_link_that_has_ended_says_so(site: Site, sent: tuple[Run, str]) -> None:
    old = site.host.links.document(sent[0], 0, site.host.links.signer.now() - timedelta(seconds=1))
    answer = site.stranger.get(old.removeprefix(BASE))
    assert (answer.status_code, answer.headers["content-type"]) == (410, "text/html; charset=utf-8")
    assert "not kept any more" in answer.text
    program = site.stranger.get(old.removeprefix(BASE), headers={"Accept": "application/json"})
    assert (program.status_code, program.headers["content-type"]) == (410, "application/problem+json")


KEYS: dict[str, Callable[[str, Site], str]] = {
    "none": lambda key, site: "",
    "cut": lambda key, site: key[:-1],
    "longer": lambda key, site: key + "A",
    "changed": lambda key, site: ("X" if key[0] != "X" else "Y") + key[1:],
    "without signature": lambda key, site: key.rpartition(".")[0],
    "way out": lambda key, site: site.host.links.way_out(PROJECT, "files", "a@example.org").partition("key=")[2],
    "long": lambda key, site: "A" * 10_000,
    "odd": lambda key, site: "%00%0d%0aX:%20y%ff城",
}


@pytest.mark.parametrize("how", list(KEYS))
def test_other_keys_give_nothing(site: Site, sent: tuple[Run, str], how: str) -> None:
    key = KEYS[how](sent[1].partition("key=")[2], site)
    answer = site.stranger.get(f"/files?key={key}")
    assert answer.status_code == 404
    assert "not whole" in answer.text
    assert "x" not in answer.headers


def test_a_key_of_another_workspace_is_none(site: Site, sent: tuple[Run, str]) -> None:
    from pressroom.access.keys import Keys
    from pressroom.signing import Signer

    other = Signer(Keys("another workspace's key", "here"))
    key = other.sign("file", [sent[0].id, 0, "x"], None)
    assert site.stranger.get(f"/files?key={key}").status_code == 404


@pytest.mark.parametrize("what", ["document", "folder", "another run's"])
def test_documents_that_are_not_kept_any_more(site: Site, what: str) -> None:
    report = site.save(uid=f"gone-{what[:4]}", deliveries=[{"channel": "email", "to": ["anna@example.org"]}])
    run = site.send(report)
    (path,) = site.links("/files")
    place = run_folder(site.host.workspace.files, run.id)
    if what == "document":
        (place / run.documents[0]["path"]).unlink()
    elif what == "folder":
        shutil.rmtree(place)
    else:
        # as after a backup was restored: the same number, another run
        (place / "run.txt").write_text(f"{run.id} 2020-01-01T00:00:00+00:00\n")
    assert site.stranger.get(path).status_code == 410


def test_a_document_outside_of_the_folder_is_never_given(site: Site) -> None:
    run = site.send(site.save(uid="outside", deliveries=[{"channel": "email", "to": ["anna@example.org"]}]))
    (path,) = site.links("/files")
    place = run_folder(site.host.workspace.files, run.id)
    secret = place.parent / "secret.csv"
    secret.write_text("secret")
    document = place / run.documents[0]["path"]
    document.unlink()
    document.symlink_to(secret)
    assert site.stranger.get(path).status_code == 410

"""The folder channel: whole files or none, the same message in the same place, nothing outside."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pydantic
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from pressroom import DeliveryError, Document, LeaseLost, Setup
from pressroom_builtin.channels.folder import FolderChannel, FolderConfig

Make = Callable[..., Any]


def channel(workspace: Path, **config: Any) -> FolderChannel:
    values = {"path": "archive", **config}
    return FolderChannel(FolderConfig.model_validate(values), Setup("archive", workspace, workspace / "scratch"))


def tree(workspace: Path) -> dict[str, bytes]:
    root = workspace / "archive"
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_documents_lie_in_a_folder_of_the_message(tmp_path: Path, message: Make, send: Make) -> None:
    result = send(channel(tmp_path), message(), "archive")
    assert result.outcomes() == {"archive": "sent"}
    assert result.handovers == 1
    target = Path(result.receipts["archive"].reference)
    assert target.parent == tmp_path / "archive"
    assert target.name.startswith("2026-11-23-0900-weekly-flights-")
    assert sorted(path.name for path in target.iterdir()) == ["Report.pdf", "message.json"]
    assert (target / "Report.pdf").read_bytes() == b"%PDF-1.7 a report"
    about = json.loads((target / "message.json").read_text("utf-8"))
    assert about["subject"] == "Weekly flights"
    assert about["planned_at"] == "2026-11-23T08:00:00+00:00"
    assert about["documents"] == [{"name": "Report.pdf", "media_type": "application/pdf", "format": "pdf"}]


def test_an_eml_is_the_mail_that_it_would_be(tmp_path: Path, message: Make, send: Make) -> None:
    result = send(channel(tmp_path, content="eml"), message(), "archive")
    (content,) = tree(tmp_path).values()
    mail = message_from_bytes(content, policy=policy.default)
    assert result.receipts["archive"].reference.endswith(".eml")
    assert mail["Subject"] == "Weekly flights"
    assert [part.get_filename() for part in mail.walk() if part.get_filename()] == ["Report.pdf"]


@pytest.mark.parametrize("content", ["documents", "eml"])
def test_the_same_message_replaces_itself_and_another_stands_beside_it(
    tmp_path: Path, message: Make, send: Make, folder: Path, content: str
) -> None:
    archive = channel(tmp_path, content=content)
    first = send(archive, message(), "archive").receipts["archive"].reference
    (folder / "report.pdf").write_bytes(b"%PDF-1.7 again")
    again = send(archive, message(), "archive").receipts["archive"].reference
    other = send(archive, message(key="another"), "archive").receipts["archive"].reference
    assert first == again != other
    assert len(list((tmp_path / "archive").iterdir())) == 2
    assert channel(tmp_path).idempotent


@pytest.mark.parametrize("content", ["documents", "eml"])
def test_a_failure_leaves_nothing_half_written(tmp_path: Path, message: Make, send: Make, content: str) -> None:
    archive = channel(tmp_path, content=content)

    def lost() -> None:
        raise LeaseLost("another process owns the run")

    assert isinstance(send(archive, message(), "archive", on_handover=lost).error, LeaseLost)
    missing = Document(name="x.pdf", media_type="application/pdf", path="absent.pdf", size=1, format="pdf")
    assert isinstance(send(archive, message(documents=(missing,)), "archive").error, DeliveryError)
    assert list((tmp_path / "archive").iterdir()) == []


def test_a_full_disk_is_told_and_may_pass(
    tmp_path: Path, message: Make, send: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    error = send(channel(tmp_path), message(), "archive").error
    assert isinstance(error, DeliveryError)
    assert error.transient
    assert "No space left" in str(error)
    assert list((tmp_path / "archive").iterdir()) == []


def test_a_path_that_is_no_folder_is_told(tmp_path: Path, message: Make, send: Make) -> None:
    (tmp_path / "archive").write_bytes(b"a file")
    error = send(channel(tmp_path), message(), "archive").error
    assert isinstance(error, DeliveryError)
    assert "channel archive" in str(error)
    with pytest.raises(DeliveryError, match="cannot be written"):
        channel(tmp_path).check()


def test_doctor_leaves_no_trace(tmp_path: Path) -> None:
    assert "can be written" in channel(tmp_path).check()
    assert list((tmp_path / "archive").iterdir()) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(name=st.text(st.characters(codec=None), max_size=200), title=st.text(st.characters(codec=None), max_size=200))
def test_names_of_any_kind_stay_inside(tmp_path: Path, message: Make, send: Make, name: str, title: str) -> None:
    shutil.rmtree(tmp_path / "archive", ignore_errors=True)
    document = Document(name=name, media_type="text/csv", path="report.pdf", size=1, format="csv")
    archive = channel(tmp_path, name="{{ report.name }}")
    result = send(archive, message(documents=(document, document), title=title), "archive")
    assert result.error is None
    assert len(tree(tmp_path)) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "run"]


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "{{ report.name }}/../x", ".", "..", "CON"])
def test_a_name_leads_nowhere_else(tmp_path: Path, message: Make, send: Make, name: str) -> None:
    result = send(channel(tmp_path, name=name), message(title="../../x"), "archive")
    assert Path(result.receipts["archive"].reference).parent == tmp_path / "archive"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "run"]


@pytest.mark.parametrize("name", ["{{ report.nam }}", "{{ run.__class__ }}", "{{", "{{ 'a' * 9 }}"])
def test_a_wrong_name_template_is_told_with_the_configuration(tmp_path: Path, name: str) -> None:
    with pytest.raises(pydantic.ValidationError, match="name"):
        channel(tmp_path, name=name)


@pytest.mark.parametrize(
    ("name", "word"), [("{{ range.start | stamp }}", "moment"), ("{{ range.text }}", "range.text")]
)
def test_a_range_that_is_missing_is_told(tmp_path: Path, message: Make, send: Make, name: str, word: str) -> None:
    error = send(channel(tmp_path, name=name), message(), "archive").error
    assert error is not None
    assert word in str(error)


def test_a_name_may_tell_the_range_as_its_page_does(tmp_path: Path, message: Make, send: Make) -> None:
    whole_days = message(
        start=datetime(2026, 11, 8, 23, tzinfo=UTC), end=datetime(2026, 11, 15, 23, tzinfo=UTC), zone="Europe/Warsaw"
    )
    result = send(channel(tmp_path, name="{{ range.text }}"), whole_days, "archive")
    assert Path(result.receipts["archive"].reference).name.startswith("9 Nov 2026 – 15 Nov 2026-")

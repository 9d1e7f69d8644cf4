"""The log of a worker: one line a record, whatever is in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any, Literal

import httpx
import pytest
from hypothesis import given, strategies as st

from pressroom.logs import JsonLines, TextLines, start_logging
from pressroom.settings import LogSettings
from servers.hook_receiver import receiving

LOG = logging.getLogger("pressroom.run")
HOSTILE = 'a\nb\r\x1b[31m "quoted" \ud800 漢字 \u2028'


@pytest.fixture(autouse=True)
def kept() -> Iterator[None]:
    """The log as it was before."""
    logger = logging.getLogger("pressroom")
    before, level, propagate = list(logger.handlers), logger.level, logger.propagate
    # pytest's own capture hands records on to the process that reports, which dies of lone surrogates
    logger.propagate = False
    yield
    logger.propagate = propagate
    logger.handlers[:] = before
    logger.setLevel(level)


def written(form: Literal["text", "json"], level: Literal["info", "warning"] = "info") -> list[str]:
    stream = io.StringIO()
    start_logging(LogSettings(format=form, level=level), stream)
    start_logging(LogSettings(format=form, level=level), stream)
    run = logging.LoggerAdapter(LOG, {"run": 7})
    LOG.info("plain")
    run.warning("%s", HOSTILE)
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        run.exception("it failed")
    return stream.getvalue().rstrip("\n").split("\n")


def test_text_is_for_people() -> None:
    lines = written("text")
    assert lines[0].endswith("Z info pressroom.run: plain")
    assert "warning pressroom.run run=7: a\\nb\\r[31m" in lines[1]
    assert any(line.startswith("ValueError: a") for line in lines)


def test_json_is_one_object_a_line_with_the_run() -> None:
    records: list[dict[str, Any]] = [json.loads(line) for line in written("json")]
    assert [record["message"] for record in records] == ["plain", HOSTILE_CLEAN, "it failed"]
    assert [record.get("run") for record in records] == [None, 7, 7]
    assert records[2]["error"].startswith("ValueError: ")
    assert "Traceback" in records[2]["traceback"]
    assert {record["level"] for record in records} == {"info", "warning", "error"}


HOSTILE_CLEAN = 'a\nb\r[31m "quoted"  漢字 \u2028'


def test_the_level_counts() -> None:
    assert [json.loads(line)["level"] for line in written("json", "warning")] == ["warning", "error"]


@given(st.text(alphabet=st.characters(codec=None, categories=None)), st.none() | st.integers() | st.text())
def test_no_message_makes_a_second_line(message: str, run: Any) -> None:
    record = logging.LogRecord("pressroom.x", logging.INFO, "x.py", 1, message, None, None)
    if run is not None:
        record.run = run
    assert "\n" not in JsonLines().format(record)
    json.loads(JsonLines().format(record).encode())
    assert len(TextLines().format(record).splitlines()) == 1


def test_addresses_of_requests_stay_out_of_other_logs(caplog: pytest.LogCaptureFixture) -> None:
    """A webhook's address may hold a token, and Celery's workers write what every logger says."""
    logging.getLogger("httpx").setLevel(logging.NOTSET)
    start_logging(LogSettings(), io.StringIO())
    with caplog.at_level(logging.INFO), receiving() as receiver:
        httpx.post(f"{receiver.url}/token-4711", timeout=60)
    assert receiver.taken[0].path.endswith("token-4711")
    assert "4711" not in caplog.text

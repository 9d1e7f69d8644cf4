"""The suites: every plugin of ours has one, and each catches what it says it proves."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pressroom.plugins import Plugins

ROOT = Path(__file__).parents[2]
# not a plugin of ours is without a suite, but for those whose work is done elsewhere
ELSEWHERE = {"CeleryScheduler"}
BAD = """
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pressroom import (
    Calendar, CalendarConfig, Channel, ChartFormatter, Document, Number, Outcome, PluginOptions, Receipt, Renderer,
    Scheduler, Source,
)
from pressroom.testing import (
    CalendarContract, ChannelContract, ChartContract, RendererContract, SchedulerContract, SourceContract,
)


class Loose(PluginOptions):
    model_config = {"extra": "ignore"}
    silent: int = 1


class Forgetful(Renderer):
    name = "forgetful"
    summary = "Never looks whether it should stop, remembers the run before, says nothing of errors"
    Options = Loose
    media_type = "text/plain"
    suffix = ".txt"
    seen = []

    def render(self, edition, options, context):
        self.seen.append(edition.title)
        path = context.folder / "report.txt"
        path.write_text(" ".join(self.seen) + str(context.folder))
        yield Document(name="../report.txt", media_type=self.media_type, path=path.name, size=1, format=self.name)


class TestForgetful(RendererContract):
    plugin = Forgetful


class Hasty(Channel):
    name = "hasty"
    summary = "Sends first and asks then, twice"
    idempotent = True

    def deliver(self, message, recipients, options, handover, context):
        folder = self.setup.path("out")
        folder.mkdir(exist_ok=True)
        (folder / str(len(list(folder.iterdir())))).write_text(message.subject)
        handover()
        handover()
        return [Receipt(recipient=recipients[0], outcome=Outcome.sent)]


class TestHasty(ChannelContract):
    plugin = Hasty

    @pytest.fixture
    def arrived(self, workspace):
        return lambda: len(list(workspace.glob("out/*")))


class Odd(ChartFormatter):
    name = "odd"
    summary = "Another figure each time, and takes anything"
    needs = "anything"
    count = 0

    def rows(self, dataset, options, request):
        return dataset

    def figure(self, rows, options, request, context):
        self.count += 1
        return Number(items=tuple(Number.Item(value=self.count, label="a" * 30) for _ in range(rows.rows)))


class TestOdd(ChartContract):
    plugin = Odd


class Pasting(Source):
    name = "pasting"
    summary = "Pastes variables, ignores the time, has no columns where it has no rows"

    def query(self, query, context):
        text = query.text.replace("$choice", " ".join(query.variables.get("choice", ())))
        if text == "nothing":
            return
        yield pl.DataFrame({"a": [text]})
        yield pl.DataFrame({"b": [text]})


class TestPasting(SourceContract):
    plugin = Pasting
    question = "something"
    empty = "nothing"
    wrong = "wrong"
    variable = "$choice"
    choice = "x"


class Greedy(Scheduler):
    name = "greedy"
    summary = "Takes everything and does it twice"

    def offer(self, job):
        if getattr(self, "work", None):
            self.work.do(job, "me")
            self.work.do(job, "me")
            self.work.done(job)
        return True

    def start(self, work):
        self.work = work

    def stop(self, grace):
        pass


class TestGreedy(SchedulerContract):
    plugin = Greedy


class Closed(Calendar):
    name = "closed"
    summary = "Answers with something else than yes or no, and never the same"
    Config = CalendarConfig
    asked = 0

    def closed(self, day):
        self.asked += 1
        return self.asked % 2


class TestClosed(CalendarContract):
    plugin = Closed
    opened = date(2026, 1, 2)
    shut = date(2026, 1, 1)
"""
CAUGHT = {
    "TestForgetful": {
        "test_its_keys_explain_themselves[Options]", "test_a_real_report", "test_the_same_bytes_twice",
        "test_nothing_leaks_between_runs", "test_failed_charts_are_shown", "test_it_stops_when_it_is_cancelled",
        "test_it_stops_at_its_deadline", "test_hostile_text",
    },
    "TestHasty": {
        "test_it_arrives", "test_a_lost_lease_stops_it", "test_it_stops_before_the_hand_over",
        "test_documents_come_from_the_run_only[gone.pdf]", "test_documents_come_from_the_run_only[../outside.pdf]",
        "test_the_same_key_arrives_as_it_promises",
    },
    "TestOdd": {
        "test_the_same_twice", "test_threads_do_not_disturb_each_other", "test_data_that_does_not_fit",
        "test_many_rows_give_a_small_figure",
    },
    "TestPasting": {
        "test_it_answers", "test_no_rows_still_have_columns", "test_a_wrong_query_says_so", "test_variables_are_values",
        "test_it_stops",
    },
    "TestGreedy": {
        "test_every_job_is_done_once", "test_a_job_that_is_here_is_not_taken_again",
        "test_a_job_that_fails_stops_nothing",
    },
    "TestClosed": {"test_open_and_closed_days", "test_every_day_has_an_answer"},
}  # fmt: skip


def test_every_plugin_of_ours_has_a_suite() -> None:
    folders = [ROOT / "tests", ROOT / "plugins"]
    tests = "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("test_*.py"))
    tested = set(re.findall(r"^    plugin(?:: [^=]+)? = (\w+)$", tests, re.MULTILINE))
    registries = Plugins().registries.values()
    ours = {
        registry[name].__name__
        for registry in registries
        for name in registry
        if registry.origin(name).distribution.startswith("pressroom")
    }
    assert ours - tested == ELSEWHERE


@pytest.mark.timeout(300)
def test_each_catches_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "test_bad.py").write_text(BAD, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    # what hangs a scheduler's suite is waited for in vain
    code = """
import sys, pytest
from pressroom.testing.contracts import scheduler
scheduler.PATIENCE = 0.5
sys.exit(pytest.main(sys.argv[1:]))
"""
    arguments = ["-q", "-rA", "--tb=no", "-p", "no:cacheprovider", "-p", "pressroom.testing.plugin"]
    arguments += ["--deselect", "test_bad.py::TestGreedy::test_reports_are_made_and_sent"]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=tmp_path,
        # those of this project's own tests cost more than the tests
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    failed = set(re.findall(r"^FAILED test_bad\.py::(\w+::\S+)", done.stdout, re.MULTILINE))
    wanted = {f"{suite}::{test}" for suite, tests in CAUGHT.items() for test in tests}
    assert wanted - failed == set(), done.stdout + done.stderr

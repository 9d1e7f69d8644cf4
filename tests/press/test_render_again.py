"""A report whose formats all failed is made again where one of them may succeed later."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from pressroom import Host, Job, RenderError, Report
from pressroom.models.dashboards import Dashboard
from pressroom.models.runs import RunState


@pytest.mark.parametrize(
    ("csv", "state"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), RunState.planned),
        (RenderError("took too long", transient=True), RunState.planned),
        (RenderError("will never do"), RunState.failed),
    ],
    ids=["disk full", "time-out", "wrong"],
)
def test_one_that_may_succeed_later_is_enough(
    csv: Exception,
    state: RunState,
    host: Host,
    make_report: Callable[..., Report],
    dashboard: Dashboard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any) -> NoReturn:
        raise csv

    report = make_report("a@e.org", formats=["csv", "unheard-of"])
    run = host.press.plan("default", report, report_id=None, kind="adhoc", key="1")
    monkeypatch.setattr(type(host.renderer("csv")), "render", fail)
    host.press.do(Job(run=run.id, step="make"), "maker")
    assert host.ledger.get(run.id).state is state

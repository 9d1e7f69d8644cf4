"""Recipients from a query: each gets what was made for their own values, and nobody else's."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pressroom import DeliveryError, Handover, Host, Job, Message, Outcome, Receipt, Recipient, Report, Run, StepError
from pressroom.models.reports import RecipientSample
from pressroom.models.runs import RunState
from pressroom.press import making
from servers.ledger_view import states

pytestmark = pytest.mark.usefixtures("dashboard")
MakeReport = Callable[..., Report]
PEOPLE = """email,city
ann@e.org,城市
bob@e.org,Oslo
cleo@e.org,城市
ann@e.org,城市
ANN@e.org,Oslo
"""


@pytest.fixture
def people(tmp_path: Path, host: Host) -> Callable[[str], None]:
    """Writes who gets the report into a table of the source `shop`."""

    def write(rows: str) -> None:
        (tmp_path / "people.csv").write_text(rows)

    write(PEOPLE)
    return write


@pytest.fixture
def burst(make_report: MakeReport) -> Callable[..., Report]:
    """A report for everybody in the table `people`, each with their city."""

    def make(query: str = "SELECT email, city FROM people", channel: str = "script", **more: Any) -> Report:
        recipients = {"source": "shop", "query": query, "address": "email", "variables": {"city": "city"}}
        return make_report(**{"deliveries": [{"channel": channel, "recipients": recipients}], **more})

    return make


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The cities of each edition that was composed, in order."""
    found: list[str] = []
    real = vars(making)["compose"]

    def compose(*arguments: Any) -> Any:
        edition = real(*arguments)
        found.append(",".join(edition.sections[0].choices[0].values))
        return edition

    monkeypatch.setattr("pressroom.press.making.compose", compose)
    return found


def send(host: Host, report: Report, key: str = "1") -> Run:
    run = host.press.plan("default", report, report_id=None, kind="adhoc", key=key)
    return host.press.work(run.id)


def content(message: Message) -> str:
    """The table in a message."""
    return (message.folder / message.documents[0].path).read_text(encoding="utf-8-sig")


def test_each_gets_their_own_documents_and_each_set_is_made_once(
    host: Host, burst: Callable[..., Report], people: Any, script: Any, made: list[str]
) -> None:
    run = send(host, burst(subject="{{ report.name }} {{ variables.city | join }}"))
    assert run.state is RunState.succeeded
    assert made == ["城市", "Oslo"]
    found = [
        (tries[0], message.subject, "Oslo" in content(message), "城市" in content(message))
        for tries, message in zip(script.tries, script.messages, strict=True)
    ]
    # a row that is there twice counts once; one address with other values is another message
    assert found == [
        ("ann@e.org", "Weekly sales 城市", False, True),
        ("cleo@e.org", "Weekly sales 城市", False, True),
        ("bob@e.org", "Weekly sales Oslo", True, False),
        ("ANN@e.org", "Weekly sales Oslo", True, False),
    ]
    assert len({message.key for message in script.messages}) == 4
    assert [(each.recipient, each.variables) for each in run.deliveries[2:]] == [
        ("bob@e.org", {"city": ["Oslo"]}),
        ("ANN@e.org", {"city": ["Oslo"]}),
    ]
    assert len({document["path"] for document in run.documents}) == 2


def test_one_person_in_several_spellings_gets_one_message(
    host: Host, burst: Callable[..., Report], people: Any, script: Any
) -> None:
    spellings = ("ann@e.org", "ANN@E.ORG", "Ann Lee <ann@e.org>", "bo@bücher.example", "bo@xn--bcher-kva.example")
    people("email,city\n" + "".join(f"{each},Oslo\n" for each in spellings))
    assert states(send(host, burst())) == {"ann@e.org": "sent", "bo@bücher.example": "sent"}


def test_a_row_that_nothing_can_be_sent_for_is_refused_and_the_others_go_out(
    host: Host, burst: Callable[..., Report], people: Any, script: Any
) -> None:
    people(f"email,city\nann@e.org,Oslo\n,Oslo\nbob@e.org,\n{'x' * 600}@e.org,Oslo\nbad,Oslo\n")
    script.forbidden.add("bad")
    run = send(host, burst())
    assert run.state is RunState.partly_failed
    assert [(each.recipient, str(each.state), each.answer) for each in run.deliveries] == [
        ("ann@e.org", "sent", ""),
        ("row 2", "refused", "row 2 of the recipients' query has no value in the column email"),
        ("row 4", "refused", f"the recipient '{'x' * 50}' is no address: too long, or not printable"),
        ("bad", "refused", "bad is not allowed"),
        ("bob@e.org", "refused", "row 3 of the recipients' query has no value in the column city"),
    ]
    script.forbidden.clear()
    host.ledger.retry(run.id)
    # what has no address, or nothing to show, is not tried again
    assert states(host.press.work(run.id))["bad"] == "sent"
    assert script.tries == [["ann@e.org"], ["bad"]]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT email FROM people", "the query gives no column 'city'; it gives email"),
        ("SELECT city FROM people", "the query gives no column 'email'; it gives city"),
        ("SELECT nothing FROM people", "nothing"),
        ("DROP TABLE people", "DROP is not allowed"),
        ("SELECT 'a' || i AS email, 'Oslo' AS city FROM range(11) r(i)", "the query gives more than 10 rows"),
    ],
)
def test_a_query_that_cannot_be_used_fails_the_run_and_nobody_gets_anything(
    host: Host, burst: Callable[..., Report], script: Any, query: str, said: str
) -> None:
    run = send(host, burst(query))
    assert (run.state, script.tries) == (RunState.failed, [])
    assert run.errors[0].startswith("deliveries[0].recipients: ")
    assert said in run.errors[0]


def test_a_variable_of_no_dashboard_fails_the_run_rather_than_show_everybody_all(
    host: Host, burst: Callable[..., Report], script: Any
) -> None:
    report = burst()
    board = host.store.project("default").dashboards.get("sales").value
    chart = board.charts[0].model_copy(update={"query": "SELECT city, sum(amount) AS amount FROM sales GROUP BY 1"})
    host.store.project("default").dashboards.save(board.model_copy(update={"variables": [], "charts": [chart]}), "test")
    run = send(host, report)
    assert (run.state, script.tries) == (RunState.failed, [])
    assert "no dashboard of the report has the variable 'city'" in run.errors[0]


def test_no_rows_is_a_run_that_is_skipped_and_can_be_sent_once_there_are_some(
    host: Host, burst: Callable[..., Report], people: Any, script: Any
) -> None:
    people("email,city\n")
    run = send(host, burst())
    assert (run.state, run.deliveries) == (RunState.skipped, ())
    assert run.warnings == ("not sent: the recipients' query gave no rows, so there is nobody to send it to",)
    people(PEOPLE)
    host.ledger.retry(run.id)
    again = host.press.work(run.id)
    assert (again.state, again.warnings, len(script.tries)) == (RunState.succeeded, (), 4)


def test_named_recipients_get_the_reports_own_values_beside_a_burst(
    host: Host, burst: Callable[..., Report], people: Any, script: Any, made: list[str]
) -> None:
    report = burst()
    own = {"channel": "script", "to": ["boss@e.org"]}
    run = send(host, Report.model_validate(report.model_dump() | {"deliveries": [own, *report.deliveries]}))
    assert (run.state, len(run.deliveries)) == (RunState.succeeded, 5)
    assert made == ["城市,Oslo", "城市", "Oslo"]
    assert ("boss@e.org" in script.tries[0], "Oslo" in content(script.messages[0])) == (True, True)
    people("email,city\n")
    again = send(host, Report.model_validate(report.model_dump() | {"deliveries": [own, *report.deliveries]}), "2")
    assert (again.state, again.warnings) == (RunState.succeeded, ("the recipients' query gave no rows",))


def test_a_channel_without_addresses_gets_each_set_once(
    host: Host, burst: Callable[..., Report], people: Any, tmp_path: Path
) -> None:
    run = send(host, burst("SELECT city FROM people", channel="archive", filename="{{ variables.city | join }}"))
    assert states(run) == {"archive": "sent"}
    files = sorted(file.name for file in (tmp_path / "outbox").rglob("*.csv"))
    assert files == ["Oslo - By city.csv", "城市 - By city.csv"]


def test_a_list_is_several_values_of_a_variable(
    host: Host, burst: Callable[..., Report], script: Any, made: list[str]
) -> None:
    run = send(host, burst("SELECT 'a@e.org' AS email, ['Oslo', '城市'] AS city"))
    assert (run.deliveries[0].variables, made) == ({"city": ["Oslo", "城市"]}, ["Oslo,城市"])


def test_the_query_sees_the_range_and_the_variables_of_the_first_dashboard(
    host: Host, burst: Callable[..., Report], script: Any
) -> None:
    query = "SELECT 'a@e.org' AS email, city FROM sales WHERE $__timeFilter(day) AND city IN ($city) AND amount < 10"
    dashboards = [{"uid": "sales", "time_range": {"from": "2026-01-06", "to": "2026-01-07"}}]
    assert [each.variables for each in send(host, burst(query, dashboards=dashboards)).deliveries] == [
        {"city": ["Oslo"]}
    ]


def fail_for(city: str, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Composing fails for one city."""
    real = vars(making)["compose"]

    def failing(host: Host, project: Any, report: Report, *rest: Any) -> Any:
        if report.dashboards[0].variables.get("city") == [city]:
            raise error
        return real(host, project, report, *rest)

    monkeypatch.setattr("pressroom.press.making.compose", failing)


def test_a_set_that_cannot_be_made_is_refused_and_a_retry_makes_only_that(
    host: Host, burst: Callable[..., Report], people: Any, script: Any, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        fail_for("城市", StepError("too large"), patch)
        run = send(host, burst())
    assert run.state is RunState.partly_failed
    assert run.errors == ("city: 城市: too large",)
    assert states(run) == {"ann@e.org": "refused", "cleo@e.org": "refused", "bob@e.org": "sent", "ANN@e.org": "sent"}
    made.clear()
    host.ledger.retry(run.id)
    again = host.press.work(run.id)
    assert (again.state, again.errors, made) == (RunState.succeeded, (), ["城市"])
    assert [to for (to,) in script.tries] == ["bob@e.org", "ANN@e.org", "ann@e.org", "cleo@e.org"]
    assert [document["path"] for document in again.documents[:1]] == [document["path"] for document in run.documents]


def test_a_long_value_is_told_in_short(
    host: Host, burst: Callable[..., Report], people: Any, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(f"email,city\nann@e.org,{'x' * 3000}\n")
    fail_for("x" * 3000, StepError("too large"), monkeypatch)
    (error,) = send(host, burst()).errors
    assert error.startswith("city: xxx")
    assert error.endswith("…: too large")
    assert len(error) < 300


def test_what_may_pass_is_made_later_and_what_is_made_is_kept(
    host: Host, burst: Callable[..., Report], people: Any, script: Any, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = host.press.plan("default", burst(), report_id=None, kind="adhoc", key="1")
    with monkeypatch.context() as patch:
        fail_for("城市", StepError("the source is down", transient=True), patch)
        host.press.do(Job(run=run.id, step="make"), "me")
    waiting = host.ledger.get(run.id)
    assert (waiting.state, waiting.step, made) == (RunState.planned, "city: 城市: the source is down", ["Oslo"])
    people("email,city\nsomebody-else@e.org,Oslo\n")
    host.ledger.retry(run.id)
    host.press.do(Job(run=run.id, step="make"), "me")
    host.press.do(Job(run=run.id, step="deliver"), "me")
    done = host.ledger.get(run.id)
    # the recipients are those of the run's beginning, and nothing is made twice
    assert (done.state, made, len(script.tries)) == (RunState.succeeded, ["Oslo", "城市"], 4)


def test_every_set_that_fails_for_good_fails_the_run(
    host: Host, burst: Callable[..., Report], people: Any, script: Any
) -> None:
    run = send(host, burst(filename="{{ nothing }}"))
    assert (run.state, script.tries, len(run.errors)) == (RunState.failed, [], 2)


def test_a_cut_line_is_ambiguous_for_one_and_a_cancelled_run_goes_to_nobody_else(
    host: Host, burst: Callable[..., Report], people: Any, script: Any
) -> None:
    take = script.act

    def act(message: Message, recipients: Sequence[Recipient], handover: Handover) -> Sequence[Receipt]:
        if len(script.tries) == 1:
            handover()
            raise DeliveryError("the line is cut", transient=True)
        receipts: Sequence[Receipt] = take(message, recipients, handover)
        host.ledger.cancel(host.ledger.list()[0].id)
        return receipts

    script.act = act
    run = send(host, burst())
    assert run.state is RunState.cancelled
    assert [str(each.state) for each in run.deliveries] == ["ambiguous", "sent", "skipped", "skipped"]
    assert len(script.tries) == 2


def test_what_is_deferred_waits_and_is_sent_with_the_documents_of_its_own_set(
    host: Host, burst: Callable[..., Report], people: Any, script: Any
) -> None:
    take = script.act
    script.act = lambda message, recipients, handover: [
        Receipt(recipient=each, outcome=Outcome.deferred, answer="later") for each in recipients
    ]
    run = send(host, burst())
    assert [str(each.state) for each in run.deliveries] == ["planned"] * 4
    script.act, script.messages[:] = take, []
    host.ledger.retry(run.id)
    assert host.press.work(run.id).state is RunState.succeeded
    assert ["Oslo" in content(message) for message in script.messages] == [False, False, True, True]


def test_documents_that_are_gone_are_made_again_only_for_those_who_wait(
    host: Host, burst: Callable[..., Report], people: Any, script: Any, made: list[str]
) -> None:
    refuse = {"ann@e.org", "cleo@e.org"}
    script.forbidden |= refuse
    run = send(host, burst())
    shutil.rmtree(host.workspace.files / "runs")
    made.clear()
    script.forbidden.clear()
    host.ledger.retry(run.id)
    assert (host.press.work(run.id).state, made) == (RunState.succeeded, ["城市"])


def test_a_set_that_kills_whoever_makes_it_stops_no_other(
    host: Host, burst: Callable[..., Report], people: Any, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = host.press.plan("default", burst(), report_id=None, kind="adhoc", key="1")

    class Killed(BaseException):
        """As if the process were gone: nothing is tidied up."""

    deaths = 0
    with monkeypatch.context() as patch:
        fail_for("城市", Killed(), patch)  # type: ignore[arg-type]
        patch.setattr(Path, "unlink", lambda *_, **__: None)
        while not host.ledger.get(run.id).state.final and deaths < 9:
            try:
                host.press.do(Job(run=run.id, step="make"), f"worker {deaths}")
                break
            except Killed:
                deaths += 1
                host.press.died(Job(run=run.id, step="make"), f"worker {deaths - 1}", "killed")
                host.ledger.retry(run.id)
    host.press.do(Job(run=run.id, step="deliver"), "me")
    done = host.ledger.get(run.id)
    assert (done.state, deaths) == (RunState.partly_failed, host.settings.retries.tries - 1)
    assert done.errors == (f"city: 城市: whoever worked on it died {deaths} times",)
    assert [str(each.state) for each in done.deliveries] == ["refused", "refused", "sent", "sent"]


def test_a_test_goes_to_one_address_and_says_whose_values_it_has(
    host: Host, burst: Callable[..., Report], people: Any, script: Any, made: list[str]
) -> None:
    report = burst()
    asked = report.deliveries[0].recipients
    assert asked is not None

    def sample(of: str) -> Run:
        sampled = asked.model_copy(update={"sample": RecipientSample(to=["me@e.org"], of=of)})
        delivery = report.deliveries[0].model_copy(update={"recipients": sampled})
        return send(host, report.model_copy(update={"deliveries": [delivery]}), of or "first")

    assert sample("").warnings == ("a test: me@e.org only, with what ann@e.org (city: 城市) gets",)
    assert sample("BOB@e.org").deliveries[0].variables == {"city": ["Oslo"]}
    assert [to for (to,) in script.tries] == ["me@e.org", "me@e.org"]
    assert (made, script.messages[1].text) == (["城市", "Oslo"], "A test. This is what those get who see: city: Oslo.")
    nobody = sample("zed@e.org")
    assert (nobody.state, len(script.tries)) == (RunState.failed, 2)
    assert nobody.errors == ("the recipients' query gives no zed@e.org",)


def test_a_preview_is_what_one_recipient_gets(
    host: Host, burst: Callable[..., Report], people: Any, tmp_path: Path
) -> None:
    first = host.press.preview("default", burst(), tmp_path / "first")
    assert first.warnings[0] == "shows what ann@e.org (city: 城市) gets"
    other = host.press.preview("default", burst(), tmp_path / "other", of="bob@e.org")
    assert other.edition.sections[0].choices[0].values == ("Oslo",)


def test_links_lead_each_recipient_to_their_own_documents_also_after_a_retry(
    host: Host, burst: Callable[..., Report], people: Any, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pressroom.links.Links.base", "https://reports.example.org")
    with monkeypatch.context() as patch:
        fail_for("城市", StepError("too large"), patch)
        run = send(host, burst(dashboard_links=True))
    host.ledger.retry(run.id)
    assert host.press.work(run.id).state is RunState.succeeded
    assert len(script.messages) == 4
    for message in script.messages:
        assert [link.name for link in message.downloads] == [document.name for document in message.documents]
        opened = host.links.open_document(message.downloads[0].url.partition("?key=")[2])
        assert opened.path.read_text(encoding="utf-8-sig") == content(message)
        shown = "Oslo" if "Oslo" in content(message) else "%E5%9F%8E%E5%B8%82"
        assert f"var-city={shown}" in message.links[0].url


def test_who_has_unsubscribed_is_skipped(host: Host, burst: Callable[..., Report], people: Any, script: Any) -> None:
    store = host.store.project("default")
    stored = store.reports.save(burst(), "test")
    store.unsubscriptions.add("weekly", "cleo@e.org")
    run = host.press.plan("default", stored.value, report_id=stored.id, kind="manual", key="1")
    done = host.press.work(run.id)
    assert (done.state, states(done)["cleo@e.org"], len(script.tries)) == (RunState.succeeded, "skipped", 3)


def test_subjects_and_names_know_values_that_pages_hide(
    host: Host, burst: Callable[..., Report], people: Any, script: Any
) -> None:
    people("email,city\nann@e.org,Oslo\n")
    boards = host.store.project("default").dashboards
    board = boards.get("sales").value
    hidden = board.variables[0].model_copy(update={"hidden": True})
    boards.save(board.model_copy(update={"variables": [hidden]}), "test")
    text = "{{ variables.city | join }}"
    send(host, burst(subject=text, filename=text))
    (message,) = script.messages
    assert (message.subject, message.documents[0].name) == ("Oslo", "Oslo - By city.csv")

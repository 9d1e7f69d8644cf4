"""Another server of the results API as a source: our own server, over a real socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pressroom import (
    Context,
    Dashboard,
    Host,
    NotFound,
    NotReady,
    Principal,
    Query,
    QueryError,
    Report,
    SourceError,
    Window,
)
from pressroom.settings import load_workspace
from pressroom_builtin.growingio.buckets import Asked
from pressroom_builtin.growingio.service import Results
from servers.results_server import PROJECT, Running
from workspaces.visits import DAY, MAY_2

MAY = Window.cut(datetime(2016, 5, 1, 16, tzinfo=UTC), datetime(2016, 5, 5, 16, tzinfo=UTC), "Asia/Shanghai", "1d")


def toml(url: str, client_id: str, secret: str, ai: str) -> str:
    return (
        f'[sources.there]\ntype = "growingio"\nurl = "{url}"\nproject = "{PROJECT}"\nclient_id = "{client_id}"\n'
        f'secret = "{secret}"\nai = "{ai}"\n'
    )


@pytest.fixture(scope="module")
def here(server: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A workspace that reads from the server."""
    folder = tmp_path_factory.mktemp("here")
    client, secret = server.host.access.create_client(Principal.local_admin(), "reader", PROJECT)
    (folder / "pressroom.toml").write_text(toml(server.url, client.client_id, secret, client.ai))
    with Host(load_workspace(folder)) as host:
        host.store.upgrade()
        yield host


def rows(host: Host, text: str, tmp_path: Path, window: Window | None = None, most: int = 1000) -> list[Any]:
    source = host.source("there", "default")
    query = Query(text, window, max_rows=most)
    return [row for batch in source.query(query, Context(tmp_path, timeout=30)) for row in batch.rows()]  # type: ignore[attr-defined]


def test_doctor_signs_in(here: Host) -> None:
    assert here.source("there", "default").check().endswith(", 4 dashboards")


def test_a_dashboard_is_offered_with_types_told_from_the_rows(here: Host, tmp_path: Path) -> None:
    source = here.source("there", "default")
    found = source.dashboard("YoX28w7R", Context(tmp_path, timeout=60))
    assert found is not None
    types = {chart.uid: chart.type for chart in found.charts}
    assert types["line0001"] == types["series01"] == "line"
    assert types["bar00001"] == "horizontal-bar"
    assert types["number01"] == "number"
    assert types["table001"] == types["broken01"] == "table"
    assert source.dashboard("nothing0", Context(tmp_path, timeout=60)) is None


def test_rows_come_by_meta(here: Host, tmp_path: Path) -> None:
    assert rows(here, "line0001", tmp_path, MAY)[0] == (1_462_118_400_000, 8.0, 13.75, 27.5)
    assert rows(here, "number01", tmp_path, MAY.whole()) == [(11.0,)]
    assert ("北京", "Chrome", 3.0) in rows(here, "table001", tmp_path, MAY.whole())


def test_segments_users_and_rules(here: Host, tmp_path: Path) -> None:
    assert rows(here, "segments", tmp_path)[0][:2] == ("s1aB2c3D", "Gold")
    assert ("+48123", 'Tab\tand "quotes"') in rows(here, "segment:s1aB2c3D", tmp_path)
    assert len(rows(here, "segment:s1aB2c3D", tmp_path, most=1)) == 1
    assert rows(here, "rules", tmp_path) == [("f2503720", "元素_注册按钮", "clck")]


def test_a_report_is_made_from_it(here: Host, tmp_path: Path) -> None:
    report = Report.model_validate(
        {
            "uid": "there",
            "name": "From there",
            "dashboards": [{"uid": "YoX28w7R", "time_range": {"from": "2016-05-02", "to": "2016-05-06"}}],
            "formats": ["pdf", "csv"],
        }
    )
    made = here.press.preview("default", report, tmp_path / "out")
    panels = {panel.uid: panel for panel in made.edition.sections[0].panels}
    assert panels["line0001"].rows is not None
    assert panels["line0001"].rows.spool.rows == 96
    assert [panel for panel in panels.values() if panel.error] == [panels["broken01"]]
    assert made.documents[0].media_type == "application/pdf"


def test_what_a_source_offers_is_listed_shown_and_answered_as_what_is_stored(here: Host, server: Running) -> None:
    api, me, mine = Results(here), Principal.local_admin(), Asked(MAY_2, MAY_2 + 4 * DAY - 1)
    found = api.dashboards(me, "default")
    assert [board.id for board in found.items] == ["good0001", "empty001", "YoX28w7R", "more0001"]
    assert {board.creator for board in found.items} == {"there"}
    assert not found.warnings
    assert api.dashboard(me, "default", "YoX28w7R").charts[0].id == "line0001"
    for uid in ("line0001", "number01", "series01"):
        there = server.client.get(server.path(f"charts/{uid}.json?startTime={mine.start}&endTime={mine.end}")).json()
        with api.chart(me, "default", uid, mine) as answer:
            again = json.loads(b"".join(answer.pieces("json")))
        assert again["data"] == there["data"]
        with pytest.raises(NotReady), api.chart(me, "default", uid, mine, ask=False):
            pass
    for uid in ("nothing0", "../x", "x" * 300):
        with pytest.raises(NotFound), api.chart(me, "default", uid, mine):
            pass
        with pytest.raises(NotFound):
            api.dashboard(me, "default", uid)


def test_a_source_that_is_down_hides_no_stored_dashboard(tmp_path: Path) -> None:
    (tmp_path / "pressroom.toml").write_text(toml("http://127.0.0.1:9", "nobody", "x" * 32, "y" * 16))
    with Host(load_workspace(tmp_path)) as host:
        host.store.upgrade()
        host.repositories.project("default").dashboards.save(Dashboard(uid="mine0001", name="Mine"), by="test")
        found = Results(host).dashboards(Principal.local_admin(), "default")
    assert [board.id for board in found.items] == ["mine0001"]
    assert found.warnings == ["the dashboards of the source there are missing: it cannot be asked now"]


def test_what_is_not_there_and_what_is_no_uid_is_told(here: Host, tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="no chart 'nothing0'"):
        rows(here, "nothing0", tmp_path, MAY)
    for bad in ("../../etc", "a/b", "a?b", "segment:../x"):
        with pytest.raises(QueryError, match="is no uid"):
            rows(here, bad, tmp_path, MAY)


def test_a_wrong_secret_and_a_server_that_is_down_are_told(server: Running, tmp_path: Path) -> None:
    (tmp_path / "pressroom.toml").write_text(toml(server.url, "nobody", "x" * 32, "y" * 16))
    with (
        Host(load_workspace(tmp_path)) as host,
        pytest.raises(SourceError, match="check client_id, secret, ai") as told,
    ):
        rows(host, "number01", tmp_path, MAY)
    assert not told.value.transient
    (tmp_path / "pressroom.toml").write_text(toml("http://127.0.0.1:9", "nobody", "x" * 32, "y" * 16))
    with Host(load_workspace(tmp_path)) as host, pytest.raises(SourceError) as down:
        rows(host, "number01", tmp_path, MAY)
    assert down.value.transient


@contextmanager
def scripted(*answers: tuple[int, dict[str, str], Any]) -> Iterator[tuple[str, list[str]]]:
    """A server that signs everybody in, then gives these answers one by one; yields its URL and what was asked."""
    asked: list[str] = []
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.answer(200, {}, {"status": "success", "code": f"code{len(asked)}"})

        def do_GET(self) -> None:
            asked.append(self.headers["Authorization"])
            self.answer(*left.pop(0))

        def answer(self, status: int, headers: dict[str, str], body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()


DONE = (200, {}, {"meta": [{"name": "m", "metric": True}], "data": [[1.5]]})


@pytest.mark.parametrize(
    "before",
    [
        (200, {}, {"id": "x", "status": "doing"}),
        (429, {"Retry-After": "0"}, {"message": "Too many requests", "errors": []}),
        (500, {}, {"message": "Request timeout", "errors": [{"code": "request_timeout", "message": "..."}]}),
        (401, {}, {"message": "Unauthorized", "errors": []}),
    ],
)
def test_it_waits_its_turn_and_for_results(tmp_path: Path, before: tuple[int, dict[str, str], Any]) -> None:
    with scripted(before, DONE) as (url, asked):
        (tmp_path / "pressroom.toml").write_text(toml(url, "c", "s" * 32, "a"))
        with Host(load_workspace(tmp_path)) as host:
            assert rows(host, "number01", tmp_path, MAY.whole()) == [(1.5,)]
        assert len(asked) == 2
        assert (asked[0] != asked[1]) is (before[0] == 401)


def test_it_gives_up_at_the_deadline(tmp_path: Path) -> None:
    with scripted(*[(200, {}, {"id": "x", "status": "doing"})] * 9) as (url, _):
        (tmp_path / "pressroom.toml").write_text(toml(url, "c", "s" * 32, "a"))
        with Host(load_workspace(tmp_path)) as host:
            source = host.source("there", "default")
            with pytest.raises(SourceError, match="still computing") as told:
                list(source.query(Query("number01", MAY), Context(tmp_path, timeout=2)))
            assert told.value.transient


@pytest.mark.parametrize(
    "answer",
    [
        {"meta": [], "data": []},
        {"meta": [{"name": "m", "metric": True}], "data": [[1, 2]]},
        {"meta": [{"name": "m", "metric": True}], "data": [1]},
        {"data": [[1]]},
        [],
    ],
)
def test_answers_that_do_not_fit_are_told(tmp_path: Path, answer: Any) -> None:
    with scripted((200, {}, answer)) as (url, _):
        (tmp_path / "pressroom.toml").write_text(toml(url, "c", "s" * 32, "a"))
        with Host(load_workspace(tmp_path)) as host, pytest.raises(SourceError):
            rows(host, "number01", tmp_path, MAY)


@pytest.mark.parametrize("before", [(429, {"Retry-After": "0"}, {}), (401, {}, {})])
def test_lists_of_users_wait_their_turn_as_well(tmp_path: Path, before: tuple[int, dict[str, str], Any]) -> None:
    with scripted(before, (200, {}, "cs1")) as (url, asked):
        (tmp_path / "pressroom.toml").write_text(toml(url, "c", "s" * 32, "a"))
        with Host(load_workspace(tmp_path)) as host:
            assert rows(host, "segment:s1aB2c3D", tmp_path) == []
        assert len(asked) == 2
        assert (asked[0] != asked[1]) is (before[0] == 401)


def test_lists_of_a_server_that_is_down_are_told(tmp_path: Path) -> None:
    (tmp_path / "pressroom.toml").write_text(toml("http://127.0.0.1:9", "c", "s" * 32, "a"))
    with Host(load_workspace(tmp_path)) as host, pytest.raises(SourceError) as down:
        rows(host, "rules", tmp_path)
    assert down.value.transient

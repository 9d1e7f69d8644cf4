"""Kept answers: asked for once, by however many threads and processes; within their size; while they count."""

from __future__ import annotations

import json
import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from pressroom.context import Context
from pressroom.errors import StepError, TimedOut
from pressroom.press.cache import ResultCache, key_of
from pressroom.sources import Dataset
from servers.results_children import ask, making


def context(folder: Path, timeout: float = 30) -> Context:
    return Context(folder, timeout=timeout)


def test_an_answer_counts_as_long_as_was_said(tmp_path: Path) -> None:
    now = [1000.0]
    cache, calls = ResultCache(tmp_path / "cache", 10**9, lambda: now[0]), []
    for moment, asked in ((1000, 1), (1059, 1), (1061, 2)):
        now[0] = moment
        with cache.answer(key_of("a"), 60, making(3, calls), context(tmp_path)) as answer:
            assert answer.dataset.frame()["n"].to_list() == [0, 1, 2]
        assert len(calls) == asked


def test_equal_rows_have_equal_digests(tmp_path: Path) -> None:
    cache, found = ResultCache(tmp_path / "cache", 10**9), []
    for key, rows in (("a", 3), ("b", 3), ("c", 4)):
        with cache.answer(key_of(key), 60, making(rows), context(tmp_path)) as answer:
            found.append(answer.digest)
    assert found[0] == found[1] != found[2]


def test_a_burst_asks_once(tmp_path: Path) -> None:
    calls: list[int] = []
    caches = [ResultCache(tmp_path / "cache", 10**9) for _ in range(4)]

    def ask(number: int) -> int:
        with caches[number % 4].answer(key_of("a"), 60, making(5, calls), context(tmp_path)) as answer:
            return answer.dataset.rows

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(ask, range(64))) == {5}
    assert len(calls) == 1


def test_processes_ask_once_together(tmp_path: Path) -> None:
    # unlike multiprocessing's own pool, this one ends where a process of it cannot start
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(ask, [tmp_path / "cache"] * 8, [tmp_path / "log"] * 8, timeout=60))
    assert found == [7] * 8
    assert (tmp_path / "log").read_text() == "asked\n"


def test_who_waits_too_long_is_told_and_the_answer_serves_the_next(tmp_path: Path) -> None:
    cache, begun, go = ResultCache(tmp_path / "cache", 10**9), threading.Event(), threading.Event()

    def slow(folder: Path) -> Dataset:
        begun.set()
        go.wait(30)
        return making(2)(folder)

    def first() -> None:
        with cache.answer(key_of("a"), 60, slow, context(tmp_path)):
            pass

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(first)
        begun.wait(30)
        with pytest.raises(TimedOut), cache.answer(key_of("a"), 60, slow, context(tmp_path, 0.05)):
            pass
        go.set()
        future.result()
    with cache.answer(key_of("a"), 60, making(9), context(tmp_path)) as answer:
        assert answer.dataset.rows == 2


def test_a_failure_is_not_kept(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path / "cache", 10**9)

    def fail(folder: Path) -> Dataset:
        (folder / "half").write_bytes(b"x" * 1000)
        raise StepError("down")

    with pytest.raises(StepError), cache.answer(key_of("a"), 60, fail, context(tmp_path)):
        pass
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    with cache.answer(key_of("a"), 60, making(1), context(tmp_path)) as answer:
        assert answer.dataset.rows == 1


def test_the_longest_unused_goes_first_and_nothing_that_is_read(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path / "cache", 200_000)
    with cache.answer(key_of("read"), 60, making(10_000), context(tmp_path)) as reading:
        for number in range(10):
            with cache.answer(key_of(number), 60, making(10_000), context(tmp_path)):
                pass
        assert cache.trim() <= 200_000
        assert reading.dataset.frame().height == 10_000
    assert cache.trim() <= 200_000
    calls: list[int] = []
    with cache.answer(key_of(9), 60, making(1, calls), context(tmp_path)) as answer:
        assert (answer.dataset.rows, calls) == (10_000, [])
    with cache.answer(key_of(0), 60, making(1, calls), context(tmp_path)):
        assert calls == [1]


def test_a_broken_record_and_an_emptied_folder_are_asked_again(tmp_path: Path) -> None:
    cache, calls = ResultCache(tmp_path / "cache", 10**9), []
    for damage in ("{", json.dumps({"folder": "../../etc"}), ""):
        with cache.answer(key_of("a"), 60, making(1, calls), context(tmp_path)):
            pass
        (record,) = (tmp_path / "cache").glob("??/*.json")
        record.write_text(damage)
    with cache.answer(key_of("a"), 60, making(1, calls), context(tmp_path)):
        assert len(calls) == 4

"""A window's buckets as a few straight pieces, from which SQL can be generated.

A source holds a time as a number of ms: epoch ms, or, for naive times, the wall clock read as if it were
UTC. Over that number the bucket's start is a function of straight pieces: within one there is one offset
and one width. Daily buckets over ten years are some 40 pieces, not 3650 comparisons.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pressroom.timerange import Window, to_ms, wall_offsets

_FAR = 10**15


@dataclass(frozen=True)
class Segment:
    """Raw times [begin, end) whose buckets are `width` ms wide from `origin`, and `shift` ahead of UTC.

    The bucket of a raw time t starts at t - (t - origin) % width - shift.
    """

    begin: int
    end: int
    origin: int
    width: int
    shift: int

    def bucket(self, raw: int) -> int:
        """The start, in epoch ms, of the bucket that holds a raw time."""
        return raw - (raw - self.origin) % self.width - self.shift


def segments(window: Window, zone: str = "") -> tuple[Segment, ...]:
    """The window's pieces over raw times, ascending; outside of them there is no bucket.

    Args:
        window: range and edges.
        zone: of naive times; empty where raw times are epoch ms.
    """
    edges = [to_ms(edge) for edge in window.edges]
    runs = list(_runs(edges))
    starts = [start for start, _, _ in runs]
    found: list[Segment] = []
    for begin, end, offset in _pieces(window, zone):
        first = max(0, bisect_right(starts, begin - offset) - 1)
        for start, width, stop in runs[first:]:
            low, high = max(begin, start + offset), min(end, stop + offset)
            if start + offset >= end:
                break
            if low < high:
                found.append(Segment(low, high, start + offset, width, offset))
    return tuple(found)


def ranges(pieces: Sequence[Segment]) -> tuple[tuple[int, int], ...]:
    """The raw times that lie in the window: as few [begin, end) as possible, ascending."""
    joined: list[tuple[int, int]] = []
    for piece in pieces:
        if joined and joined[-1][1] == piece.begin:
            joined[-1] = (joined[-1][0], piece.end)
        else:
            joined.append((piece.begin, piece.end))
    return tuple(joined)


def bucket_sql(raw: str, pieces: Sequence[Segment]) -> str:
    """SQL for the bucket's start in epoch ms; null outside of the window.

    Args:
        raw: SQL of the raw time, an integer.
        pieces: of `segments`.
    """
    if not pieces:
        return "NULL"
    tree = _tree(pieces, lambda segment: _leaf(raw, segment), lambda segment: f"{raw} < {segment.begin}")
    return f"CASE WHEN {range_sql(raw, ranges(pieces))} THEN {tree} END"


def range_sql(raw: str, found: Sequence[tuple[int, int]], literal: Callable[[int], str] = str) -> str:
    """SQL that is true where the raw time lies in one of the ranges.

    Args:
        raw: SQL of the time.
        found: of `ranges`.
        literal: writes a raw time in SQL.
    """
    terms = [f"({raw} >= {literal(begin)} AND {raw} < {literal(end)})" for begin, end in found]
    return f"({' OR '.join(terms)})" if terms else "(1 = 0)"


def _tree(pieces: Sequence[Segment], leaf: Callable[[Segment], str], before: Callable[[Segment], str]) -> str:
    # halving keeps the expression shallow: databases limit its depth
    if len(pieces) == 1:
        return leaf(pieces[0])
    middle = len(pieces) // 2
    left, right = _tree(pieces[:middle], leaf, before), _tree(pieces[middle:], leaf, before)
    return f"CASE WHEN {before(pieces[middle])} THEN {left} ELSE {right} END"


def _leaf(raw: str, segment: Segment) -> str:
    if segment.bucket(segment.begin) == segment.bucket(segment.end - 1):
        return str(segment.bucket(segment.begin))
    return f"({raw} - ({raw} - {segment.origin}) % {segment.width} - {segment.shift})"


def _runs(edges: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Neighbouring buckets of one width: start, width, stop."""
    start = edges[0]
    width = edges[1] - start
    for edge, following in pairwise(edges):
        if following - edge != width:
            yield start, width, edge
            start, width = edge, following - edge
    yield start, width, edges[-1]


def _pieces(window: Window, zone: str) -> Iterator[tuple[int, int, int]]:
    """Stretches of raw time with one offset: begin, end, offset."""
    if not zone:
        yield -_FAR, _FAR, 0
        return
    pairs = wall_offsets(window.start, window.end, zone)
    for (begin, offset), (end, _) in pairwise([*pairs, (_FAR, 0)]):
        yield begin, end, offset

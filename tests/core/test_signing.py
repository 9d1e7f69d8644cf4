"""Signed texts: whole, for one purpose, until one moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given, strategies as st

from pressroom import Gone, NotFound
from pressroom.access.keys import Keys
from pressroom.signing import LONGEST, Purpose, Signer

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
KEYS = Keys("a key of more than 16 characters", "here")
SIGNER = Signer(KEYS, lambda: NOW)
PURPOSES = get_args(Purpose)
TEXT = st.text(max_size=60)


@given(st.sampled_from(PURPOSES), st.lists(TEXT | st.integers(0, 2**53), max_size=4))
def test_what_was_signed_is_read_again(purpose: Purpose, value: list[object]) -> None:
    signed = SIGNER.sign(purpose, value, NOW + timedelta(seconds=1))
    assert set(signed) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    assert SIGNER.read(purpose, signed) == value
    for other in PURPOSES:
        if other != purpose:
            with pytest.raises(NotFound):
                SIGNER.read(other, signed)


@given(st.data())
def test_no_change_of_it_is_read(data: st.DataObject) -> None:
    signed = SIGNER.sign("file", [7, "x"], None)
    place = data.draw(st.integers(0, len(signed) - 1))
    letter = data.draw(st.characters(codec=None).filter(lambda one: one != signed[place]))
    for changed in (f"{signed[:place]}{letter}{signed[place + 1 :]}", signed[:place], f"{signed}{letter}"):
        with pytest.raises(NotFound):
            SIGNER.read("file", changed)


@given(st.text(st.characters(codec=None), max_size=200))
def test_any_other_text_is_none_of_ours(text: str) -> None:
    with pytest.raises(NotFound):
        SIGNER.read("view", text)


def test_it_ends_at_its_moment() -> None:
    until = NOW + timedelta(hours=1)
    signed = SIGNER.sign("file", 1, until)
    assert Signer(KEYS, lambda: until - timedelta(seconds=1)).read("file", signed) == 1
    with pytest.raises(Gone):
        Signer(KEYS, lambda: until).read("file", signed)
    for ever in (NOW, NOW + timedelta(days=36_500)):
        assert Signer(KEYS, lambda moment=ever: moment).read("file", SIGNER.sign("file", 1, None)) == 1


def test_another_key_and_a_longer_text_are_nothing() -> None:
    with pytest.raises(NotFound):
        Signer(Keys("another key of this length", "there")).read("file", SIGNER.sign("file", 1, None))
    long = SIGNER.sign("file", list(range(LONGEST)), None)
    assert len(long) > LONGEST
    with pytest.raises(NotFound):
        SIGNER.read("file", long)

"""Nothing that came from outside may control the terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtexmon.core.sanitize import sanitize

ANY_TEXT = st.text(
    st.characters(codec=None, categories=None) | st.sampled_from("\x1b\x07\r\n\t\x9b\x7f\u202e\u200b\ud800")
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Mecânico de Refrigeração ✓ 日本", "Mecânico de Refrigeração ✓ 日本"),
        ("\x1b[31mvermelho\x1b[0m", "␛[31mvermelho␛[0m"),
        ("\x1b]0;titulo\x07", "␛]0;titulo␇"),
        ("\x9b31m", "�31m"),
        ("a\tb\r\nc\x00\x7f", "a␉b␍␊c␀␡"),
        ("ab\u202ecd\u2066e", "ab�cd�e"),
        ("se\u200bnai\ufeff\u00ad", "se�nai��"),
        ("a\u2028b\u2029c", "a�b�c"),
        ("\ud800x", "�x"),
        ("a\u00a0b", "a\u00a0b"),
        ("", ""),
    ],
)
def test_what_cannot_be_seen_becomes_visible(text: str, shown: str) -> None:
    assert sanitize(text) == shown


def test_newlines_stay_when_asked_for() -> None:
    assert sanitize("a\r\nb\nc\rd\x1b", keep_newlines=True) == "a\nb\nc␍d␛"


@given(ANY_TEXT, st.booleans())
def test_the_result_has_no_control_character_and_stays_as_it_is(text: str, keep_newlines: bool) -> None:
    once = sanitize(text, keep_newlines)

    allowed = "\n" if keep_newlines else ""
    assert not [
        char for char in once if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and char not in allowed
    ]
    assert sanitize(once, keep_newlines) == once
    once.encode()

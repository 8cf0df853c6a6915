"""Hashed words and pieces are those that scikit-learn's vectorisers make."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import HashingVectorizer

from features import text
from features.hashed import Rows, binary
from features.text import char_matrix, neutral, token_matrix, word_matrix

BITS = 18
titles = st.lists(st.text("ab1 é-语\t", max_size=14), max_size=6)


def hashed(rows: list[object], **more: object) -> object:
    made = HashingVectorizer(n_features=2**BITS, alternate_sign=False, norm=None, binary=True, dtype="float32", **more)
    return made.transform(rows).tocsr()


def same(one: object, other: object) -> bool:
    return one.shape == other.shape and (one != other).nnz == 0


@given(titles)
@settings(max_examples=30)
def test_words_pairs_and_pieces_are_scikit_learns(texts: list[str]) -> None:
    texts = ["16gb 16gb ddr5 a", *texts]
    plain = [neutral(text) for text in texts]
    pairs = [[*p.split(), *(" ".join(each) for each in itertools.pairwise(p.split()))] for p in plain]
    assert same(word_matrix(texts), hashed(pairs, analyzer=list))
    assert same(char_matrix(texts), hashed(plain, analyzer="char_wb", ngram_range=(3, 4), lowercase=False))


@given(st.lists(st.tuples(st.sampled_from(["x", "y"]), st.lists(st.sampled_from("abc"), max_size=4)), max_size=6))
@settings(max_examples=30)
def test_tokens_stand_by_themselves_and_in_their_group(rows: list[tuple[str, list[str]]]) -> None:
    rows = [("x", ["a"]), *rows]
    groups, tokens = [group for group, _ in rows], [own for _, own in rows]
    both = [[*own, *(f"{group}|{each}" for each in own)] for group, own in rows]
    assert same(token_matrix(tokens, groups), hashed(both, analyzer=list))
    assert same(token_matrix(tokens), hashed(tokens, analyzer=list))


def test_no_rows_make_an_empty_table() -> None:
    assert word_matrix([]).shape == char_matrix([]).shape == (0, 2**BITS)
    assert binary([Rows.of([[], []])], 4).nnz == 0


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=9), max_size=5))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_titles_read_before_are_not_read_again_and_are_the_same(
    monkeypatch: pytest.MonkeyPatch, asked: list[list[str]]
) -> None:
    read: list[str] = []

    def make(titles: list[str]) -> object:
        read.extend(titles)
        return text._words(titles)

    with monkeypatch.context() as patch:
        patch.setattr(text, "_LARGE", 1)
        patch.setattr(text, "_last", {})
        for titles in filter(None, asked):
            before, known = len(read), set(text._last["made"][0]) if text._last else set()
            assert same(text._kept("made", make, titles), text._words(titles))
            assert sorted(read[before:]) == sorted(set(titles) - known)

"""The ridge over sparse tables side by side finds what scikit-learn's finds."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from models.base.ridge import Part, fit_linear, fit_together


@pytest.fixture(scope="module")
def tables() -> tuple[sp.csr_matrix, sp.csr_matrix]:
    drawn = np.random.default_rng(3)
    words = sp.random(300, 900, 0.01, format="csr", dtype=np.float32, random_state=1)
    numbers = sp.csr_matrix(100 * drawn.normal(size=(300, 3)).astype(np.float32))
    return words, numbers


def test_it_is_the_optimum_with_a_constant_that_is_not_drawn(tables: tuple[sp.csr_matrix, sp.csr_matrix]) -> None:
    drawn = np.random.default_rng(4)
    whole = sp.hstack(tables, format="csr")
    target = 5.0 + whole @ drawn.normal(size=903) / 50 + drawn.normal(size=300)

    found, constant = fit_linear(tables, target, 0.5, tolerance=1e-6)

    exact = Ridge(alpha=0.5, solver="lsqr", tol=1e-10).fit(whole.astype(float), target)
    assert whole @ found + constant == pytest.approx(exact.predict(whole.astype(float)), abs=2e-3)
    empty = np.setdiff1d(np.arange(903), whole.indices)
    assert len(empty)
    assert not found[empty].any()


def test_prices_that_are_all_the_same_need_no_words(tables: tuple[sp.csr_matrix, sp.csr_matrix]) -> None:
    found, constant = fit_linear(tables, np.full(300, 4.2), 0.5)

    assert not found.any()
    assert constant == pytest.approx(4.2)


@given(
    st.integers(0, 10_000),
    st.integers(12, 40),
    st.lists(st.sampled_from([1, 2]), min_size=1, max_size=4),
    st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_parts_fitted_together_are_each_fitted_alone(seed: int, rows: int, shared: list[int], own: bool) -> None:
    drawn = np.random.default_rng(seed)
    tables = [
        sp.random(rows, width, 0.2, format="csr", dtype=np.float32, random_state=seed + width) for width in (30, 9)
    ]
    parts = []
    for number in shared:
        inside = np.flatnonzero(drawn.random(rows) < 0.7)
        inside = inside if len(inside) > 2 else np.arange(rows)
        more = sp.csr_matrix(drawn.normal(size=(len(inside), 2)).astype(np.float32))
        parts.append(Part(inside, drawn.normal(5, 1, len(inside)), number, (more,) if own else ()))

    together = fit_together(tables, parts, 0.5)

    for part, (found, constant) in zip(parts, together, strict=True):
        cut = [table[part.inside] for table in tables[: part.shared]]
        alone, mean = fit_linear([*cut, *part.own], part.target, 0.5)
        assert (found == alone).all()
        assert constant == mean
        exact = Ridge(alpha=0.5, solver="cholesky").fit(
            sp.hstack([*cut, *part.own]).toarray().astype(float), part.target
        )
        close, _ = fit_linear([*cut, *part.own], part.target, 0.5, tolerance=1e-6)
        assert close == pytest.approx(exact.coef_, abs=2e-3)

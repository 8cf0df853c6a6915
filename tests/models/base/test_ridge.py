"""The ridge over sparse tables side by side finds what scikit-learn's finds."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import Ridge

from models.base.ridge import Design, fit_linear


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

    found, constant = fit_linear(Design.of(tables), target, 0.5, tolerance=1e-6)

    exact = Ridge(alpha=0.5, solver="lsqr", tol=1e-10).fit(whole.astype(float), target)
    assert whole @ found + constant == pytest.approx(exact.predict(whole.astype(float)), abs=2e-3)
    empty = np.setdiff1d(np.arange(903), whole.indices)
    assert len(empty)
    assert not found[empty].any()


def test_prices_that_are_all_the_same_need_no_words(tables: tuple[sp.csr_matrix, sp.csr_matrix]) -> None:
    found, constant = fit_linear(Design.of(tables), np.full(300, 4.2), 0.5)

    assert not found.any()
    assert constant == pytest.approx(4.2)

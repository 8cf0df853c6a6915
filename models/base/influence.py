"""One voice's influence on a kriged value, and its bound: no single seller takes a value far from what others say.

A linear predictor ŷ = kᵀP a (P the inverse of the prices' covariance with their noise, k their covariance with what is
asked) without the prices of one voice s is ŷ₋ₛ; what that voice does, dₛ = ŷ − ŷ₋ₛ, is wₛᵀ Pₛₛ⁻¹ αₛ with w = P k and
α = P a (the block inverse; leave-one-out of kriging: Dubrule, Math. Geol. 15, 1983). What is too much of it is taken
off, as Huber (1964) bounds a residual. The result is a mixture of ŷ and of predictors that never heard some voice, so
that it is still a sum of coefficients times prices.
"""

from __future__ import annotations

import numpy as np

# By so much a voice may move what the others say. On 10,500 sneaker sales two per cent cost no accuracy, nor did one:
# where a level moves there are soon two who say so.
MOST = float(np.log(1.02))


def bounded(
    inverse: np.ndarray, coefficient: np.ndarray, solved: np.ndarray, voice: np.ndarray, there: np.ndarray
) -> np.ndarray:
    """The coefficients (q × n) with no voice's influence above its bound.

    `inverse` is P (q × n × n), `coefficient` w and `solved` α (q × n); `voice` a number for each price's seller. Of a
    question's only voice nothing is taken off: there is nobody else to believe.
    """
    same = (voice[:, :, np.newaxis] == voice[:, np.newaxis, :]) & there[:, :, np.newaxis] & there[:, np.newaxis, :]
    diagonal = np.arange(voice.shape[1])
    blocks = np.where(same, inverse, 0.0)
    blocks[:, diagonal, diagonal] = np.where(there, blocks[:, diagonal, diagonal], 1.0)
    per_voice = np.linalg.solve(blocks, np.where(there, coefficient, 0.0)[..., np.newaxis])[..., 0]
    does = _together(same, per_voice * solved)
    too_much = np.where(there, 1.0 - np.minimum(1.0, MOST / np.maximum(np.abs(does), 1e-12)), 0.0)
    # Who pulls against the strongest voice only answers it: to hold that back would help it.
    strongest = np.take_along_axis(does, np.abs(np.where(there, does, 0.0)).argmax(axis=1)[:, np.newaxis], axis=1)
    too_much = np.where(np.sign(does) == np.sign(strongest), too_much, 0.0)
    alone = (same.sum(axis=2) == there.sum(axis=1, keepdims=True)) & there
    too_much = np.where(alone, 0.0, too_much)
    out: np.ndarray = coefficient - (inverse @ (too_much * per_voice)[..., np.newaxis])[..., 0]
    return np.where(there, out, 0.0)


def _together(same: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The sum over each price's voice."""
    out: np.ndarray = (same @ values[..., np.newaxis])[..., 0]
    return out

"""A pair model on disk: LightGBM's own text, JSON for words and settings, NumPy arrays for vectors. No pickle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from features.matching.evidence import Evidence
from features.matching.pair_features import PairFeatures
from features.matching.vectors import TextSpace
from warehouse.errors import BadInput

if TYPE_CHECKING:
    from features.matching.pair_model import PairModel

_FORMAT = 1
_WORDS, _ARRAYS, _TREES = "pair_model.json", "pair_model.npz", "trees-{}.txt"


def save(model: PairModel, folder: Path) -> None:
    """Write a model into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    features, evidence = model.features, model.evidence
    arrays: dict[str, Any] = dict(features.space.arrays())
    if evidence is not None:
        arrays |= {name: getattr(evidence, name) for name in ("middle", "centre", "scale", "plain_weights")}
    np.savez(folder / _ARRAYS, **arrays)
    words = {
        "format": _FORMAT,
        "key": model.key,
        "kept": model.kept,
        "extra": model.extra,
        "members": len(model.boosters),
        "idf": features.idf,
        "unseen": features.unseen,
        "fields": features.fields,
        "sides": features.sides,
        "evidence": None if evidence is None else {"offset": evidence.offset, "marks": evidence.mark_weights},
    }
    for number, booster in enumerate(model.boosters):
        booster.save_model(folder / _TREES.format(number))
    # Last, so that a folder with this file is whole.
    (folder / _WORDS).write_text(json.dumps(words, ensure_ascii=False, sort_keys=True), encoding="utf-8")


def load(folder: Path) -> dict[str, Any]:
    """Read the parts of a model; BadInput where the folder holds none, or one of another format."""
    import lightgbm

    path = folder / _WORDS
    if not path.is_file():
        raise BadInput(f"{folder} holds no pair model ({_WORDS} is missing); train it again")
    words = json.loads(path.read_text(encoding="utf-8"))
    if words["format"] != _FORMAT:
        raise BadInput(f"{folder} holds a pair model of format {words['format']}, not {_FORMAT}; train it again")
    with np.load(folder / _ARRAYS, allow_pickle=False) as stored:
        arrays = dict(stored)
    evidence = words["evidence"] and Evidence(
        **{name: arrays[name] for name in ("middle", "centre", "scale", "plain_weights")},
        mark_weights=words["evidence"]["marks"],
        offset=words["evidence"]["offset"],
    )
    features = PairFeatures(
        words["idf"], words["unseen"], tuple(words["fields"]), TextSpace.from_arrays(arrays), words["sides"]
    )
    return {
        "key": words["key"],
        "features": features,
        "kept": words["kept"],
        "evidence": evidence,
        "boosters": [lightgbm.Booster(model_file=folder / _TREES.format(n)) for n in range(words["members"])],
        "extra": tuple(words["extra"]),
    }

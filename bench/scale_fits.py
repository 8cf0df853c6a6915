"""The LightGBM fits of a training: written down as they are made, and made again bare."""

from __future__ import annotations

import json
import pickle
import time
from pathlib import Path
from typing import Any

import numpy as np


class Recorder:
    """Stands between the training and LightGBM while it is entered: writes every matrix and every fit's settings into a
    folder, and takes the time. `writing` are the seconds that this cost, to be taken off; `inside` those in LightGBM.

    Matrices go to disk at once, so that they do not count as memory of the training.
    """

    def __init__(self, folder: Path) -> None:
        import lightgbm

        self.folder, self.lightgbm = folder, lightgbm
        self.writing, self.writing_processor, self.inside, self.fits = 0.0, 0.0, 0.0, 0
        self._dataset, self._train = lightgbm.Dataset, lightgbm.train
        self._names: dict[int, str] = {}

    def __enter__(self) -> Recorder:
        recorder, made = self, self._dataset

        class Dataset(made):  # type: ignore[misc, valid-type]
            def __init__(self, data: Any, label: Any = None, **more: Any) -> None:
                recorder._write(self, data, label, more)
                super().__init__(data, label, **more)

        self.lightgbm.Dataset = Dataset
        self.lightgbm.train = self._fit
        return self

    def __exit__(self, *raised: object) -> None:
        self.lightgbm.Dataset, self.lightgbm.train = self._dataset, self._train

    def _write(self, dataset: Any, data: Any, label: Any, more: dict[str, Any]) -> None:
        started, processor = time.perf_counter(), time.process_time()
        name = self._names[id(dataset)] = f"{len(list(self.folder.glob('*.data.npy'))):03}"
        np.save(self.folder / f"{name}.data.npy", data)
        np.save(self.folder / f"{name}.label.npy", label)
        (self.folder / f"{name}.pickle").write_bytes(pickle.dumps(more))
        self.writing += time.perf_counter() - started
        self.writing_processor += time.process_time() - processor

    def _fit(self, params: dict[str, Any], data: Any, num_boost_round: int = 100, **more: Any) -> Any:
        line = {"data": self._names[id(data)], "params": params, "rounds": num_boost_round}
        with (self.folder / "fits.jsonl").open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")
        started = time.perf_counter()
        booster = self._train(params, data, num_boost_round, **more)
        self.inside += time.perf_counter() - started
        self.fits += 1
        return booster


def bare(folder: Path) -> dict[str, Any]:
    """The same fits once more with nothing around them: seconds, and what they were. Reading the matrices is not
    counted, making LightGBM's bins of them is, once for each matrix, as in the training."""
    import lightgbm

    lines = [json.loads(line) for line in (folder / "fits.jsonl").read_text("utf-8").splitlines()]
    seconds, processor, rows, columns, dataset, last = 0.0, 0.0, 0, 0, None, ""
    for line in lines:
        if line["data"] != last:
            last = line["data"]
            matrix, label = np.load(folder / f"{last}.data.npy"), np.load(folder / f"{last}.label.npy")
            more = pickle.loads((folder / f"{last}.pickle").read_bytes())  # noqa: S301 — written by this very run
            rows, columns = max(rows, matrix.shape[0]), matrix.shape[1]
            dataset = lightgbm.Dataset(matrix, label, **more)
        started, before = time.perf_counter(), time.process_time()
        lightgbm.train(line["params"], dataset, line["rounds"])
        seconds, processor = seconds + time.perf_counter() - started, processor + time.process_time() - before
    return {"seconds": seconds, "processor": processor, "fits": len(lines), "most_rows": rows, "columns": columns}

"""The second stage: candidates in order of how well they fit the words, by a small learned model shipped as a file."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from marketplace.search.features import FEATURES, features_of
from marketplace.search.understanding import Reading

MODEL_FILE: Final = Path(__file__).with_name("relevance.txt")
VERSION: Final = "fit-1"
SPAN: Final = 3.0
"""How far below the best a listing's fit may be before it counts as none."""

_predicting = threading.Lock()


@lru_cache(maxsize=1)
def _model() -> Any:
    import lightgbm  # takes a third of a second: with the first search, not with every command

    model = lightgbm.Booster(model_file=str(MODEL_FILE))
    assert tuple(model.feature_name()) == FEATURES, "another set of features: see tests.benchmarks.training"
    return model


def fit_of(reading: Reading, scores: Sequence[float], packed: Sequence[bytes]) -> list[float]:
    """For each candidate (in retrieval order) how well it fits the words, 0 to 1; the best has 1."""
    if len(scores) < 2 or not reading.concepts:
        return [1.0] * len(scores)
    matrix = features_of(reading, scores, packed)
    with _predicting:
        raw = np.asarray(_model().predict(matrix, num_threads=1))
    return [float(value) for value in np.clip(1.0 - (raw.max() - raw) / SPAN, 0.0, 1.0)]

"""Trains the second stage of search on judged queries, and says how it does on queries it has not seen.

    python -m tests.benchmarks.training --data DIR    writes marketplace/search/relevance.txt

One model for all sets and languages. The features say how words and listing fit, nothing about which listing, set or query it
is. What the judgments do not name counts as 0, as in the measure. Folds are over whole queries; both sets weigh the same.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.benchmarks.ground import enter_django, ground, tell

FOLDS = 5
DEPTH = 10
GRADES = 3
"""Gains of the judgments are thirds."""
ROUNDS = 120
UNNAMED_WEIGHT = 0.7
"""Of candidates that the judgments do not name: they count as 0, but some of them would have been found good."""
RISING = (
    "score", "title_bm25", "body_bm25", "title_coverage", "body_coverage", "coverage", "all_in_title", "adjacent",
    "exact_words", "exact_variant", "kin", "kin_near", "topic", "ends_phrase", "first_place", "repeats",
)  # fmt: skip
FALLING = ("place", "before_head", "after_link", "before_link")
"""Features that may only lift, or only lower: with a few hundred queries the data alone would say odd things."""
PARAMETERS = {
    "objective": "lambdarank", "num_leaves": 8, "learning_rate": 0.05, "min_data_in_leaf": 60, "feature_fraction": 0.7,
    "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 10, "lambdarank_truncation_level": 30,
    "label_gain": list(range(GRADES + 1)), "verbose": -1, "num_threads": 1, "deterministic": True,
}  # fmt: skip


@dataclass(frozen=True)
class Example:
    """A judged query with its candidates: features, gains, and the best that can be reached."""

    name: str
    query: str
    features: Any
    gains: Any
    is_named: Any
    ideal: float


def example_of(name: str, query: str, judged: dict[UUID, float], node: Any) -> Example | None:
    """The candidates that the shipped first stage finds; None when there are none."""
    import numpy as np

    from marketplace.search.features import features_of
    from marketplace.search.selectors import candidates_for

    reading, scores, packed, ids = candidates_for(query, at=node)
    if not ids:
        return None
    gains, is_named = np.array([judged.get(i, 0.0) for i in ids]), np.array([i in judged for i in ids])
    ideal = dcg(sorted(judged.values(), reverse=True))
    return Example(name, query, features_of(reading, scores, packed), gains, is_named, ideal)


def dcg(gains: Sequence[float]) -> float:
    """Linear gain, discount by log2(rank + 1), the first ten."""
    return sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains[:DEPTH]))


def train(examples: Sequence[Example], *, seed: int) -> Any:
    """A model of these examples; each set has the same weight."""
    import lightgbm
    import numpy as np

    from marketplace.search.features import FEATURES

    sizes = {name: sum(e.name == name for e in examples) for name in {e.name for e in examples}}
    of_set = {name: len(examples) / len(sizes) / size for name, size in sizes.items()}
    weights = np.concatenate([np.where(e.is_named, 1.0, UNNAMED_WEIGHT) * of_set[e.name] for e in examples])
    directions = [1 if name in RISING else -1 if name in FALLING else 0 for name in FEATURES]
    data = lightgbm.Dataset(
        np.vstack([e.features for e in examples]),
        np.concatenate([np.round(e.gains * GRADES).astype(int) for e in examples]),
        group=[len(e.gains) for e in examples], weight=weights, feature_name=list(FEATURES),
    )  # fmt: skip
    return lightgbm.train({**PARAMETERS, "seed": seed, "monotone_constraints": directions}, data, ROUNDS)


def unseen_ndcg(examples: Sequence[Example], *, seed: int) -> dict[str, float]:
    """NDCG@10 by set when each query is ranked by a model that was trained without it."""
    import numpy as np

    order = list(range(len(examples)))
    random.Random(seed).shuffle(order)
    scores: dict[str, list[float]] = {}
    for fold in (order[start::FOLDS] for start in range(FOLDS)):
        held = set(fold)
        model = train([e for i, e in enumerate(examples) if i not in held], seed=seed)
        for i in fold:
            example = examples[i]
            best_first = np.argsort(-model.predict(example.features), kind="stable")
            value = dcg(list(example.gains[best_first])) / example.ideal
            scores.setdefault(example.name, []).append(value)
    return {name: round(sum(values) / len(values), 4) for name, values in scores.items()}


def main() -> None:
    from tests.benchmarks.relevance import gather

    parser = argparse.ArgumentParser(description="Trains the second stage of search.")
    parser.add_argument("--data", required=True)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    with ground() as place:
        enter_django(place)
        from marketplace.search.relevance import MODEL_FILE

        examples = gather(place, Path(options.data))
        tell(f"on queries not seen: {unseen_ndcg(examples, seed=options.seed)}")
        text = train(examples, seed=options.seed).model_to_string()
        MODEL_FILE.write_text(text.partition("\nparameters:")[0] + "\nend of parameters\n", encoding="utf-8")


if __name__ == "__main__":
    main()

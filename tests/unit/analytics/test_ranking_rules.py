"""The ranking model: every factor pulls its own way, the parts make the score, the order is nobody's accident."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.ranking import rules
from analytics.ranking.linear import REFRESH_SECONDS, LinearRanking
from analytics.ranking.rules import DEFAULT_WEIGHTS
from marketplace.contracts import Candidates

FEATURES = st.fixed_dictionaries({
    "rating_hundredths": st.integers(100, 500), "rating_count": st.integers(0, 5000),
    "units_sold_30d": st.integers(0, 10_000), "click_rate_bp": st.integers(0, 10_000),
    "conversion_bp": st.integers(0, 10_000), "promise_kept_bp": st.integers(-1, 10_000),
    "dispute_rate_bp": st.integers(-1, 10_000), "age_days": st.integers(0, 400), "price_minor": st.integers(1, 10**9),
    "has_photo": st.integers(0, 1),
})  # fmt: skip
SCORES = st.floats(0, 80, allow_nan=False)


def candidates(entries):
    """(features, how well the words fit) as columns."""
    names = entries[0][0] if entries else ()
    return Candidates(
        [text for _, text in entries], {name: [features[name] for features, _ in entries] for name in names}
    )


def score(features, text=1.0):
    parts = rules.factors_of(features, text, DEFAULT_WEIGHTS, 80.0)
    return math.fsum(f.contribution for f in parts)


@given(FEATURES, st.sampled_from([
    ("rating_hundredths", 1, 500), ("units_sold_30d", 1, 10_000), ("click_rate_bp", 1, 10_000),
    ("conversion_bp", 1, 10_000), ("promise_kept_bp", 1, 10_000), ("dispute_rate_bp", -1, 10_000),
    ("age_days", -1, 400), ("has_photo", 1, 1),
]), st.integers(1, 5000))  # fmt: skip
def test_more_of_a_good_thing_never_lowers_the_score(features, change, step):
    name, direction, top = change
    if name == "promise_kept_bp" and features[name] < 0:
        features = {**features, name: 0}
    more = {**features, name: min(features[name] + step, top)}
    low, high = (features, more) if direction > 0 else (more, features)
    assert score(high) >= score(low) - 1e-9


@given(FEATURES, SCORES, SCORES)
def test_better_text_never_lowers_the_score(features, one, other):
    assert score(features, max(one, other)) >= score(features, min(one, other)) - 1e-9


@given(st.lists(st.tuples(FEATURES, SCORES), max_size=30), st.randoms(use_true_random=False))
def test_parts_make_the_score_and_input_order_does_not_matter(entries, source: random.Random):
    ranked = rules.rank(candidates(entries), DEFAULT_WEIGHTS)
    assert sorted(r.position for r in ranked) == list(range(len(entries)))
    for one in ranked:
        assert math.isclose(one.score, math.fsum(f.contribution for f in one.factors), abs_tol=1e-8)
    assert [r.score for r in ranked] == sorted((r.score for r in ranked), reverse=True)
    places = list(range(len(entries)))
    source.shuffle(places)
    again = rules.rank(candidates([entries[place] for place in places]), DEFAULT_WEIGHTS)
    assert sorted((places[r.position], r.score) for r in again) == sorted((r.position, r.score) for r in ranked)


def test_equal_candidates_stand_in_order_of_position():
    plain = dict.fromkeys(("rating_hundredths", "rating_count", "units_sold_30d", "click_rate_bp", "conversion_bp",
                           "promise_kept_bp", "dispute_rate_bp", "age_days", "price_minor", "has_photo"), 0)  # fmt: skip
    ranked = rules.rank(candidates([(plain, 0.0)] * 40), DEFAULT_WEIGHTS)
    assert [r.position for r in ranked] == list(range(40))


def test_one_five_does_not_beat_a_hundred_good_ratings():
    assert rules.rating_part(500, 1) < rules.rating_part(460, 100)
    assert rules.rating_part(200, 50) < 0 == rules.rating_part(rules.PRIOR_RATING, 7)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_smoothed_rates_stay_shares(events, chances):
    assert 0 <= rules.click_rate_bp(events, chances) <= 10_000
    assert 0 <= rules.conversion_bp(events, chances) <= 10_000


def test_shipped_weights_are_valid_and_wrong_ones_are_refused():
    rules.check_weights(DEFAULT_WEIGHTS)
    for wrong in ({}, {**DEFAULT_WEIGHTS, "TEXT": 0.9}, {**DEFAULT_WEIGHTS, "TEXT": -1}, {**DEFAULT_WEIGHTS, "X": 0}):
        with pytest.raises(rules.InvalidWeights):
            rules.check_weights(wrong)


def test_weights_are_read_once_in_a_while_not_for_each_search(monkeypatch):
    moment, reads = [0.0], []
    monkeypatch.setattr(
        "analytics.ranking.linear.get_active_weights", lambda: reads.append(1) or (f"v{len(reads)}", DEFAULT_WEIGHTS)
    )
    model = LinearRanking(monotonic=lambda: moment[0])
    assert [model.version for _ in range(5)] == ["v1"] * 5
    moment[0] = REFRESH_SECONDS
    assert model.version == "v2"
    model.reset()
    assert model.version == "v3"
    assert math.isclose(sum(weight for _, weight in model.published_weights()), 1.0)


@given(st.lists(FEATURES, min_size=1, max_size=20), st.floats(0, 1))
def test_the_order_comes_from_the_very_parts_that_are_told(features, text):
    told = [
        sum(DEFAULT_WEIGHTS[code] * part for code, part in zip(rules.CODES, rules.parts_of(f, text, text), strict=True))
        for f in features
    ]
    assert rules.scores_of(candidates([(f, text) for f in features]), DEFAULT_WEIGHTS) == pytest.approx(told)

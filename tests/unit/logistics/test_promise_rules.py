"""Quantiles of delivery times with parcels still on their way, the memory of lanes, and the model's fallbacks."""

import builtins
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.promises import learning
from logistics.promises.features import NAMES, Fading, Journey, Memory
from logistics.promises.learning import PromiseModel, tabulate, train
from logistics.promises.rules import MOST, Outcomes, corrections, pinball, survival_quantile


def test_without_parcels_on_the_way_it_is_the_plain_quantile():
    days = np.arange(1.0, 101.0)
    found = survival_quantile(days, np.ones(100, dtype=bool), np.ones(100), 0.9)
    assert found == pytest.approx(90, abs=1)


def test_parcels_on_the_way_make_it_later_and_too_many_leave_it_open():
    days = np.arange(1.0, 101.0)
    arrived = days <= 60
    assert survival_quantile(days, arrived, np.ones(100), 0.9) is None
    some = np.arange(100) % 4 != 3
    plain = survival_quantile(days[some], np.ones(75, dtype=bool), np.ones(75), 0.9)
    assert survival_quantile(days, some, np.ones(100), 0.9) >= plain


@given(st.lists(st.floats(0.1, 60), min_size=20, max_size=80), st.integers(0, 10))
def test_the_survival_quantile_grows_with_the_share(days, waiting):
    times = np.array(days)
    arrived = np.arange(len(times)) >= waiting
    answers = [survival_quantile(times, arrived, np.ones(len(times)), share) for share in (0.3, 0.6, 0.9)]
    known = [answer for answer in answers if answer is not None]
    assert known == sorted(known)


def test_pinball_weighs_being_late_nine_times_as_much():
    assert pinball(np.array([10.0]), np.array([8.0]), 0.9) == pytest.approx(1.8)
    assert pinball(np.array([8.0]), np.array([10.0]), 0.9) == pytest.approx(0.2)


def outcomes(**change):
    n = 300
    source = np.random.default_rng(3)
    values = {
        "age": np.full(n, 30.0), "days": source.uniform(4, 12, n), "arrived": np.ones(n, dtype=bool),
        "predicted": np.full(n, 8.0), "group": np.array(["slow", "quick", "quick"] * (n // 3), dtype=object),
        "seen_until": np.full(n, np.inf),
    }  # fmt: skip
    values["days"][::3] *= 1.6
    return Outcomes(**{**values, **change})


def test_each_lane_gets_its_own_correction_and_an_unknown_one_leans_on_all():
    found = corrections(outcomes(), ["slow", "quick", "new"], share=0.9)
    assert found["slow"] > found["new"] > found["quick"] > 1
    assert corrections(outcomes(age=np.array([])), ["slow"], share=0.9) == {}
    nobody = corrections(outcomes(arrived=np.zeros(300, dtype=bool)), ["slow"], share=0.9)
    assert nobody["slow"] == MOST


def test_cut_data_do_not_flatter_the_recent_past():
    """A file of delivered orders lacks the slow ones of its last weeks; those that are there count for them."""
    source = np.random.default_rng(5)
    days, age = source.uniform(2, 20, 4_000), source.uniform(0, 60, 4_000)
    there = days < age
    seen_until = np.where(age < 30, age, np.inf)
    group = np.full(4_000, "a", dtype=object)
    values = {"arrived": np.ones(4_000, dtype=bool), "predicted": np.full(4_000, 10.0), "group": group}
    cut = Outcomes(age[there], days[there], values["arrived"][there], values["predicted"][there], group[there],
                   seen_until[there])  # fmt: skip
    assert corrections(cut, ["a"], share=0.9)["a"] == pytest.approx(1.82, abs=0.08)


def journey(start, days, *, destination="PT", seller="s", **extra):
    return Journey(
        ordered=start, origin="ES", destination=destination, origin_area="ES50", destination_area=f"{destination}11",
        destination_zone=f"{destination}110", seller=seller, handed_over=start + 1, delivered=start + days, **extra,
    )  # fmt: skip


def test_features_know_nothing_of_the_future():
    early = [journey(start, 5) for start in range(40)]
    late = [journey(start, 25) for start in range(40, 90)]
    whole = tabulate([*early, *late]).rows
    alone = tabulate(early).rows
    assert np.array_equal(whole[:40], alone, equal_nan=True)
    assert whole[-1][0] > whole[10][0]  # by then some of the slow ones have arrived


def test_the_memory_survives_being_stored():
    memory = Memory()
    tabulate([journey(start, 6) for start in range(30)], memory)
    again = Memory.load(json.loads(json.dumps(memory.dump())))
    question = journey(40, math.nan, seller="")
    assert again.row(question, 40.0)[:15] == pytest.approx(memory.row(question, 40.0)[:15], nan_ok=True)
    assert again.known(question, 40.0) == pytest.approx(memory.known(question, 40.0))


def test_an_old_value_fades():
    fading = Fading(10)
    fading.add(0, 1.0)
    fading.add(10, 0.0)
    assert fading.mean(10, 0, 0) == pytest.approx(1 / 3)


def made_up(count=900):
    source = np.random.default_rng(1)
    found = []
    for number in range(count):
        far = number % 2 == 0
        days = float(source.gamma(9 if far else 3, 1.0)) + 1
        found.append(journey(number / 5, days, destination="FR" if far else "PT", weight_grams=float(number % 7)))
    return found


def test_the_model_covers_what_it_says_and_is_the_same_after_storing():
    table = tabulate(made_up())
    model, _ = train(table, use=np.isfinite(table.delivered), quantiles=(0.9,))
    stored = PromiseModel.load(model.dump())
    predicted = stored.predict(table.rows)
    assert np.array_equal(predicted, model.predict(table.rows))
    assert 0.7 < float(np.mean(table.days <= predicted)) < 0.96  # before the corrections of the day
    with pytest.raises(ValueError, match="other features"):
        PromiseModel.load(json.dumps({"names": list(NAMES[1:]), "trees": {}, "large_groups": []}))


def test_a_machine_without_lightgbm_falls_back_to_the_lanes(monkeypatch):
    table = tabulate(made_up())
    model, _ = train(table, use=np.isfinite(table.delivered), quantiles=(0.9,))
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "lightgbm":
            raise OSError("libgomp.so.1: cannot open shared object file")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(learning.LearningUnavailable):
        learning.import_lightgbm()
    assert np.allclose(PromiseModel.load(model.dump()).predict(table.rows), table.base)
    untrained, predicted = train(table, use=np.isfinite(table.delivered))
    assert untrained.trees == {}
    assert np.allclose(predicted, table.base)

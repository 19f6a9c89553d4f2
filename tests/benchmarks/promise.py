"""How good the delivery promise is on later orders: trained before a cut, scored after it (Olist's deliveries).

Features and corrections of an order use what had happened before it was placed, nothing later: earlier orders of the test
part count from their delivery on. The trees are trained once, before the cut. Olist's own date is only a reference.
"""

from __future__ import annotations

import csv
import gzip
import math
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from logistics.promises.features import Journey, Memory
from logistics.promises.learning import UNSEEN_DAYS, PromiseModel, Table, correct, outcomes_at, tabulate, train
from logistics.promises.rules import WINDOW_DAYS, pinball
from tests.benchmarks.brazil import distance_km, state_of
from tests.benchmarks.ground import tell

SHARE = 0.91
"""What is aimed at: in the middle of 90 to 92 %."""
LANE_GROUP = 200
TEST_SHARE = 0.4
"""Without a test file: the later orders of the file, less those of its last weeks, of which it lacks the slow ones."""


def run(*, seed: int, quick: bool, train_file: Path | None = None, test_file: Path | None = None) -> dict[str, Any]:
    if train_file is None:
        raise SystemExit("bin/bench promise needs --train FILE")
    rows = read(train_file)
    if quick:
        rows = rows[-12_000:]
    if test_file:
        return evaluate(rows, read(test_file), max(_moment(row["delivered_at"]) for row in rows))
    cut = _moment(rows[int(len(rows) * (1 - TEST_SHARE))]["purchased_at"])
    whole = max(_moment(row["delivered_at"]) for row in rows) - UNSEEN_DAYS
    before = [row for row in rows if _moment(row["delivered_at"]) < cut]
    return evaluate(before, [row for row in rows if cut <= _moment(row["purchased_at"]) < whole], cut)


def read(path: Path) -> list[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", newline="") as file:
        found = [row for row in csv.DictReader(file) if row["purchased_at"] and row["delivered_at"]]
    return sorted(found, key=lambda row: row["purchased_at"])


def evaluate(before: list[dict[str, str]], after: list[dict[str, str]], cut: float) -> dict[str, Any]:
    """Train on `before`, promise `after` in order of purchase, compare with what happened."""
    started = time.perf_counter()
    table = tabulate([journey_of(row) for row in (*before, *after)], Memory())
    is_test = _marks(before, after)
    seen_until = _seen_until(table, is_test, cut)
    use = ~is_test & np.isinf(seen_until)
    model, predicted = train(table, use=use, quantiles=(0.9,))
    tell(
        f"trained on {int(use.sum()):,} orders in {time.perf_counter() - started:.1f} s; promising {int(is_test.sum()):,}"
    )
    promised = promise(model, table, predicted, is_test, seen_until)
    plain = promise(PromiseModel(model.large_groups), table, table.base, is_test, seen_until)
    olist = np.array(
        [_moment(row["olist_promised_date"]) - _moment(row["purchased_at"]) for row in _in_order(before, after)]
    )
    lanes = np.array([f"{j.origin}>{j.destination}" for j in table.journeys], dtype=object)
    days = table.days[is_test]
    by_lane = lane_coverage(lanes[is_test], days <= promised)
    return {
        "pinball90": round(pinball(days, promised, 0.9), 4), "coverage": round(float(np.mean(days <= promised)), 4),
        "mean_days": round(float(promised.mean()), 2),
        "olist_pinball90": round(pinball(days, olist[is_test], 0.9), 4),
        "olist_coverage": round(float(np.mean(days <= olist[is_test])), 4),
        "olist_mean_days": round(float(olist[is_test].mean()), 2),
        "worst_lane_coverage": min(by_lane.values(), default=None), "best_lane_coverage": max(by_lane.values(), default=None),
        "lane_coverage": by_lane, "without_trees_pinball90": round(pinball(days, plain, 0.9), 4),
        "orders_trained": int(use.sum()), "orders_promised": int(is_test.sum()), "mean_actual_days": round(float(days.mean()), 2),
        "seconds": round(time.perf_counter() - started, 1),
    }  # fmt: skip


def promise(model: PromiseModel, table: Table, predicted: Any, is_test: Any, seen_until: Any) -> Any:
    """The promised days of the test orders: predicted, times the correction of their group as of the day they were placed."""
    groups = model.groups(table.journeys)
    promised = predicted.copy()
    day = np.floor(table.ordered)
    for today in np.unique(day[is_test]):
        known = outcomes_at(
            today, ordered=table.ordered, delivered=table.delivered, predicted=predicted, groups=groups,
            seen_until=seen_until, window=WINDOW_DAYS,
        )  # fmt: skip
        rows = np.nonzero(is_test & (day == today))[0]
        factors = correct(known, groups[rows], share=SHARE)
        promised[rows] *= [factors.get(group, 1.0) for group in groups[rows]]
    return promised[is_test]


def _in_order(before: list[dict[str, str]], after: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted((*before, *after), key=lambda row: _moment(row["purchased_at"]))


def _marks(before: list[dict[str, str]], after: list[dict[str, str]]) -> Any:
    marked = sorted(
        [(_moment(row["purchased_at"]), False) for row in before]
        + [(_moment(row["purchased_at"]), True) for row in after],
        key=lambda pair: pair[0],
    )
    return np.array([test for _, test in marked])


def _seen_until(table: Table, is_test: Any, cut: float) -> Any:
    """A training file of delivered orders lacks the slow ones of its last weeks, unless the test file brings them."""
    missing = ~is_test & (table.ordered > cut - UNSEEN_DAYS)
    if is_test.any() and np.mean(table.ordered[is_test] < cut) > 0.005:
        missing &= False
    return np.where(missing, cut - table.ordered, np.inf)


def lane_coverage(lanes: Any, kept: Any) -> dict[str, float]:
    """Lane (seller's state > buyer's state) -> share kept, for lanes with at least LANE_GROUP orders."""
    sizes = Counter(lanes)
    return {
        lane: round(float(np.mean(kept[lanes == lane])), 4)
        for lane, size in sorted(sizes.items(), key=lambda item: -item[1])
        if size >= LANE_GROUP
    }


def journey_of(row: dict[str, str]) -> Journey:
    """An order of Olist's file. Neither Olist's promise nor the shipping limit nor the review is read."""
    buyer, seller = row["buyer_zip5"].zfill(5), row["seller_zip5"].zfill(5) if row["seller_zip5"] else ""
    destination = state_of(buyer)
    origin = row["seller_state"] or (state_of(seller) if seller else "?")
    return Journey(
        ordered=_moment(row["purchased_at"]), origin=origin, destination=destination, origin_area=seller[:2],
        destination_area=buyer[:2], destination_zone=buyer[:3], origin_code=_number(row["seller_zip5"]),
        destination_code=float(buyer), distance_km=distance_km(origin, destination), seller=row["seller_id"],
        freight=_number(row["freight"]), price=_number(row["price"]), weight_grams=_number(row["weight_g"]),
        volume_cm3=_number(row["volume_cm3"]), items=_number(row["items"]),
        handed_over=_moment(row["handed_over_at"]), delivered=_moment(row["delivered_at"]),
    )  # fmt: skip


def _number(text: str) -> float:
    return float(text) if text else math.nan


def _moment(text: str) -> float:
    """Days since 1970 of a local time; the file has no zones."""
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1)).total_seconds() / 86_400 if text else math.nan  # noqa: DTZ001

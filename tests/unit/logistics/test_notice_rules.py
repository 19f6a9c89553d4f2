"""Which statuses people are told of, and when a letter is out of date."""

from __future__ import annotations

import pytest

from logistics.contracts import TrackingStatus
from logistics.notices.rules import MAILED, STAGES, TRUE_WHILE, Side, Stage, is_still_true
from logistics.notices.words import TITLES, TONES


def test_every_stage_has_its_words_and_its_moment():
    assert set(TITLES) == set(TONES) == set(TRUE_WHILE) == set(Stage)
    assert set(STAGES.values()) | {Stage.SHIPPED} == set(Stage)
    assert MAILED[Side.SENDER] < MAILED[Side.RECIPIENT] == set(Stage)


@pytest.mark.parametrize("status", list(TrackingStatus))
def test_what_is_told_is_true_when_it_happens(status):
    stage = STAGES.get(status)
    if stage is not None:
        assert is_still_true(stage, status)


@pytest.mark.parametrize(
    ("stage", "status", "true"),
    [
        (Stage.SHIPPED, TrackingStatus.AT_HUB, True), (Stage.SHIPPED, TrackingStatus.DELIVERED, False),
        (Stage.SHIPPED, TrackingStatus.OUT_FOR_DELIVERY, False), (Stage.DELAYED, TrackingStatus.CUSTOMS, True),
        (Stage.OUT_FOR_DELIVERY, TrackingStatus.ATTEMPT_FAILED, False), (Stage.DELAYED, TrackingStatus.DELIVERED, False),
        (Stage.SUSPECTED_LOST, TrackingStatus.IN_TRANSIT, False), (Stage.DELIVERED, TrackingStatus.RETURNED, False),
    ],
)  # fmt: skip
def test_a_letter_is_written_only_while_it_is_true(stage, status, true):
    assert is_still_true(stage, status) is true

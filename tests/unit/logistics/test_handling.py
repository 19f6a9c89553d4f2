"""Goods that need care: the nearest rule decides, and a country's word stands above every carrier's."""

import pytest

from logistics.contracts import HandlingMark, RejectionReason
from logistics.rates.handling import Rule, refusal

M, R = HandlingMark, RejectionReason
RULES = (
    Rule(M.DANGEROUS, "", "", "", is_taken=False), Rule(M.DANGEROUS, "ruta", "", "", is_taken=True),
    Rule(M.DANGEROUS, "ruta", "ruta-24", "", is_taken=False), Rule(M.DANGEROUS, "", "", "GB", is_taken=False),
    Rule(M.PERISHABLE, "", "", "", is_taken=True, most_days=3),
)  # fmt: skip


def ask(*marks, carrier="ruta", service="ruta-plus", to="PT", days=3):
    return refusal(RULES, marks, carrier=carrier, service=service, origin="ES", destination=to, latest_days=days)


@pytest.mark.parametrize(
    ("answer", "question"),
    [
        (None, {}),
        (R.DANGEROUS_NOT_TAKEN, {"service": "ruta-24"}),
        (R.DANGEROUS_NOT_TAKEN, {"carrier": "norte", "service": "norte-pakke"}),
        (R.COUNTRY_PROHIBITS, {"to": "GB"}),
    ],
)
def test_the_nearest_rule_decides(answer, question):
    assert ask(M.DANGEROUS, **question) is answer


def test_perishable_goods_go_only_with_who_is_quick_enough():
    assert ask(M.PERISHABLE, days=3) is None
    assert ask(M.PERISHABLE, days=4) is R.PERISHABLE_NOT_TAKEN


def test_without_a_rule_or_a_mark_everything_is_taken():
    assert ask(M.FRAGILE) is None
    assert ask() is None
    assert ask(M.FRAGILE, M.DANGEROUS, service="ruta-24") is R.DANGEROUS_NOT_TAKEN


def test_a_country_does_not_prohibit_what_stays_in_it():
    found = refusal(
        RULES, [M.DANGEROUS], carrier="ruta", service="ruta-plus", origin="GB", destination="GB", latest_days=2
    )
    assert found is None

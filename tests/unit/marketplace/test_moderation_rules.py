"""Which rules fit which goods."""

from dataclasses import dataclass, field

import pytest

from marketplace.moderation.rules import Rulebook, folded, needle_of
from marketplace.moderation.shipped import SHIPPED
from marketplace.screening import Goods, RuleKind


@dataclass
class Rule:
    code: str = "one"
    kind: str = "REVIEW"
    version: int = 3
    category_id: str | None = None
    words: list[str] = field(default_factory=list)
    title: str = "Title"
    remedy: str = "Remedy"


def findings(rules, goods):
    return Rulebook(rules).findings(goods)


def goods(text, category="soap", department="care"):
    return Goods(category, department, text)


@pytest.mark.parametrize(
    ("word", "text", "is_found"),
    [
        ("pistol", "An old PISTOL, loaded", True),
        ("pistol", "Pistolero costume", False),
        ("pistol*", "Pistolero costume", True),
        ("cocaína", "Cocaina pura", True),
        ("munición", "Municíon", True),
        ("stun gun", "a stun-gun", True),
        ("stun gun", "gun that will stun", False),
        ("heroin", "Heroine of the novel", False),
        ("heroin", "heroin", True),
    ],
)
def test_words_are_found_whole_whatever_their_case_and_accents(word, text, is_found):
    assert (needle_of(word) in folded(text)) is is_found
    assert bool(findings([Rule(words=[word])], goods(text))) is is_found


def test_a_rule_is_for_its_category_and_what_is_below_it():
    for category_id, fits in ((None, True), ("soap", True), ("care", True), ("toys", False)):
        assert bool(findings([Rule(category_id=category_id, words=["spf"])], goods("SPF 50"))) is fits


def test_a_rule_without_words_is_for_everything_in_its_category():
    (found,) = findings([Rule(category_id="care")], goods("Olive soap"))
    assert (found.rule, found.version, found.words, found.kind) == ("one", 3, (), RuleKind.REVIEW)


def test_the_gravest_is_told_first():
    kinds = ["REVIEW", "DOCUMENTS", "PROHIBITED"]
    found = findings([Rule(kind=kind, words=["spf"]) for kind in kinds], goods("spf"))
    assert [one.kind for one in found] == ["PROHIBITED", "DOCUMENTS", "REVIEW"]


def test_shipped_rules_say_something_in_both_languages():
    assert len({seed.code for seed in SHIPPED}) == len(SHIPPED)
    for seed in SHIPPED:
        assert seed.words
        assert RuleKind(seed.kind)
        assert seed.title_en != seed.title_es
        assert seed.remedy_en != seed.remedy_es

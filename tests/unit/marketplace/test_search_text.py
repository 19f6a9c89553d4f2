"""Terms, packed texts and features: pure parts of search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.search.features import FEATURES, features_of
from marketplace.search.relevance import fit_of
from marketplace.search.synonyms import Synonyms, shipped_groups
from marketplace.search.text import hash_of, language_of, quantities_of, split_words, term_of, variants_of
from marketplace.search.tokens import Follows, classes_of, listing_text, unpack
from marketplace.search.understanding import Concept, Reading, Variant, read_prices


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the cup is for you", "en"), ("la taza es para el desayuno", "es"), ("a caneca é para o café", "pt"),
        ("die Tasse ist für den Kaffee", "de"), ("la tasse est pour le café", "fr"), ("Kingston KC2500 1000 GB", "en"),
    ],
)  # fmt: skip
def test_a_texts_language(text, language):
    assert language_of(split_words(text)) == language


def test_terms_of_other_languages_do_not_meet_english_ones():
    assert term_of("batteries", "en") == term_of("battery", "en")
    assert term_of("zapatos", "es") == term_of("zapato", "es") == "es:zapat"
    assert term_of("KC2500".lower(), "de") == "kc2500"  # codes have no language
    assert variants_of("camisas")[0] == term_of("camisas", "en")


@pytest.mark.parametrize(
    ("one", "other"),
    [("1.5 kg", "1500 g"), ("1,5kg", "1500g"), ("1 TB", "1000GB"), ('15.6"', "15.6 inch"), ("0.5 l", "500ml")],
)
def test_units(one, other):
    assert quantities_of(one) == quantities_of(other) != []


@pytest.mark.parametrize("text", ["model 2500", "v2", "10/100 Mbps", "3 pieces", ""])
def test_what_is_no_quantity(text):
    assert quantities_of(text) == []


def test_what_follows_a_word():
    assert classes_of("Case for a laptop, black") == [
        Follows.LINK,
        Follows.IS_LINK,
        Follows.WORD,
        Follows.END,
        Follows.END,
    ]


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_is_packed_and_read_back(title, body):
    text = listing_text(title, body)
    table = unpack([text.packed, listing_text("Linen cloth", "White.").packed])
    assert table.title_lengths[1] == 2
    assert table.title[1, 0] == hash_of(term_of("linen", "en"))
    assert table.title.shape[0] == 2
    assert len(table.body) == table.body_lengths.sum()


@given(st.text(max_size=80))
def test_prices_never_swallow_the_words(text):
    words, low, high = read_prices(text)
    assert text.startswith(words) or words == text
    assert not (low or high) or len(words) < len(text)


def _reading(*words):
    concepts = tuple(Concept(w, (Variant((term_of(w, "en"),), 1.0, 5),), 2.0) for w in words)
    return Reading(concepts, tuple(words))


def test_features_tell_the_thing_from_its_accessory():
    titles = ["Mechanical keyboard, black", "Keyboard cover", "Cover for keyboard", "Garden chair"]
    packed = [listing_text(title, "Good.").packed for title in titles]
    matrix = features_of(_reading("keyboard"), [4.0, 3.9, 3.8, 1.0], packed)
    column = {name: matrix[:, i] for i, name in enumerate(FEATURES)}
    assert matrix.shape == (4, len(FEATURES))
    assert np.isfinite(matrix).all()
    assert list(column["ends_phrase"]) == [1, 0, 1, 0]
    assert list(column["before_head"]) == [0, 1, 0, 0]
    assert list(column["after_link"])[:3] == [0, 0, 1]
    assert list(column["title_coverage"]) == [1, 1, 1, 0]


@given(st.lists(st.text(max_size=60), min_size=2, max_size=12))
def test_fits_lie_between_0_and_1_and_the_best_has_1(titles):
    packed = [listing_text(title, title).packed for title in titles]
    fits = fit_of(_reading("linen", "cloth"), [float(len(titles) - i) for i in range(len(titles))], packed)
    assert max(fits) == 1.0
    assert min(fits) >= 0.0


def test_synonyms_work_both_ways_and_for_plurals():
    known = Synonyms([("sofa", "couch"), ("memory stick", "pendrive")])
    assert known.of("couch") == ("sofa",)
    assert known.of("sofas") == ("couch",)
    assert known.of("memory stick") == ("pendrive",)
    assert known.of("chair") == ()
    assert all(len(group) > 1 for group in shipped_groups())

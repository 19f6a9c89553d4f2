"""The file of texts beside the index: what is put is read back by its place, by every process, and nothing else is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from marketplace.search.texts import NOTHING, SPARE_BYTES, TextFile
from marketplace.search.tokens import listing_text, packed_size

WORDS = st.lists(st.sampled_from(["linen", "shirt", "for", "a", "desk", "12", "cm", "blue", "lámpara"]), max_size=40)


def text(words="linen shirt", body=""):
    return listing_text(words, body).packed


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=20), st.integers(1, 5))
def test_what_is_put_is_read_back_by_its_place(tmp_path_factory, listings, batch):
    path = tmp_path_factory.mktemp("texts") / "texts"
    file, reader = TextFile(path), TextFile(path)
    texts = [text(" ".join(title), " ".join(body)) for title, body in listings]
    places = []
    for number, one in enumerate(texts, 1):
        places.append(file.put(one))
        if number % batch == 0:
            file.flush()
            assert reader.read(places) == texts[:number], "a reader sees what was flushed since it looked last"
    file.flush(durably=True)
    assert reader.read(places) == texts
    assert reader.read(places[::-1]) == texts[::-1]
    assert [packed_size(one, 0) for one in texts] == [len(one) for one in texts]


def test_a_text_that_has_not_changed_stays_where_it_is(tmp_path):
    file = TextFile(tmp_path / "texts")
    place = file.put(text())
    file.flush()
    assert file.put(text(), known=place) == place
    assert file.put(text("linen shirt blue"), known=place) == len(text())
    assert file.put(text(), known=None) > place


def test_two_writers_one_after_the_other_do_not_overwrite(tmp_path):
    one, other = TextFile(tmp_path / "texts"), TextFile(tmp_path / "texts")
    first = one.put(text("desk"))
    one.flush()
    second = other.put(text("lamp of oak"))
    other.flush()
    third = one.put(text("rug"))
    one.flush()
    assert TextFile(tmp_path / "texts").read([first, second, third]) == [text("desk"), text("lamp of oak"), text("rug")]


def test_a_place_of_another_file_is_a_text_without_words(tmp_path):
    file = TextFile(tmp_path / "texts")
    assert file.read([]) == []
    assert file.read([0, 4000]) == [NOTHING, NOTHING], "no file yet"
    file.put(text())
    file.flush(durably=True)
    assert file.read([0, 4000]) == [NOTHING, NOTHING], "places behind the end: the file is being built anew"
    assert file.read([0]) == [text()]
    (tmp_path / "texts").write_bytes(text()[:-2])
    file.forget()
    assert file.read([0]) == [NOTHING], "cut short"


def test_a_file_of_many_old_texts_is_known(tmp_path):
    file = TextFile(tmp_path / "texts")
    assert not file.is_bloated(0)
    with open(tmp_path / "texts", "wb") as made:
        made.truncate(SPARE_BYTES + 1_000_000)
    assert file.is_bloated(100)
    assert not file.is_bloated(10_000)

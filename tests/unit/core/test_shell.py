"""Charts, money as typed, uploads, catalogues."""

from __future__ import annotations

from io import BytesIO

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.money import CURRENCIES, Money, MoneyError
from core.web import charts
from core.web.catalogues import texts_of_python, texts_of_template
from core.web.forms import MoneyField
from core.web.money_format import format_money, format_plain, parse_money
from core.web.uploads import BadUpload, read_document, read_image


@given(st.lists(st.tuples(st.text(max_size=5), st.integers(-1000, 10**9)), max_size=60))
def test_charts_stay_inside_their_frame(series):
    bars = charts.bar_chart(series)
    assert all(0 <= bar.width <= bars.span for bar in bars.bars)
    line = charts.line_chart(series)
    assert all(0 <= mark.x <= line.width and 0 <= mark.y <= line.floor for mark in line.marks)


def test_funnel_tells_shares_of_the_first_step():
    assert [bar.share for bar in charts.funnel_chart([("a", 200), ("b", 50), ("c", 0)]).bars] == [100, 25, 0]


def test_charts_without_values_draw_nothing():
    assert charts.bar_chart([]).bars == ()
    assert charts.line_chart([]).path == ""


@pytest.mark.parametrize(
    ("language", "typed", "minor"),
    [("en", "1.50", 150), ("en", "1,50", 150), ("es", "1,50", 150), ("es", "1.50", 150), ("en", "1,234.50", 123450),
     ("es", "1.234,50", 123450), ("en", "1,234", 123400), ("es", "1.234", 123400), ("es", " 12 ", 1200),
     ("en", "1,234,567.8", 123456780)],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(language, typed, minor):
    with override(language):
        assert parse_money(typed, "EUR") == Money(minor, "EUR")


@pytest.mark.parametrize("typed", ["", "x", "1.2.3", "1,23,4", "12.345,6,7", "--1", "1e3", "12.34.5,1"])
def test_what_is_no_amount_is_refused(typed):
    with override("en"), pytest.raises(MoneyError):
        parse_money(typed, "EUR")


@given(st.integers(0, 10**12), st.sampled_from(sorted(CURRENCIES)), st.sampled_from(["en", "es"]))
def test_what_a_field_shows_it_reads_back(minor, currency, language):
    with override(language):
        assert parse_money(format_plain(Money(minor, currency)), currency) == Money(minor, currency)


def test_money_is_shown_exactly():
    with override("es"):
        assert format_money(Money(123450, "EUR")).replace("\xa0", " ") in {"1234,50 €", "1.234,50 €"}


def test_money_field_names_the_remedy():
    field = MoneyField(currency="JPY")
    with override("en"), pytest.raises(forms.ValidationError) as refused:
        field.clean("12.5")
    assert "JPY has 0 decimals" in refused.value.messages[0]
    with pytest.raises(forms.ValidationError):
        field.clean("0")
    assert MoneyField(required=False).clean("") is None


def picture(kind="PNG", size=(40, 30), **extra):
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **extra)
    return out.getvalue()


def upload(content, name="a.png"):
    return SimpleUploadedFile(name, content)


def test_pictures_are_redrawn_without_metadata():
    exif = Image.Exif()
    exif[0x010E] = "home address"
    clean = Image.open(BytesIO(read_image(upload(picture("JPEG", exif=exif)))))
    assert clean.format == "WEBP"
    assert not clean.getexif()


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg onload=alert(1)>", b"GIF89a" + b"0" * 50, picture()[:60], b"MZ" + picture(), b"%PDF-1.7 cut"],
)
def test_bad_files_are_refused(content):
    with pytest.raises(BadUpload):
        read_document(upload(content))


def test_large_files_are_refused_before_they_are_read():
    with pytest.raises(BadUpload, match="too large"):
        read_image(upload(picture()), max_bytes=20)


def test_documents_keep_their_kind():
    assert read_document(upload(b"%PDF-1.7\n...\n%%EOF\n"))[1] == "application/pdf"
    assert read_document(upload(picture()))[1] == "image/webp"


def test_texts_are_found_in_sources():
    assert list(texts_of_python("x = _('One'); ngettext('a', 'b', n); f(_(y))")) == ["One", "a"]
    template = '{% trans "It\'s" %}{% blocktrans count n=c %}{{ n }} cat{% plural %}{{ n }} cats{% endblocktrans %}'
    assert list(texts_of_template(template)) == ["It's", "%(n)s cat"]

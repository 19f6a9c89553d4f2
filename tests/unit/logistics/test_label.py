"""Every label printed is read again, from the PDF's content stream and from the ZPL: bars and the two-dimensional code."""

import random
import re
import string

import numpy as np
import pytest
import zxingcpp
from biip.gs1_messages import GS1Message
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from logistics.contracts import Address
from logistics.shipments.datamatrix import FNC1, TooLong, encode
from logistics.shipments.label import DPI, HEIGHT, WIDTH, LabelData
from logistics.shipments.label_output import printable, render_pdf, render_zpl
from logistics.shipments.rules import sscc, waybill_number

RECTANGLE = re.compile(r"^([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+) re", re.MULTILINE)
FIELD = re.compile(r"\^FO(\d+),(\d+)(.*?)\^FS", re.DOTALL)


def from_pdf(pdf: bytes) -> list[Image.Image]:
    """Pictures of all filled rectangles, a picture a page."""
    pictures = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        image = Image.new("L", (WIDTH, HEIGHT), 255)
        pen = ImageDraw.Draw(image)
        for x, y, width, height in (map(float, row) for row in RECTANGLE.findall(stream.decode("latin-1"))):
            left, top, right, bottom = (round(v * DPI / 72) for v in (x, HEIGHT * 72 / DPI - y - height, x + width,
                                                                      HEIGHT * 72 / DPI - y))  # fmt: skip
            pen.rectangle((left, top, right - 1, bottom - 1), fill=0)
        pictures.append(image)
    return pictures


def from_zpl(zpl: bytes) -> list[Image.Image]:
    """What a printer would draw: boxes (^GB) and graphics (^GFA) of each ^XA … ^XZ."""
    pictures = []
    for label in re.findall(r"\^XA(.*?)\^XZ", zpl.decode(), re.DOTALL):
        pixels = np.full((HEIGHT, WIDTH), 255, dtype=np.uint8)
        for x, y, body in ((int(x), int(y), body) for x, y, body in FIELD.findall(label)):
            if box := re.match(r"\^GB(\d+),(\d+),(\d+)$", body):
                width, height, thickness = map(int, box.groups())
                assert thickness in (width, height)
                pixels[y : y + height, x : x + width] = 0
            elif graphic := re.match(r"\^GFA,(\d+),\1,(\d+),([0-9A-F:]+)$", body):
                total, per_row, content = int(graphic[1]), int(graphic[2]), graphic[3]
                rows, at = [], 0
                while at < len(content):
                    if content[at] == ":":
                        rows.append(rows[-1])
                        at += 1
                    else:
                        rows.append(content[at : at + 2 * per_row])
                        at += 2 * per_row
                assert len(rows) * per_row == total
                for number, row in enumerate(rows):
                    bits = np.unpackbits(np.frombuffer(bytes.fromhex(row), dtype=np.uint8)).astype(bool)
                    pixels[y + number, x : x + len(bits)][bits] = 0
        pictures.append(Image.fromarray(pixels))
    return pictures


def label(postcode="1100-053", country="PT", sequence=1_000, **recipient):
    to = {"name": "Ana Prueba", "street": "Rua Augusta 10", "city": "Lisboa", "phone": "+351 911 222 333", **recipient}
    return LabelData(
        carrier_name="Ruta Express", service_name="Ruta 24", waybill=waybill_number(sequence), carrier_number="RX1",
        sscc=sscc(sequence), reference="LJ-1", contents="Ceramic bowl", weight_grams=1_200,
        sender=Address("Taller Łuna", "Calle Mayor 1", "Zaragoza", "50001", "ES"),
        recipient=Address(postcode=postcode, country=country, **to),
    )  # fmt: skip


def read(image) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Symbology -> AI -> value, by biip, from the raw element strings with their separators."""
    found = {}
    symbols = [zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.DataMatrix]  # others see bars within a matrix
    for code in zxingcpp.read_barcodes(image, formats=symbols, text_mode=zxingcpp.TextMode.Plain):
        assert code.content_type == zxingcpp.ContentType.GS1
        message = GS1Message.parse(code.bytes.decode().lstrip(FNC1))
        values = {item.ai.ai: item.value for item in message.element_strings}
        kind = "matrix" if "DataMatrix" in str(code.format).replace(" ", "") else next(iter(values))
        found[kind] = values
    return found


def check(image, data):
    found = read(image)
    assert found["00"]["00"] == data.sscc
    matrix, to = found["matrix"], data.recipient
    assert (matrix["00"], matrix["403"], matrix["91"]) == (data.sscc, data.sort_code, data.waybill)
    assert (matrix["4307"], matrix["4317"]) == (to.country, data.sender.country)
    assert matrix["4301"]
    assert "4308" not in matrix
    plain = "".join(char for char in to.postcode if char.isascii() and char.isalnum()).upper()
    assert matrix.get("420", "") == plain
    if to.country == data.sender.country:
        assert found["420"]["420"] == (plain or "0")
    else:
        assert found["421"]["421"].endswith(plain or "0")


@pytest.mark.parametrize("draw", [lambda data: from_pdf(render_pdf([data])), lambda data: from_zpl(render_zpl([data]))])
@pytest.mark.parametrize(
    ("postcode", "country"),
    [("1100-053", "PT"), ("28013", "ES"), ("SW1A 1AA", "GB"), ("", "IE"), ("100-0001", "JP"), ("", "ES")],
)
def test_the_printed_codes_are_read_back(postcode, country, draw):
    data = label(postcode, country)
    (image,) = draw(data)
    check(image, data)


WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Cn")), min_size=1, max_size=60)


@settings(max_examples=25, phases=[Phase.explicit, Phase.generate])  # a failure says enough without shrinking
@given(name=WORDS.filter(str.strip), street=WORDS.filter(str.strip), city=WORDS.filter(str.strip),
       sequence=st.integers(1, 90_000_000), region=st.sampled_from(["", "Aragón", "東京都"]))  # fmt: skip
def test_any_address_prints_the_same_codes_in_both_languages(name, street, city, sequence, region):
    data = label(sequence=sequence, name=name, street=street, city=city, region=region)
    (pdf,), (zpl,) = from_pdf(render_pdf([data])), from_zpl(render_zpl([data]))
    assert read(pdf) == read(zpl)
    check(zpl, data)


def test_many_labels_in_one_file_are_all_read():
    many = [label(sequence=number, postcode=f"{number:05d}", country="ES") for number in range(1_000, 1_030)]
    for images in (from_pdf(render_pdf(many)), from_zpl(render_zpl(many))):
        assert len(images) == 30
        for image, data in zip(images, many, strict=True):
            check(image, data)


def test_the_label_masks_the_phone_and_is_the_same_each_time():
    for output in (render_pdf([label()]), render_zpl([label()])):
        assert b"911 222" not in output
        assert b"*** *** 333" in output
        assert b"Ana Prueba" in output
    assert render_pdf([label()]) == render_pdf([label()])


def test_printer_commands_in_an_address_stay_text():
    zpl = render_zpl([label(name="Ana^XZ~JR_41 Ł", street="^XA")]).decode()
    assert zpl.count("^XZ") == zpl.count("^XA") == 1
    assert "~JR" not in zpl
    assert "Ana_5EXZ_7EJR_5F41 Ł" in zpl


@pytest.mark.parametrize("length", [1, 2, 5, 9, 17, 30, 50, 80, 111, 140, 170, 200, 270, 330])
def test_every_size_of_the_matrix_is_read(length):
    source = random.Random(length)
    text = FNC1 + "91" + "".join(source.choice(string.ascii_letters + string.digits + "%+-./") for _ in range(length))
    dots = ~np.pad(np.kron(encode(text), np.ones((4, 4), dtype=bool)), 24)
    (code,) = zxingcpp.read_barcodes(Image.fromarray(dots.astype(np.uint8) * 255))
    assert code.bytes.decode() == text[1:]


def test_too_long_and_foreign_letters_are_refused():
    with pytest.raises(TooLong):
        encode("x" * 400)
    with pytest.raises(ValueError, match="ASCII"):
        encode("é")


def test_letters_outside_of_latin_1_lose_their_accents():
    assert printable("Łódź Ñandú ș") == "Lódz Ñandú s"

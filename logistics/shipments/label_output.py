"""A label's layout as PDF (any printer) and as ZPL II (label printers at 203 dpi)."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from reportlab.pdfgen.canvas import Canvas

from logistics.shipments.label import DPI, HEIGHT, WIDTH, LabelData, Layout, Matrix, Text, layout

POINT: Final = 72 / DPI
"""Points per dot."""
_PLAIN: Final = str.maketrans({"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "ø", "ı": "i"})


def render_pdf(labels: Iterable[LabelData]) -> bytes:
    """One page for each label, the same bytes for the same data."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH * POINT, HEIGHT * POINT), pageCompression=0, invariant=1)
    for number, drawn in enumerate(map(layout, labels)):
        if number == 0:
            canvas.setTitle(drawn.title)
        _page(canvas, drawn)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _page(canvas: Canvas, drawn: Layout) -> None:
    """Boxes go into the content stream as one path: a label has hundreds of them."""
    boxes = [(box.x, box.y, box.width, box.height) for box in drawn.boxes]
    path = [
        f"{x * POINT:.3f} {(HEIGHT - y - height) * POINT:.3f} {width * POINT:.3f} {height * POINT:.3f} re"
        for x, y, width, height in (*boxes, *_runs(drawn.matrix))
    ]
    canvas._code.append("\n".join([*path, "f"]))  # type: ignore[attr-defined]
    for text in drawn.texts:
        canvas.setFont("Helvetica-Bold" if text.bold else "Helvetica", text.size * POINT)
        canvas.drawString(text.x * POINT, (HEIGHT - text.y - 0.8 * text.size) * POINT, printable(text.text))


def _runs(matrix: Matrix) -> Iterator[tuple[int, int, int, int]]:
    """Dark modules, neighbours within a row as one rectangle."""
    padded = np.pad(matrix.bits.astype(np.int8), ((0, 0), (1, 1)))
    change = np.diff(padded, axis=1)
    module = matrix.module
    for (row, start), (_, end) in zip(np.argwhere(change == 1), np.argwhere(change == -1), strict=True):
        yield (
            matrix.x + int(start) * module, matrix.y + int(row) * module, int(end - start) * module, module,
        )  # fmt: skip


def render_zpl(labels: Iterable[LabelData]) -> bytes:
    """ZPL II in UTF-8: boxes, a graphic field for the matrix, and texts in the printer's scalable font."""
    return "".join(_zpl(layout(label)) for label in labels).encode()


def _zpl(drawn: Layout) -> str:
    parts = [f"^XA^CI28^PW{WIDTH}^LL{HEIGHT}^LH0,0"]
    parts += [f"^FO{box.x},{box.y}^GB{box.width},{box.height},{min(box.width, box.height)}^FS" for box in drawn.boxes]
    parts.append(_graphic(drawn.matrix))
    parts += map(_zpl_text, drawn.texts)
    return "\n".join([*parts, "^XZ\n"])


def _graphic(matrix: Matrix) -> str:
    """^GFA: hexadecimal rows; a colon repeats the row above."""
    wide = np.repeat(matrix.bits, matrix.module, axis=1)
    rows = [line.tobytes().hex().upper() for line in np.packbits(wide, axis=1)]
    bytes_per_row = len(rows[0]) // 2
    total = bytes_per_row * matrix.module * len(rows)
    content = "".join(row + ":" * (matrix.module - 1) for row in rows)
    return f"^FO{matrix.x},{matrix.y}^GFA,{total},{total},{bytes_per_row},{content}^FS"


def _zpl_text(text: Text) -> str:
    """Signs that are commands to the printer are written in hexadecimal."""
    content = "".join(
        letter
        if letter.isprintable() and letter not in "^~_\\"
        else "".join(f"_{byte:02X}" for byte in letter.encode())
        for letter in text.text
    )
    width = text.size if text.bold else text.size * 9 // 10
    return f"^FO{text.x},{text.y}^A0N,{text.size},{width}^FH_^FD{content}^FS"


def printable(text: str) -> str:
    """`text` in the letters of the built-in PDF fonts (Latin-1): others lose their accents, as on postal labels."""
    result = []
    for character in text.translate(_PLAIN):
        try:
            character.encode("latin-1")
            result.append(character)
        except UnicodeEncodeError:
            plain = unicodedata.normalize("NFKD", character).encode("latin-1", "ignore").decode("latin-1")
            result.append(plain or "?")
    return "".join(result)

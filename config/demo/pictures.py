"""Product pictures drawn by the project: a tinted ground and a plain still life, as data on a 100 x 75 grid."""

from __future__ import annotations

import colorsys
import io
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 640, 480
OVERSAMPLING = 2
GRID_WIDTH = 100

#: hue, saturation, lightness of the colours a listing can have.
COLOURS: Final[dict[str, tuple[float, float, float]]] = {
    "natural": (38, 0.34, 0.70), "white": (42, 0.22, 0.93), "black": (220, 0.08, 0.20), "grey": (215, 0.07, 0.56),
    "blue": (212, 0.46, 0.48), "green": (148, 0.34, 0.42), "red": (4, 0.60, 0.48), "yellow": (44, 0.78, 0.58),
    "brown": (24, 0.42, 0.38), "pink": (345, 0.52, 0.72), "terracotta": (16, 0.54, 0.54), "multicolour": (280, 0.32, 0.52),
}  # fmt: skip

# A primitive is (kind, tone, coordinates...): b base, l lighter, d darker, a accent, w pale, g ground shadow.
Primitive = tuple[Any, ...]
SHAPES: Final[dict[str, tuple[Primitive, ...]]] = {
    "table-linen": (("p", "b", 14, 34, 86, 34, 92, 62, 8, 62), ("p", "l", 14, 34, 86, 34, 88, 41, 12, 41),
                    ("l", "d", 0.5, 22, 41, 19, 62), ("l", "d", 0.5, 50, 41, 50, 62), ("l", "d", 0.5, 78, 41, 81, 62),
                    ("e", "w", 40, 24, 60, 33), ("e", "a", 44, 22, 56, 30)),
    "bedding": (("r", "d", 12, 26, 88, 62, 3), ("r", "b", 14, 38, 86, 62, 3), ("r", "w", 20, 27, 46, 41, 4),
                ("r", "w", 54, 27, 80, 41, 4), ("p", "l", 14, 44, 86, 44, 86, 50, 14, 50)),
    "rugs": (("p", "b", 20, 26, 80, 26, 92, 62, 8, 62), ("p", "l", 26, 31, 74, 31, 83, 57, 17, 57),
             ("p", "b", 34, 36, 66, 36, 73, 52, 27, 52), ("p", "a", 50, 38, 60, 44, 50, 50, 40, 44)),
    "tableware": (("e", "l", 16, 44, 66, 62), ("e", "b", 22, 46, 60, 59), ("p", "b", 52, 26, 80, 26, 76, 54, 56, 54),
                  ("e", "d", 52, 22, 80, 31), ("e", "l", 56, 24, 76, 29), ("o", "b", 76, 32, 90, 46, 2.4)),
    "cookware": (("e", "d", 18, 50, 70, 64), ("p", "b", 18, 36, 70, 36, 68, 58, 20, 58), ("e", "l", 18, 30, 70, 42),
                 ("e", "d", 22, 32, 66, 40), ("r", "d", 70, 35, 94, 40, 2)),
    "kitchen-tools": (("l", "b", 3.4, 26, 62, 40, 24), ("e", "b", 35, 12, 49, 30), ("l", "d", 3.4, 50, 64, 52, 26),
                      ("r", "d", 45, 12, 60, 28, 3), ("l", "l", 3.4, 74, 62, 64, 26), ("e", "l", 57, 12, 71, 29)),
    "vases": (("p", "b", 42, 18, 58, 18, 56, 28, 68, 42, 62, 64, 38, 64, 32, 42, 44, 28), ("e", "d", 42, 15, 58, 21),
              ("p", "l", 46, 28, 50, 28, 42, 44, 44, 62, 40, 62, 36, 42), ("l", "a", 0.9, 50, 17, 44, 3),
              ("l", "a", 0.9, 51, 17, 60, 4), ("e", "w", 40, 1, 48, 8), ("e", "w", 57, 1, 65, 8)),
    "lamps": (("p", "b", 34, 14, 66, 14, 76, 40, 24, 40), ("p", "l", 40, 14, 48, 14, 44, 40, 32, 40),
              ("r", "d", 48, 40, 52, 60, 1), ("e", "d", 36, 57, 64, 65)),
    "baskets": (("o", "d", 30, 10, 70, 58, 2), ("p", "b", 22, 36, 78, 36, 70, 64, 30, 64), ("e", "d", 22, 31, 78, 41),
                ("l", "l", 1, 26, 45, 74, 45), ("l", "l", 1, 28, 52, 72, 52), ("l", "l", 1, 30, 59, 70, 59)),
    "chairs": (("r", "b", 34, 8, 66, 36, 3), ("r", "l", 40, 13, 60, 30, 2), ("p", "d", 32, 38, 68, 38, 72, 45, 28, 45),
               ("l", "b", 2.2, 32, 45, 29, 67), ("l", "b", 2.2, 68, 45, 71, 67), ("l", "d", 2, 40, 45, 40, 63),
               ("l", "d", 2, 60, 45, 60, 63)),
    "small-tables": (("e", "d", 16, 26, 84, 40), ("e", "b", 16, 23, 84, 37), ("l", "b", 2.4, 30, 36, 25, 66),
                     ("l", "b", 2.4, 70, 36, 75, 66), ("l", "d", 2.4, 50, 38, 50, 68), ("e", "w", 42, 20, 58, 28)),
    "shirts": (("p", "b", 36, 14, 64, 14, 84, 26, 76, 38, 68, 33, 68, 66, 32, 66, 32, 33, 24, 38, 16, 26),
               ("p", "d", 42, 14, 58, 14, 50, 24), ("l", "d", 0.6, 50, 24, 50, 66), ("e", "w", 49, 32, 51, 34),
               ("e", "w", 49, 43, 51, 45), ("e", "w", 49, 54, 51, 56)),
    "knitwear": (("p", "b", 36, 14, 64, 14, 80, 22, 88, 56, 78, 58, 70, 34, 70, 64, 30, 64, 30, 34, 22, 58, 12, 56, 20, 22),
                 ("e", "d", 40, 10, 60, 20), ("p", "l", 30, 38, 70, 38, 70, 42, 30, 42), ("p", "a", 30, 46, 70, 46, 70, 49, 30, 49)),
    "scarves": (("p", "b", 26, 16, 48, 10, 60, 40, 54, 66, 38, 66, 42, 40), ("p", "l", 48, 10, 72, 16, 58, 42, 48, 34),
                ("p", "d", 58, 42, 70, 64, 60, 68, 50, 48), ("l", "a", 1, 39, 58, 54, 58), ("l", "a", 1, 39, 61, 54, 61)),
    "espadrilles": (("e", "g", 10, 54, 90, 66), ("p", "a", 12, 54, 88, 54, 86, 61, 14, 61),
                    ("p", "b", 12, 54, 16, 36, 40, 34, 62, 42, 86, 46, 88, 54), ("e", "d", 18, 34, 42, 44)),
    "boots": (("p", "b", 36, 8, 62, 8, 62, 42, 82, 50, 84, 62, 36, 62), ("p", "d", 34, 62, 85, 62, 85, 67, 34, 67),
              ("l", "w", 0.8, 50, 16, 62, 18), ("l", "w", 0.8, 50, 24, 62, 26), ("l", "w", 0.8, 50, 32, 62, 34)),
    "backpacks": (("r", "b", 28, 16, 72, 66, 9), ("r", "d", 34, 40, 66, 60, 4), ("r", "l", 34, 22, 66, 36, 4),
                  ("o", "d", 42, 8, 58, 22, 1.8), ("l", "w", 0.8, 38, 46, 62, 46)),
    "handbags": (("o", "d", 34, 8, 66, 52, 2.2), ("p", "b", 22, 32, 78, 32, 84, 66, 16, 66),
                 ("p", "l", 22, 32, 78, 32, 76, 44, 50, 50, 24, 44), ("e", "a", 47, 45, 53, 52)),
    "wallets": (("r", "d", 22, 26, 80, 62, 4), ("r", "b", 20, 22, 78, 58, 4), ("r", "l", 54, 35, 80, 46, 3),
                ("e", "a", 58, 38, 63, 43)),
    "earrings": (("o", "b", 30, 8, 42, 26, 1.2), ("e", "b", 26, 28, 46, 54), ("e", "l", 31, 33, 39, 44),
                 ("o", "b", 60, 8, 72, 26, 1.2), ("e", "b", 56, 28, 76, 54), ("e", "l", 61, 33, 69, 44)),
    "necklaces": (("o", "b", 24, -24, 76, 50, 1.4), ("e", "b", 40, 44, 60, 66), ("e", "l", 45, 49, 53, 58)),
    "bracelets": (("o", "b", 20, 22, 80, 60, 4.2), ("o", "l", 24, 25, 76, 56, 1), ("e", "a", 44, 52, 56, 64)),
    "olive-oil": (("r", "d", 45, 4, 55, 16, 1), ("p", "b", 44, 16, 56, 16, 64, 30, 64, 66, 36, 66, 36, 30),
                  ("r", "w", 38, 36, 62, 56, 1), ("e", "a", 45, 41, 55, 51)),
    "honey": (("r", "a", 36, 12, 64, 21, 2), ("r", "b", 32, 20, 68, 66, 6), ("r", "w", 36, 34, 64, 54, 2),
              ("p", "a", 50, 38, 56, 41.5, 56, 47, 50, 50.5, 44, 47, 44, 41.5)),
    "coffee-tea": (("p", "b", 32, 14, 68, 14, 72, 66, 28, 66), ("p", "d", 32, 14, 68, 14, 69, 22, 31, 22),
                   ("r", "w", 37, 32, 63, 54, 2), ("e", "d", 44, 37, 56, 49), ("l", "w", 0.9, 47, 39, 53, 47)),
    "soap": (("r", "d", 22, 38, 78, 62, 8), ("r", "b", 22, 32, 78, 56, 8), ("r", "l", 32, 38, 68, 50, 4),
             ("e", "w", 70, 16, 79, 25), ("e", "w", 60, 20, 65, 25)),
    "candles": (("r", "b", 36, 28, 64, 66, 3), ("e", "l", 36, 24, 64, 33), ("l", "d", 0.9, 50, 28, 50, 20),
                ("p", "a", 50, 6, 55, 16, 50, 22, 45, 16), ("r", "w", 40, 42, 60, 56, 1)),
    "wooden-toys": (("r", "b", 16, 36, 84, 54, 4), ("r", "l", 34, 20, 66, 38, 5), ("r", "w", 40, 25, 60, 36, 3),
                    ("e", "d", 22, 46, 40, 64), ("e", "a", 27, 51, 35, 59), ("e", "d", 60, 46, 78, 64), ("e", "a", 65, 51, 73, 59)),
    "puzzles": (("r", "b", 22, 14, 49, 39, 2), ("r", "l", 51, 14, 78, 39, 2), ("r", "a", 22, 41, 49, 66, 2),
                ("r", "d", 51, 41, 78, 66, 2), ("e", "b", 45, 21, 55, 31), ("e", "l", 60, 35, 70, 45),
                ("e", "d", 45, 49, 55, 59), ("e", "a", 31, 35, 41, 45)),
    "notebooks": (("r", "d", 30, 12, 74, 68, 2), ("r", "b", 27, 9, 71, 65, 2), ("r", "w", 38, 20, 62, 32, 1),
                  ("l", "a", 1.6, 64, 9, 64, 65)),
    "pens": (("l", "b", 4, 24, 60, 62, 22), ("l", "d", 4, 62, 22, 72, 12), ("p", "w", 24, 60, 21, 57, 16, 67),
             ("l", "a", 1.2, 58, 22, 44, 36)),
}  # fmt: skip


def _rgb(hue: float, saturation: float, lightness: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hls_to_rgb(hue / 360 % 1, max(0.0, min(lightness, 1.0)), max(0.0, min(saturation, 1.0)))
    return round(red * 255), round(green * 255), round(blue * 255)


def _tones(colour: str, variant: int) -> dict[str, tuple[int, int, int]]:
    hue, saturation, lightness = COLOURS.get(colour, COLOURS["natural"])
    ground_hue = (hue + (28, 190, 330, 80)[variant % 4]) % 360
    return {
        "b": _rgb(hue, saturation, lightness), "l": _rgb(hue, saturation, min(lightness + 0.11, 0.97)),
        "d": _rgb(hue, saturation, max(lightness - 0.13, 0.08)), "a": _rgb(hue + 150, 0.42, 0.55),
        "w": _rgb(44, 0.30, 0.95), "g": _rgb(ground_hue, 0.16, 0.74),
        "ground": _rgb(ground_hue, 0.24, 0.90), "halo": _rgb(ground_hue, 0.28, 0.85), "floor": _rgb(ground_hue, 0.20, 0.82),
    }  # fmt: skip


def draw(shape: str, colour: str, variant: int) -> bytes:
    """A WebP picture of a category's still life in a colour; the variant changes ground and placing."""
    unit = WIDTH * OVERSAMPLING / GRID_WIDTH
    tones = _tones(colour, variant)
    image = Image.new("RGB", (WIDTH * OVERSAMPLING, HEIGHT * OVERSAMPLING), tones["ground"])
    pen = ImageDraw.Draw(image)
    left = (62, 18, 40, 74)[variant % 4]
    pen.ellipse([(left - 34) * unit, -18 * unit, (left + 34) * unit, 50 * unit], fill=tones["halo"])
    pen.rectangle([0, 58 * unit, 100 * unit, 75 * unit], fill=tones["floor"])
    _shadow(image, unit, tones)
    offset = (0, -3, 3, 1)[variant % 4]
    pen = ImageDraw.Draw(image)
    for primitive in SHAPES.get(shape, SHAPES["vases"]):
        _paint(pen, primitive, tones, unit, offset)
    image = image.reduce(OVERSAMPLING)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=82, method=1)
    return buffer.getvalue()


def _shadow(image: Image.Image, unit: float, tones: dict[str, tuple[int, int, int]]) -> None:
    small = Image.new("L", (160, 120), 0)
    ImageDraw.Draw(small).ellipse([34, 96, 130, 112], fill=150)
    strip = (0, image.height * 80 // 120, image.width, image.height)  # the shadow lies below this line
    below = small.filter(ImageFilter.GaussianBlur(4)).crop((0, 80, 160, 120))
    mask = below.resize((strip[2], strip[3] - strip[1]), Image.Resampling.BILINEAR)
    image.paste(Image.new("RGB", mask.size, tones["g"]), box=strip, mask=mask)


def _paint(
    pen: ImageDraw.ImageDraw, primitive: Primitive, tones: dict[str, tuple[int, int, int]], unit: float, offset: int
) -> None:
    kind, tone, *numbers = primitive
    fill = tones[tone]
    if kind == "p":
        pen.polygon(
            [((x + offset) * unit, y * unit) for x, y in zip(numbers[::2], numbers[1::2], strict=True)], fill=fill
        )
    elif kind == "e":
        pen.ellipse(_box(numbers, unit, offset), fill=fill)
    elif kind == "o":
        pen.ellipse(_box(numbers[:4], unit, offset), outline=fill, width=round(numbers[4] * unit))
    elif kind == "r":
        pen.rounded_rectangle(_box(numbers[:4], unit, offset), radius=numbers[4] * unit, fill=fill)
    elif kind == "l":
        width, *points = numbers
        pen.line([((x + offset) * unit, y * unit) for x, y in zip(points[::2], points[1::2], strict=True)], fill=fill,
                 width=max(round(width * unit), 1))  # fmt: skip


def _box(numbers: list[float], unit: float, offset: int) -> list[float]:
    return [(n + (offset if i % 2 == 0 else 0)) * unit for i, n in enumerate(numbers)]

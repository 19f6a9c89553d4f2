"""A large made-up catalogue, skewed as real ones are: few sellers with very many listings, few kinds of goods with very
many, common words and rare ones, a long tail of brands and models."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

KINDS = (
    "shirt", "dress", "lamp", "table", "chair", "mug", "plate", "vase", "basket", "rug", "cushion", "blanket", "towel",
    "wallet", "backpack", "belt", "scarf", "hat", "ring", "necklace", "bracelet", "earrings", "soap", "candle", "honey",
    "coffee", "tea", "notebook", "pen", "puzzle", "toy", "doll", "keyboard", "mouse", "monitor", "speaker", "cable",
    "charger", "headset", "printer", "camera", "tripod", "battery", "drill", "hammer", "saw", "screwdriver", "tent",
    "bicycle", "helmet", "gloves", "boots", "sandals", "shelf", "mirror", "clock", "frame", "curtain", "pillow", "knife",
)  # fmt: skip
PLACES = ("for kitchen", "for travel", "for kids", "for office", "for garden", "with case", "with lid", "with stand")
MATERIALS = (
    "linen", "cotton", "wool", "leather", "steel", "oak", "pine", "ceramic", "glass", "silver", "brass", "cork", "silk",
    "bamboo", "rattan", "paper", "canvas", "plastic", "marble", "copper",
)  # fmt: skip
COLOURS = ("white", "black", "blue", "red", "green", "yellow", "grey", "brown", "natural", "pink", "orange", "beige")
QUALITIES = (
    "handmade", "small", "large", "vintage", "modern", "classic", "light", "heavy", "foldable", "waterproof", "wireless",
    "organic", "recycled", "engraved", "striped", "plain", "round", "square", "double", "mini", "premium", "rustic",
)  # fmt: skip
SYLLABLES = ("ba", "lo", "mi", "ter", "san", "ve", "ri", "dor", "qua", "fel", "nu", "ka", "zen", "or", "pli", "stra")


class Catalogue:
    """Listings in a reproducible order; the same seed gives the same goods."""

    def __init__(self, *, seed: int, sellers: list[UUID], leaves: list[str]) -> None:
        self._random = random.Random(seed)
        self._sellers, self._leaves = sellers, leaves
        brands = {"".join(self._random.choices(SYLLABLES, k=3)) for _ in range(4000)}
        self.brands = sorted(brands)
        self._words = ["".join(self._random.choices(SYLLABLES, k=self._random.randint(2, 4))) for _ in range(30_000)]

    def rows(self, count: int) -> Iterator[dict[str, Any]]:
        from core.ids import new_id

        for _ in range(count):
            yield self._row(new_id())

    def _skewed(self, values: Any, power: float = 2.2) -> Any:
        """One of the values; the first are far more frequent."""
        return values[int(len(values) * self._random.random() ** power)]

    def _row(self, listing_id: UUID) -> dict[str, Any]:
        pick, draw = self._skewed, self._random
        kind, material, colour = pick(KINDS, 1.8), pick(MATERIALS), pick(COLOURS)
        brand = pick(self.brands, 3.0)
        model = f"{pick(SYLLABLES)}{draw.randint(10, 9999)}"
        extra = f" {draw.choice(PLACES)}" if draw.random() < 0.4 else ""
        title = f"{brand.title()} {model} {pick(QUALITIES)} {material} {kind} {colour}{extra}"
        words = " ".join(pick(self._words, 3.0) for _ in range(draw.randint(8, 30)))
        sold = int(draw.paretovariate(1.1)) - 1
        return {
            "id": listing_id, "seller_id": pick(self._sellers, 3.0), "category_id": pick(self._leaves, 1.6),
            "title": title, "description": f"A {pick(QUALITIES)} {kind} of {material} by {brand}. {words}.",
            "brand": brand.title(), "attributes": {"material": material, "colour": colour},
            "price_minor": int(draw.lognormvariate(8, 0.9)) + 100, "stock": draw.choice((0, 3, 10, 50)),
            "signals": {
                "rating_hundredths": draw.randint(300, 500), "rating_count": int(draw.paretovariate(0.9)) - 1,
                "units_sold_30d": min(sold, 100_000), "views_30d": min(sold * 30, 1_000_000),
                "click_rate_bp": draw.randint(100, 900), "conversion_bp": draw.randint(50, 600),
            },
        }  # fmt: skip

    def queries(self, count: int) -> list[str]:
        """What shoppers type: mostly kinds with a material, colour or quality, some brands, some mistakes."""
        pick, draw = self._skewed, self._random
        made = []
        for _ in range(count):
            kind = pick(KINDS, 1.8)
            shape = draw.random()
            if shape < 0.25:
                text = kind
            elif shape < 0.55:
                text = f"{pick(MATERIALS)} {kind}"
            elif shape < 0.75:
                text = f"{pick(COLOURS)} {pick(MATERIALS)} {kind}"
            elif shape < 0.88:
                text = f"{pick(self.brands, 3.0)} {kind}"
            else:
                text = f"{pick(QUALITIES)} {_misspelt(kind, draw)} {pick(COLOURS)}"
            made.append(text)
        return made


def _misspelt(word: str, draw: random.Random) -> str:
    cut = draw.randrange(1, len(word))
    return word[:cut] + word[cut + 1 :]

"""The shipped category tree: departments, categories, their typed attributes, and the Google product category of each.

Rows live in the database (an operator can change them); this is what a new installation starts with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class AttributeSeed:
    """A typed attribute. `kind` is CHOICE, MULTI, NUMBER or TEXT; a number has a unit, and bounds where they are known."""

    code: str
    en: str
    es: str
    kind: str
    choices: tuple[str, ...] = ()
    unit: str = ""
    required: bool = False
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class CategorySeed:
    code: str
    en: str
    es: str
    google_path: str
    attributes: tuple[AttributeSeed, ...] = ()
    children: tuple[CategorySeed, ...] = ()


COLOUR = AttributeSeed(
    "colour", "Colour", "Color", "CHOICE",
    ("natural", "white", "black", "grey", "blue", "green", "red", "yellow", "brown", "pink", "terracotta",
     "multicolour"),
)  # fmt: skip
FEATURES = AttributeSeed(
    "features", "Features", "Características", "MULTI",
    ("laptop sleeve", "water-repellent", "side pockets", "chest strap", "padded back"),
)  # fmt: skip
SIZE = AttributeSeed("size", "Size", "Talla", "CHOICE", ("XS", "S", "M", "L", "XL", "One size"))


def _material(*choices: str) -> AttributeSeed:
    return AttributeSeed("material", "Material", "Material", "CHOICE", choices, required=True)


TAXONOMY: Final[tuple[CategorySeed, ...]] = (
    CategorySeed("home-textiles", "Home textiles", "Textil del hogar", "Home & Garden > Linens & Bedding", (), (
        CategorySeed("table-linen", "Table linen", "Mantelería", "Home & Garden > Linens & Bedding > Table Linens",
                     (_material("linen", "cotton", "half-linen", "jacquard"), COLOUR,
                      AttributeSeed("length_cm", "Length", "Largo", "NUMBER", unit="cm"))),
        CategorySeed("bedding", "Bedding", "Ropa de cama", "Home & Garden > Linens & Bedding > Bedding",
                     (_material("linen", "cotton", "wool", "percale"), COLOUR)),
        CategorySeed("rugs", "Rugs", "Alfombras", "Home & Garden > Decor > Rugs",
                     (_material("wool", "cotton", "jute", "esparto"), COLOUR)),
    )),
    CategorySeed("kitchen", "Kitchen and table", "Cocina y mesa", "Home & Garden > Kitchen & Dining", (), (
        CategorySeed("tableware", "Tableware", "Vajilla", "Home & Garden > Kitchen & Dining > Tableware",
                     (_material("stoneware", "porcelain", "earthenware", "glass", "wood"), COLOUR,
                      AttributeSeed("capacity_ml", "Capacity", "Capacidad", "NUMBER", unit="ml"))),
        CategorySeed("cookware", "Cookware", "Batería de cocina",
                     "Home & Garden > Kitchen & Dining > Cookware & Bakeware",
                     (_material("iron", "steel", "copper", "clay"), COLOUR)),
        CategorySeed("kitchen-tools", "Kitchen tools", "Utensilios de cocina",
                     "Home & Garden > Kitchen & Dining > Kitchen Tools & Utensils",
                     (_material("olive wood", "steel", "beech", "silicone"), COLOUR)),
    )),
    CategorySeed("decor", "Decoration and light", "Decoración y luz", "Home & Garden > Decor", (), (
        CategorySeed("vases", "Vases", "Jarrones", "Home & Garden > Decor > Vases",
                     (_material("ceramic", "glass", "metal"), COLOUR)),
        CategorySeed("lamps", "Lamps", "Lámparas", "Home & Garden > Lighting > Lamps",
                     (_material("ceramic", "wood", "metal", "rattan", "paper"), COLOUR)),
        CategorySeed("baskets", "Baskets", "Cestas", "Home & Garden > Decor > Baskets",
                     (_material("esparto", "wicker", "seagrass", "palm"), COLOUR)),
    )),
    CategorySeed("furniture", "Furniture", "Muebles", "Furniture", (), (
        CategorySeed("chairs", "Chairs and stools", "Sillas y taburetes", "Furniture > Chairs",
                     (_material("oak", "pine", "beech", "metal", "rattan"), COLOUR)),
        CategorySeed("small-tables", "Tables", "Mesas", "Furniture > Tables",
                     (_material("oak", "pine", "walnut", "metal", "marble"), COLOUR)),
    )),
    CategorySeed("clothing", "Clothing", "Ropa", "Apparel & Accessories > Clothing", (), (
        CategorySeed("shirts", "Shirts", "Camisas", "Apparel & Accessories > Clothing > Shirts & Tops",
                     (_material("linen", "cotton", "wool", "silk"), COLOUR, SIZE)),
        CategorySeed("knitwear", "Knitwear", "Punto", "Apparel & Accessories > Clothing > Shirts & Tops",
                     (_material("wool", "alpaca", "cotton", "merino"), COLOUR, SIZE)),
        CategorySeed("scarves", "Scarves", "Pañuelos y bufandas",
                     "Apparel & Accessories > Clothing Accessories > Scarves & Shawls",
                     (_material("wool", "silk", "cotton", "cashmere"), COLOUR)),
    )),
    CategorySeed("shoes", "Shoes", "Calzado", "Apparel & Accessories > Shoes", (), (
        CategorySeed("espadrilles", "Espadrilles", "Alpargatas", "Apparel & Accessories > Shoes",
                     (_material("canvas", "leather", "suede"), COLOUR,
                      AttributeSeed("eu_size", "EU size", "Talla EU", "NUMBER", low=15, high=55))),
        CategorySeed("boots", "Boots", "Botas", "Apparel & Accessories > Shoes",
                     (_material("leather", "suede", "vegan leather"), COLOUR,
                      AttributeSeed("eu_size", "EU size", "Talla EU", "NUMBER", low=15, high=55))),
    )),
    CategorySeed("bags", "Bags and leather", "Bolsos y piel", "Luggage & Bags", (), (
        CategorySeed("backpacks", "Backpacks", "Mochilas", "Luggage & Bags > Backpacks",
                     (_material("canvas", "leather", "recycled polyester"), COLOUR, FEATURES)),
        CategorySeed("handbags", "Handbags", "Bolsos", "Apparel & Accessories > Handbags, Wallets & Cases > Handbags",
                     (_material("leather", "canvas", "esparto", "vegan leather"), COLOUR)),
        CategorySeed("wallets", "Wallets", "Carteras",
                     "Apparel & Accessories > Handbags, Wallets & Cases > Wallets & Money Clips",
                     (_material("leather", "cork", "vegan leather"), COLOUR)),
    )),
    CategorySeed("jewellery", "Jewellery", "Joyería", "Apparel & Accessories > Jewelry", (), (
        CategorySeed("earrings", "Earrings", "Pendientes", "Apparel & Accessories > Jewelry > Earrings",
                     (_material("silver", "gold-plated", "brass", "ceramic"), COLOUR)),
        CategorySeed("necklaces", "Necklaces", "Collares", "Apparel & Accessories > Jewelry > Necklaces",
                     (_material("silver", "gold-plated", "glass", "wood"), COLOUR)),
        CategorySeed("bracelets", "Bracelets", "Pulseras", "Apparel & Accessories > Jewelry > Bracelets",
                     (_material("silver", "leather", "brass", "cord"), COLOUR)),
    )),
    CategorySeed("pantry", "Pantry", "Despensa", "Food, Beverages & Tobacco", (), (
        CategorySeed("olive-oil", "Olive oil", "Aceite de oliva",
                     "Food, Beverages & Tobacco > Food Items > Cooking & Baking Ingredients > Cooking Oils",
                     (AttributeSeed("variety", "Variety", "Variedad", "CHOICE",
                                    ("picual", "arbequina", "hojiblanca", "koroneiki", "blend"), required=True),
                      AttributeSeed("volume_ml", "Volume", "Volumen", "NUMBER", unit="ml"))),
        CategorySeed("honey", "Honey", "Miel",
                     "Food, Beverages & Tobacco > Food Items > Condiments & Sauces > Honey",
                     (AttributeSeed("variety", "Variety", "Variedad", "CHOICE",
                                    ("rosemary", "orange blossom", "heather", "thyme", "wildflower"), required=True),
                      AttributeSeed("net_weight_g", "Net weight", "Peso neto", "NUMBER", unit="g"))),
        CategorySeed("coffee-tea", "Coffee and tea", "Café y té", "Food, Beverages & Tobacco > Beverages",
                     (AttributeSeed("variety", "Variety", "Variedad", "CHOICE",
                                    ("arabica", "robusta", "green tea", "black tea", "infusion"), required=True),
                      AttributeSeed("net_weight_g", "Net weight", "Peso neto", "NUMBER", unit="g"))),
    )),
    CategorySeed("care", "Soap and care", "Jabón y cuidado", "Health & Beauty > Personal Care", (), (
        CategorySeed("soap", "Soap", "Jabones", "Health & Beauty > Personal Care > Cosmetics > Bath & Body > Bar Soap",
                     (AttributeSeed("scent", "Scent", "Aroma", "CHOICE",
                                    ("lavender", "olive", "rosemary", "citrus", "unscented"), required=True),)),
        CategorySeed("candles", "Candles", "Velas", "Home & Garden > Decor > Home Fragrances > Candles",
                     (AttributeSeed("scent", "Scent", "Aroma", "CHOICE",
                                    ("fig", "cedar", "orange", "jasmine", "unscented"), required=True),)),
    )),
    CategorySeed("toys", "Toys and games", "Juguetes y juegos", "Toys & Games", (), (
        CategorySeed("wooden-toys", "Wooden toys", "Juguetes de madera", "Toys & Games > Toys",
                     (_material("beech", "maple", "pine"), COLOUR,
                      AttributeSeed("from_age", "From age", "Desde (años)", "NUMBER", low=1, high=18))),
        CategorySeed("puzzles", "Puzzles", "Puzles", "Toys & Games > Puzzles",
                     (AttributeSeed("pieces", "Pieces", "Piezas", "NUMBER"),
                      _material("cardboard", "wood"))),
    )),
    CategorySeed("stationery", "Paper and writing", "Papel y escritura", "Office Supplies", (), (
        CategorySeed("notebooks", "Notebooks", "Cuadernos",
                     "Office Supplies > General Office Supplies > Paper Products > Notebooks & Notepads",
                     (_material("paper", "leather cover", "cloth cover"), COLOUR)),
        CategorySeed("pens", "Pens", "Plumas y bolígrafos",
                     "Office Supplies > Office Instruments > Writing & Drawing Instruments",
                     (_material("wood", "brass", "resin"), COLOUR)),
    )),
)  # fmt: skip

#: Harmonized System (2022), six digits: what customs call the goods of a category.
HS_CODES: Final[dict[str, str]] = {
    "table-linen": "630259", "bedding": "630239", "rugs": "570299", "tableware": "691200", "cookware": "732399",
    "kitchen-tools": "441990", "vases": "691390", "lamps": "940529", "baskets": "460219", "chairs": "940169",
    "small-tables": "940360", "shirts": "620520", "knitwear": "611011", "scarves": "621420", "espadrilles": "640520",
    "boots": "640391", "backpacks": "420292", "handbags": "420221", "wallets": "420231", "earrings": "711311",
    "necklaces": "711311", "bracelets": "711311", "olive-oil": "150920", "honey": "040900", "coffee-tea": "090121",
    "soap": "340111", "candles": "340600", "wooden-toys": "950300", "puzzles": "950300", "notebooks": "482020",
    "pens": "960810",
}  # fmt: skip

NEEDS_SAFETY: Final = frozenset({"wooden-toys", "puzzles", "lamps", "candles"})
"""Where a missing maker or warning does the most harm; the operator sets the flag on others in the admin."""


def attributes_of(category: CategorySeed) -> list[dict[str, object]]:
    """The attributes of a category as its row keeps them."""
    return [
        {
            "code": a.code, "en": a.en, "es": a.es, "kind": a.kind, "choices": list(a.choices), "unit": a.unit,
            "required": a.required, "low": a.low, "high": a.high,
        }
        for a in category.attributes
    ]  # fmt: skip

"""People, places and words of the demo world."""

from __future__ import annotations

from typing import Final

PASSWORD: Final = "demo-lonja-2026"  # noqa: S105 - printed by bin/run, for one machine only

#: country -> (towns with postcodes, surnames, IBANs that pass the check and belong to nobody)
COUNTRIES: Final[dict[str, tuple[tuple[tuple[str, str], ...], tuple[str, ...]]]] = {
    "ES": ((("Valencia", "46003"), ("Sevilla", "41001"), ("Zaragoza", "50001"), ("Granada", "18001"), ("Bilbao", "48001"),
            ("Madrid", "28004"), ("Barcelona", "08002"), ("Murcia", "30001")),
           ("Ruiz", "Navarro", "Serrano", "Molina", "Ferrer", "Ibáñez", "Romero", "Vidal")),
    "PT": ((("Porto", "4000-069"), ("Lisboa", "1100-148"), ("Évora", "7000-508"), ("Barcelos", "4750-310")),
           ("Nazaré", "Almeida", "Teixeira", "Pinheiro", "Sousa")),
    "FR": ((("Lyon", "69002"), ("Marseille", "13001"), ("Nantes", "44000"), ("Limoges", "87000")),
           ("Moreau", "Lambert", "Girard", "Roux", "Blanc")),
    "IT": ((("Firenze", "50122"), ("Torino", "10121"), ("Napoli", "80134"), ("Faenza", "48018")),
           ("Rossi", "Bianchi", "Conti", "Marino", "Greco")),
    "DE": ((("Leipzig", "04109"), ("Hamburg", "20095"), ("Freiburg", "79098"), ("Berlin", "10115")),
           ("Schreiber", "Vogel", "Winkler", "Brandt", "Krüger")),
    "NL": ((("Utrecht", "3511 AB"), ("Delft", "2611 GX"), ("Groningen", "9711 LM")),
           ("de Vries", "Bakker", "Visser", "Mulder")),
}  # fmt: skip

FIRST_NAMES: Final = (
    "Ana", "Lucía", "Marta", "Inés", "Carmen", "Diego", "Pablo", "Hugo", "Mateo", "Elena", "Sofia", "João", "Rita",
    "Claire", "Luc", "Giulia", "Marco", "Paula", "Jonas", "Lena", "Femke", "Daan", "Emma", "Noah", "Alba", "Bruno",
)  # fmt: skip
STREETS: Final = ("Calle del Telar", "Rua do Forno", "Rue des Tanneurs", "Via dei Vasai", "Gerberstraße", "Weversstraat",
                  "Calle Mayor", "Plaza Nueva", "Rua das Flores", "Via Roma")  # fmt: skip

#: what a shop is called: (pattern, categories it sells)
SHOPS: Final = (
    ("Telares {name}", ("table-linen", "bedding", "rugs")), ("Casa {name}", ("table-linen", "bedding", "baskets")),
    ("Alfar {name}", ("tableware", "vases", "lamps")), ("Olaria {name}", ("tableware", "vases", "cookware")),
    ("{name} Kitchen", ("cookware", "kitchen-tools", "tableware")), ("Luz {name}", ("lamps", "candles", "vases")),
    ("{name} & Daughters", ("chairs", "small-tables", "lamps")), ("Madera {name}", ("wooden-toys", "kitchen-tools", "chairs")),
    ("{name} Knits", ("knitwear", "scarves", "shirts")), ("Camisería {name}", ("shirts", "scarves", "knitwear")),
    ("Alpargatas {name}", ("espadrilles", "boots", "handbags")), ("Piel {name}", ("handbags", "wallets", "boots")),
    ("{name} Bags", ("backpacks", "handbags", "wallets")), ("Joyas {name}", ("earrings", "necklaces", "bracelets")),
    ("Almazara {name}", ("olive-oil", "honey", "soap")), ("Miel {name}", ("honey", "coffee-tea", "candles")),
    ("Tostadero {name}", ("coffee-tea", "tableware", "honey")), ("Jabones {name}", ("soap", "candles", "honey")),
    ("{name} Spielzeug", ("wooden-toys", "puzzles", "notebooks")), ("Papel {name}", ("notebooks", "pens", "puzzles")),
)  # fmt: skip

#: category -> (nouns, adjectives, sizes or variants, price range in cents, weight range in grams, packed box in mm)
GOODS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[int, int], tuple[int, int], tuple[int, int, int]]]] = {
    "table-linen": (("tablecloth", "table runner", "set of 6 napkins"), ("Stonewashed", "Hemstitched", "Embroidered", "Woven"), ("150 x 250 cm", "140 x 140 cm", "40 x 180 cm", "round, 180 cm"), (1800, 9500), (300, 1200), (320, 240, 60)),
    "bedding": (("duvet cover", "bed sheet", "pair of pillowcases"), ("Washed", "Crisp", "Soft", "Heavy"), ("150 cm", "180 cm", "200 x 200 cm", "50 x 70 cm"), (2900, 16000), (500, 2200), (380, 300, 90)),
    "rugs": (("rug", "hall runner", "bath mat"), ("Hand-knotted", "Flat-woven", "Striped", "Braided"), ("60 x 90 cm", "80 x 200 cm", "120 x 180 cm"), (3500, 24000), (900, 6500), (820, 180, 180)),
    "tableware": (("cup", "dinner plate", "bowl", "pitcher", "espresso set"), ("Reactive glaze", "Speckled", "Hand-thrown", "Ribbed"), ("250 ml", "27 cm", "set of 4", "1 l"), (900, 7800), (250, 2600), (260, 200, 140)),
    "cookware": (("casserole", "frying pan", "tagine", "sauce pan"), ("Cast", "Hammered", "Heavy", "Hand-built"), ("24 cm", "28 cm", "3 l"), (2900, 18500), (900, 5200), (360, 300, 180)),
    "kitchen-tools": (("spoon set", "chopping board", "mortar", "salad servers"), ("Hand-carved", "Oiled", "Turned", "Plain"), ("30 cm", "set of 3", "40 x 25 cm"), (900, 6900), (150, 1800), (420, 120, 70)),
    "vases": (("vase", "bud vase", "floor vase"), ("Tall", "Matte", "Bellied", "Two-tone"), ("18 cm", "26 cm", "40 cm"), (1900, 12500), (400, 3800), (300, 240, 240)),
    "lamps": (("table lamp", "pendant lamp", "floor lamp"), ("Warm", "Conical", "Folded", "Slender"), ("E27", "E14", "with shade"), (3900, 24900), (700, 4800), (420, 380, 380)),
    "baskets": (("market basket", "laundry basket", "bread basket"), ("Round", "Sturdy", "Fine", "Handled"), ("small", "medium", "large"), (1400, 7900), (250, 1800), (420, 380, 300)),
    "chairs": (("chair", "stool", "bench"), ("Ladder-back", "Turned", "Low", "Woven-seat"), ("45 cm", "65 cm", "110 cm"), (6900, 34900), (2800, 9500), (900, 480, 480)),
    "small-tables": (("side table", "coffee table", "bedside table"), ("Round", "Tripod", "Slim", "Solid"), ("40 cm", "60 cm", "90 cm"), (8900, 39900), (3500, 14500), (700, 620, 180)),
    "shirts": (("shirt", "blouse", "overshirt"), ("Relaxed", "Straight", "Band-collar", "Short-sleeved"), ("regular fit", "wide fit"), (3900, 12900), (200, 480), (320, 240, 40)),
    "knitwear": (("jumper", "cardigan", "vest"), ("Cable-knit", "Ribbed", "Fine", "Chunky"), ("regular fit", "wide fit"), (5900, 18900), (350, 980), (360, 280, 90)),
    "scarves": (("scarf", "shawl", "bandana"), ("Double-faced", "Fringed", "Light", "Checked"), ("30 x 180 cm", "70 x 200 cm", "60 x 60 cm"), (1900, 9900), (80, 380), (280, 200, 40)),
    "espadrilles": (("espadrilles", "slip-ons", "wedge espadrilles"), ("Hand-stitched", "Flat", "Laced", "Classic"), ("jute sole", "rubber sole"), (3400, 9800), (400, 900), (320, 200, 110)),
    "boots": (("ankle boots", "Chelsea boots", "work boots"), ("Welted", "Lined", "Soft", "Waxed"), ("leather sole", "rubber sole"), (8900, 26900), (900, 2100), (360, 320, 130)),
    "backpacks": (("backpack", "rucksack", "day pack"), ("Roll-top", "Waxed", "Compact", "Travel"), ("12 l", "18 l", "25 l"), (5900, 19900), (500, 1500), (460, 320, 140)),
    "handbags": (("handbag", "shoulder bag", "tote"), ("Structured", "Soft", "Braided", "Everyday"), ("small", "medium", "large"), (4900, 28900), (350, 1300), (380, 300, 140)),
    "wallets": (("wallet", "card holder", "coin purse"), ("Slim", "Bifold", "Zipped", "Saddle-stitched"), ("4 cards", "8 cards", "12 cards"), (1900, 8900), (60, 220), (140, 110, 40)),
    "earrings": (("earrings", "hoops", "studs"), ("Hammered", "Drop", "Little", "Half-moon"), ("1 cm", "2 cm", "4 cm"), (1400, 11900), (20, 60), (100, 80, 40)),
    "necklaces": (("necklace", "pendant", "chain"), ("Fine", "Beaded", "Layered", "Medallion"), ("40 cm", "45 cm", "60 cm"), (1900, 16900), (30, 120), (120, 100, 40)),
    "bracelets": (("bracelet", "cuff", "bangle"), ("Open", "Braided", "Polished", "Slim"), ("16 cm", "18 cm", "adjustable"), (1400, 9900), (25, 110), (100, 100, 40)),
    "olive-oil": (("extra virgin olive oil", "early harvest olive oil", "unfiltered olive oil"), ("Cold-pressed", "Organic", "Single-estate", "Green"), ("500 ml", "3 x 250 ml", "2 l tin"), (890, 4900), (900, 2800), (280, 180, 100)),
    "honey": (("honey", "raw honey", "honey trio"), ("Mountain", "Spring", "Creamed", "Dark"), ("500 g", "1 kg", "3 x 250 g"), (690, 3200), (700, 1500), (200, 160, 120)),
    "coffee-tea": (("coffee beans", "loose tea", "filter coffee"), ("Slow-roasted", "Estate", "Light roast", "Hand-picked"), ("250 g", "500 g", "1 kg"), (790, 3900), (300, 1100), (260, 160, 90)),
    "soap": (("soap bar", "set of 4 soaps", "shaving soap"), ("Olive oil", "Cold-process", "Mild", "Old-style"), ("100 g", "120 g", "4 x 90 g"), (450, 2400), (120, 520), (140, 100, 50)),
    "candles": (("candle", "set of 2 candles", "travel candle"), ("Soy wax", "Beeswax", "Poured", "Long-burning"), ("180 g", "220 g", "40 h"), (990, 4200), (280, 800), (140, 140, 130)),
    "wooden-toys": (("pull-along car", "stacking tower", "train", "animal set"), ("Sanded", "Oiled", "Painted", "Pocket"), ("from 1 year", "from 2 years", "from 3 years"), (1400, 6900), (250, 1500), (300, 220, 120)),
    "puzzles": (("puzzle", "map puzzle", "layered puzzle"), ("Botanical", "City", "Bird", "Night"), ("48 pieces", "500 pieces", "1000 pieces"), (1200, 3900), (300, 950), (300, 220, 60)),
    "notebooks": (("notebook", "sketchbook", "diary"), ("Thread-bound", "Dotted", "Lined", "Soft-cover"), ("A5", "A6", "B5"), (790, 3900), (150, 600), (230, 170, 40)),
    "pens": (("fountain pen", "ballpoint pen", "pencil set"), ("Turned", "Brushed", "Balanced", "Slim"), ("medium nib", "fine nib", "set of 6"), (900, 9900), (40, 180), (190, 80, 40)),
}  # fmt: skip

STORY: Final = (
    "We are {people} people in {town}. What we sell, we make here, by hand and in small batches. If something is not "
    "right, write to us and we put it right."
)
REVIEW_TEXTS: Final = {
    5: ("Even better than in the picture.", "Arrived early and beautifully packed.", "Third order, never a problem.", "Exactly as described. Thank you!"),
    4: ("Good quality, slightly smaller than I thought.", "Very nice, delivery took a day longer.", "Happy with it."),
    3: ("Fine for the price.", "Colour is a bit different, but usable."),
    2: ("Stitching came loose after a week.", "Took long and the box was dented."),
    1: ("Broken on arrival, had to open a dispute.",),
}  # fmt: skip

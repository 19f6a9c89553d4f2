"""Sellers, buyers and their goods in the demo world."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from config.demo import names, pictures
from core.actor import Actor, ActorKind, Role
from core.identity.services import create_person
from core.models import User
from core.money import Money
from core.outbox import services as outbox
from marketplace import facade as marketplace
from marketplace.contracts import ImportRow, ListingInput, Place, ProductSafety, ProfileInput, StoredPhoto
from payments import facade as payments
from trust import facade as trust

PICTURE_VARIANTS = 2
HANDFUL = 8


@dataclass(frozen=True)
class Party:
    """A person of the demo world and whom they act for."""

    actor: Actor
    address: Place
    patience: float
    """0..1: how soon they act; a seller's reliability, a buyer's mildness."""

    @property
    def organisation_id(self) -> UUID:
        assert self.actor.organisation_id is not None
        return self.actor.organisation_id


#: Category, colour, variant.
PictureKey = tuple[str, str, int]
#: A listing before it is written: seller, content, picture, how often it is bought compared with others.
Planned = tuple["Party", ListingInput, PictureKey, float]


@dataclass(frozen=True)
class Good:
    """A listing of the demo world; `appeal` is how often it is bought compared with others."""

    listing_id: UUID
    seller: Party
    appeal: float


def make_person(
    email: str,
    name: str,
    *,
    place: Place,
    now: datetime,
    patience: float,
    is_operator: bool = False,
    language: str = "en",
) -> Party:
    user, organisation = create_person(
        email=email, password=names.PASSWORD, name=name, country=place.country, currency="EUR", now=now,
        is_operator=is_operator, language=language,
    )  # fmt: skip
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return Party(_actor(user, organisation.id, is_operator), place, patience)


def _actor(user: User, organisation_id: UUID, is_operator: bool) -> Actor:
    if is_operator:
        return Actor(ActorKind.OPERATOR, user_id=user.id, label=user.name)
    return Actor(ActorKind.MEMBER, user_id=user.id, organisation_id=organisation_id, role=Role.OWNER, label=user.name)


def some_place(random: Random, country: str, name: str) -> Place:
    towns, _surnames = names.COUNTRIES[country]
    town, postcode = random.choice(towns)
    street = f"{random.choice(names.STREETS)} {random.randint(1, 120)}"
    return Place(name=name, street=street, city=town, postcode=postcode, country=country, phone="+34 600 000 000")


def make_sellers(random: Random, count: int, operator: Party, now: datetime) -> list[tuple[Party, tuple[str, ...]]]:
    """Verified sellers with open shops: (party, categories). The first two have the printed log-ins."""
    countries = list(names.COUNTRIES)
    made: list[tuple[Party, tuple[str, ...]]] = []
    for number in range(count):
        pattern, categories = names.SHOPS[number % len(names.SHOPS)]
        country = {0: "ES", 1: "PT"}.get(number, countries[number % len(countries)])
        if number == 1:
            pattern, categories = names.SHOPS[2]
        surname = names.COUNTRIES[country][1][(number // len(countries)) % len(names.COUNTRIES[country][1])]
        shop = pattern.format(name=surname)
        email = f"seller{number + 1 if number else ''}@demo.lonja.example"
        party = make_person(
            email, f"{random.choice(names.FIRST_NAMES)} {surname}", place=some_place(random, country, shop), now=now,
            patience=0.97 if number < 2 else random.uniform(0.72, 0.99), language="es" if country == "ES" else "en",
        )  # fmt: skip
        _open_shop(party, shop, number, operator, random, now)
        made.append((party, categories))
    return made


def _open_shop(party: Party, shop: str, number: int, operator: Party, random: Random, now: datetime) -> None:
    place = party.address
    profile = ProfileInput(
        name=shop, slug=f"{_plain(shop)}-{number}" if number > 1 else _plain(shop), kind="BUSINESS",
        legal_name=f"{shop} {'SL' if place.country == 'ES' else 'Lda' if place.country == 'PT' else 'GmbH'}",
        registration_number=f"{place.country}{random.randint(10_000_000, 99_999_999)}", vat_number="",
        street=place.street, city=place.city, postcode=place.postcode, region="", country=place.country, phone="",
        story=names.STORY.format(people=random.randint(2, 14), town=place.city),
        policies="Returns within 14 days, unused. Write to us first.", handling_days=random.choice((1, 1, 2, 3)),
    )  # fmt: skip
    marketplace.save_seller_profile(profile=profile, actor=party.actor, now=now)
    marketplace.submit_seller_profile(actor=party.actor, now=now)
    outbox.drain(now=now)
    trust.decide_verification(
        seller_id=party.organisation_id, approved=True, reason="Register entry and address checked.",
        actor=operator.actor, now=now + timedelta(hours=5),
    )  # fmt: skip
    marketplace.open_shop(actor=party.actor, now=now + timedelta(hours=6))
    payments.set_payout_destination(
        seller_id=party.organisation_id, holder=shop, iban=demo_iban(1001 + number), actor=party.actor, now=now
    )


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")


def demo_iban(number: int) -> str:
    """A Spanish IBAN with right check digits at a bank code nobody has."""
    bank, branch, account = "0000", "0001", f"{number:010d}"
    weights = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)

    def digit(text: str) -> int:
        rest = 11 - sum(w * int(d) for w, d in zip(weights, text, strict=True)) % 11
        return {10: 1, 11: 0}.get(rest, rest)

    bban = f"{bank}{branch}{digit('00' + bank + branch)}{digit(account)}{account}"
    check = 98 - int(bban + "142800") % 97
    return f"ES{check:02d}{bban}"


def make_buyers(random: Random, count: int, now: datetime) -> list[Party]:
    """Buyers; the first has the printed log-in."""
    countries = list(names.COUNTRIES)
    made = []
    for number in range(count):
        country = "ES" if number == 0 else random.choices(countries, weights=(6, 2, 2, 2, 2, 1))[0]
        name = f"{random.choice(names.FIRST_NAMES)} {random.choice(names.COUNTRIES[country][1])}"
        email = "buyer@demo.lonja.example" if number == 0 else f"buyer{number}@demo.lonja.example"
        place = some_place(random, country, name)
        made.append(make_person(email, name, place=place, now=now, patience=random.uniform(0.4, 1.0)))
    return made


def picture_name(category: str, colour: str, variant: int) -> str:
    return f"demo/{category}-{colour}-{variant}"


def draw_pictures(keys: list[PictureKey], tick: Callable[[], None]) -> None:
    """Draw and store every picture that is not there yet."""
    for key in keys:
        tick()
        name = f"listings/{picture_name(*key)}"
        if default_storage.exists(f"{name}-l.webp"):
            continue
        large = pictures.draw(*key)
        with Image.open(io.BytesIO(large)) as image:
            buffer = io.BytesIO()
            image.reduce(2).save(buffer, "WEBP", quality=80, method=0)
        for size, data in (("l", large), ("m", large), ("s", buffer.getvalue())):
            default_storage.save(f"{name}-{size}.webp", ContentFile(data))


def plan_goods(
    random: Random, sellers: list[tuple[Party, tuple[str, ...]]], count: int, schemas: dict[str, list[dict[str, Any]]]
) -> list[Planned]:
    """What every seller lists, before anything is written: (seller, listing, picture, appeal)."""
    planned = []
    for number in range(count):
        seller, categories = sellers[number % len(sellers)]
        category = random.choice(categories)
        nouns, adjectives, variants, prices, weights, box = names.GOODS[category]
        attributes = _attributes(random, schemas[category])
        colour = attributes.get("colour") or random.choice(sorted(pictures.COLOURS))
        material = attributes.get("material") or attributes.get("variety") or attributes.get("scent") or ""
        title = f"{random.choice(adjectives)} {material + ' ' if material else ''}{random.choice(nouns)}, {random.choice(variants)}"
        listing = ListingInput(
            category_code=category, title=title[:140], description=_description(random, title, colour, seller),
            price=Money(round(random.randint(*prices), -1), "EUR"), stock=random.choice((3, 8, 15, 30, 60, 120)),
            weight_grams=random.randint(*weights), length_mm=box[0], width_mm=box[1], height_mm=box[2],
            handling_days=random.choice((1, 1, 2, 3)), attributes=attributes, safety=_safety(seller),
        )  # fmt: skip
        picture = (category, colour, random.randrange(PICTURE_VARIANTS))
        planned.append((seller, listing, picture, random.paretovariate(1.3)))
    return planned


def _safety(seller: Party) -> ProductSafety:
    """Everybody here sells what they make."""
    place = seller.address
    return ProductSafety(
        maker_name=place.name, maker_address=f"{place.street}, {place.postcode} {place.city}",
        maker_email=f"shop-{seller.organisation_id.hex[-6:]}@demo.lonja.example", maker_country=place.country,
    )  # fmt: skip


def _attributes(random: Random, schema: list[dict[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for attribute in schema:
        if attribute["kind"] == "CHOICE":
            values[attribute["code"]] = random.choice(attribute["choices"])
        elif attribute["kind"] == "NUMBER":
            values[attribute["code"]] = {"eu_size": random.randint(35, 45), "from_age": random.randint(1, 6)}.get(
                attribute["code"], random.choice((50, 100, 250, 500, 1000))
            )
    return values


def _description(random: Random, title: str, colour: str, seller: Party) -> str:
    made = random.choice(("by hand", "in small batches", "to order", "on old machines", "by two people"))
    care = random.choice(("Wipe with a damp cloth.", "Wash at 30 degrees.", "Keep dry.", "Made to be used every day."))
    return (
        f"{title}, in {colour}. Made {made} in {seller.address.city}. Every piece differs a little from the next; that is "
        f"how you know it was made by a person. {care} Packed without plastic."
    )


def list_goods(planned: list[Planned], start: datetime, days: int, tick: Any) -> list[Good]:
    """Import every planned listing: each seller brings a handful at a time, spread over the first days."""
    shelves: dict[UUID, list[Planned]] = {}
    for plan in planned:
        shelves.setdefault(plan[0].organisation_id, []).append(plan)
    handfuls = [shelf[n : n + HANDFUL] for shelf in shelves.values() for n in range(0, len(shelf), HANDFUL)]
    goods = []
    for number, handful in enumerate(handfuls):
        now = start + timedelta(days=days) * ((number * 7919 % len(handfuls)) / len(handfuls))
        ids = marketplace.import_listings(
            rows=[ImportRow(plan[1], (_photo_of(plan),)) for plan in handful], actor=handful[0][0].actor, now=now
        )
        goods += [Good(listing_id, plan[0], plan[3]) for listing_id, plan in zip(ids, handful, strict=True)]
        for _ in handful:
            tick()
    return goods


def _photo_of(plan: Planned) -> StoredPhoto:
    _seller, listing, picture, _appeal = plan
    return StoredPhoto(picture_name(*picture), pictures.WIDTH, pictures.HEIGHT, listing.title)

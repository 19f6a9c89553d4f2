"""Writes of shop pages, collections and followers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from core.actor import Actor
from core.errors import InvalidInput, NotAllowed
from core.ids import new_id
from marketplace.catalog import photos
from marketplace.catalog.models import Listing
from marketplace.contracts import OwnGoods, ShopInput
from marketplace.sellers.models import Seller
from marketplace.sellers.selectors import get_seller, lock_seller
from marketplace.sellers.services import set_away
from marketplace.shops.models import Collection, CollectionItem, Follow, ShopPage
from marketplace.shops.rules import MAX_COLLECTIONS, MAX_FOLLOWED, MAX_IN_COLLECTION, check_shop
from marketplace.shops.selectors import followed_by, get_collection


def save_shop(*, shop: ShopInput, actor: Actor, now: datetime) -> ShopPage:
    """Design, one line, and holidays of the actor's shop. Raises InvalidInput naming the field, NotFound (no seller)."""
    seller = get_seller(_own(actor))
    check_shop(shop, today=now.date())
    with transaction.atomic():
        set_away(
            mode=shop.away_mode, days=shop.away_days, until=shop.away_until, note=shop.away_note, actor=actor, now=now
        )
        page, _created = ShopPage.objects.update_or_create(
            seller=seller, defaults={"design": shop.design, "tagline": shop.tagline.strip(), "changed_at": now}
        )
    return page


def set_banner(*, data: bytes | None, actor: Actor, now: datetime) -> Seller:
    """The picture across the shop page (checked by content, stripped, resized); None takes it away.

    Raises InvalidInput on a bad file, NotFound (no seller).
    """
    image = photos.read_photo(data) if data is not None else None
    with transaction.atomic():
        seller = lock_seller(_own(actor))
        seller.banner = photos.store_photo(image=image, photo_id=new_id()) if image is not None else ""
        seller.save(update_fields=["banner"])
    return seller


def add_collection(*, title: str, listing_ids: Sequence[UUID], actor: Actor, now: datetime) -> Collection:
    """Show some goods together. Raises InvalidInput (no or taken title, too many, not this seller's), NotFound."""
    seller = get_seller(_own(actor))
    if seller.collections.count() >= MAX_COLLECTIONS:
        raise InvalidInput("There are enough collections.", field="title", remedy="Remove one first.")
    return _write(Collection(seller=seller, created_at=now), title, listing_ids, actor)


def change_collection(
    *, collection_id: UUID, title: str, listing_ids: Sequence[UUID], actor: Actor, now: datetime
) -> Collection:
    """Another title, other goods. Errors as `add_collection`; NotFound for another's."""
    return _write(get_collection(collection_id=collection_id, actor=actor), title, listing_ids, actor)


def remove_collection(*, collection_id: UUID, actor: Actor, now: datetime) -> None:
    """Raises NotFound (not this seller's)."""
    with transaction.atomic():
        found = get_collection(collection_id=collection_id, actor=actor)
        found.items.all().delete()
        found.delete()


def _write(collection: Collection, title: str, listing_ids: Sequence[UUID], actor: Actor) -> Collection:
    name, wanted = title.strip(), list(dict.fromkeys(listing_ids))
    if not name or len(name) > 80:
        raise InvalidInput("It needs a title of at most 80 characters.", field="title")
    if not 1 <= len(wanted) <= MAX_IN_COLLECTION:
        raise InvalidInput("Choose 1 to 60 listings.", field="listings")
    own = Listing.objects.filter(id__in=wanted, seller_id=actor.organisation_id).count()
    if own != len(wanted):
        raise InvalidInput("Choose listings of your own.", field="listings")
    collection.title = name
    try:
        with transaction.atomic():
            collection.save()
            collection.items.all().delete()
            CollectionItem.objects.bulk_create(
                CollectionItem(collection=collection, listing_id=listing_id, position=position)
                for position, listing_id in enumerate(wanted)
            )
    except IntegrityError:
        raise InvalidInput("There is one of this name already.", field="title") from None
    return collection


def follow_shop(*, seller_id: UUID, actor: Actor, now: datetime) -> None:
    """Hear of a shop's new goods; twice changes nothing. Raises NotAllowed, OwnGoods, InvalidInput (too many)."""
    if actor.organisation_id is None:
        raise NotAllowed("Log in to follow a shop.")
    if actor.acts_for(seller_id):
        raise OwnGoods("This is your own shop.")
    if followed_by(actor.organisation_id).count() >= MAX_FOLLOWED:
        raise InvalidInput("You follow enough shops.", field="shop", remedy="Stop following one first.")
    Follow.objects.get_or_create(
        organisation_id=actor.organisation_id, seller_id=seller_id, defaults={"at": now, "told_at": now}
    )


def unfollow_shop(*, seller_id: UUID, actor: Actor, now: datetime) -> None:
    """Hear no more; not followed: nothing changes. Raises NotAllowed (acts for nobody)."""
    if actor.organisation_id is None:
        raise NotAllowed("Log in to follow a shop.")
    Follow.objects.filter(organisation_id=actor.organisation_id, seller_id=seller_id).delete()


def mark_told(*, organisation_id: UUID, now: datetime) -> None:
    """A digest goes to this organisation: what is put on sale from now on is news."""
    Follow.objects.filter(organisation_id=organisation_id).update(told_at=now)


def _own(actor: Actor) -> UUID:
    if actor.organisation_id is None:
        raise NotAllowed("Only an organisation can sell.")
    return actor.organisation_id

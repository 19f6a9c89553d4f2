"""Reads of tenders; strangers and sellers that were not asked get TenderNotFound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from core.actor import Actor
from core.money import Money
from logistics import facade as logistics
from logistics.contracts import HintRequest
from marketplace.catalog.models import Category, Listing
from marketplace.catalog.states import ListingState
from marketplace.contracts import Place, SellerState, TenderNotFound, TenderState
from marketplace.quotes.models import QuoteOffer
from marketplace.sellers.models import Seller
from marketplace.tenders.models import Bid, BidPolicy, Invitation, Tender, TenderFile
from marketplace.tenders.rules import BidPolicyValues, Candidate

MAX_CANDIDATES = 500


def policy_at(now: datetime) -> BidPolicyValues:
    """The rules in force."""
    row = BidPolicy.objects.filter(effective_at__lte=now).order_by("-effective_at", "-id").first()
    if row is None:
        return BidPolicyValues()
    return BidPolicyValues(
        bids_per_month=row.bids_per_month, edits_per_bid=row.edits_per_bid, reserved_hours=row.reserved_hours,
        top_rating_hundredths=row.top_rating_hundredths, top_orders=row.top_orders,
    )  # fmt: skip


def _tenders() -> QuerySet[Tender]:
    return Tender.objects.select_related("buyer", "category")


def get_tender_of_buyer(*, tender_id: UUID, actor: Actor) -> Tender:
    """The actor's own. Raises TenderNotFound."""
    found = _tenders().filter(id=tender_id).first()
    if found is None or not actor.acts_for(found.buyer_id):
        raise TenderNotFound()
    return found


def get_tender_for(*, tender_id: UUID, actor: Actor, now: datetime) -> Tender:
    """For its buyer, operators, and sellers that were asked once it is their turn. Raises TenderNotFound."""
    found = _tenders().filter(id=tender_id).first()
    if found is None:
        raise TenderNotFound()
    if not (actor.is_operator or actor.acts_for(found.buyer_id)):
        get_invitation(tender=found, seller_id=actor.organisation_id, now=now)
    return found


def get_invitation(*, tender: Tender, seller_id: UUID | None, now: datetime) -> Invitation:
    """Raises TenderNotFound: not asked, or not its turn yet."""
    found = Invitation.objects.filter(tender=tender, seller_id=seller_id).first() if seller_id else None
    if found is None or not (found.is_top or tender.reserved_until <= now):
        raise TenderNotFound()
    return found


def lock_tender(tender_id: UUID) -> Tender:
    found = Tender.objects.select_for_update().filter(id=tender_id).first()
    if found is None:
        raise TenderNotFound()
    return found


def tenders_of(buyer_id: UUID | None) -> QuerySet[Tender]:
    """A buyer's own, newest first, with how many answered; page it."""
    if buyer_id is None:
        return Tender.objects.none()
    found = _tenders().filter(buyer_id=buyer_id).annotate(bid_count=Count("bids"))
    return found.order_by("-published_at", "-id")


def tenders_for_seller(seller_id: UUID | None, *, now: datetime) -> QuerySet[Tender]:
    """Open ones this seller is asked about, the nearest deadline first, and whether it has answered; page it."""
    if seller_id is None:
        return Tender.objects.none()
    mine = Invitation.objects.filter(Q(is_top=True) | Q(tender__reserved_until__lte=now), seller_id=seller_id)
    found = _tenders().filter(state=TenderState.OPEN, deadline__gt=now, id__in=mine.values("tender_id"))
    answered = Bid.objects.filter(tender=OuterRef("pk"), seller_id=seller_id)
    return found.annotate(is_answered=Exists(answered)).order_by("deadline", "id")


def count_open(buyer_id: UUID) -> int:
    return Tender.objects.filter(buyer_id=buyer_id, state=TenderState.OPEN).count()


def count_bids_since(*, seller_id: UUID, since: datetime) -> int:
    return Bid.objects.filter(seller_id=seller_id, at__gte=since).count()


def find_bid(*, tender_id: UUID, seller_id: UUID | None) -> Bid | None:
    return Bid.objects.filter(tender_id=tender_id, seller_id=seller_id).first() if seller_id else None


def find_bid_of_quote(quote_id: UUID) -> Bid | None:
    return Bid.objects.filter(quote_id=quote_id).first()


@dataclass(frozen=True)
class BidView:
    """An answer beside the others: the last word of its price talk."""

    bid: Bid
    word: QuoteOffer

    @property
    def total(self) -> Money:
        return self.word.total


def bids_of(tender: Tender) -> list[BidView]:
    """All answers side by side, the cheapest per piece with delivery first; two queries (at most 60)."""
    bids = list(Bid.objects.filter(tender=tender).select_related("seller__standing", "quote__listing"))
    words: dict[UUID, QuoteOffer] = {}
    for word in QuoteOffer.objects.filter(quote_id__in=[bid.quote_id for bid in bids]).order_by("position"):
        words[word.quote_id] = word
    views = [BidView(bid, words[bid.quote_id]) for bid in bids if bid.quote_id in words]
    return sorted(views, key=lambda view: (view.total.minor / view.word.quantity, view.bid.at))


def files_of(tender: Tender) -> list[TenderFile]:
    return list(TenderFile.objects.filter(tender=tender)[:10])


def get_file_for(*, tender_id: UUID, file_id: UUID, actor: Actor, now: datetime) -> TenderFile:
    """Raises TenderNotFound."""
    tender = get_tender_for(tender_id=tender_id, actor=actor, now=now)
    found = TenderFile.objects.filter(id=file_id, tender=tender).first()
    if found is None:
        raise TenderNotFound()
    return found


def fitting_sellers(
    *, category: Category, address: Place, buyer_id: UUID, currency: str, now: datetime
) -> list[Candidate]:
    """Open shops that sell in the category or beside it, and to whose country of the address a carrier goes."""
    near = Q(category=category)
    if category.parent_id is not None:
        near |= Q(category__parent_id=category.parent_id)
    published = Listing.objects.filter(near, seller=OuterRef("pk"), state=ListingState.PUBLISHED, currency=currency)
    exact = Listing.objects.filter(category=category, seller=OuterRef("pk"), state=ListingState.PUBLISHED)
    found = (
        Seller.objects.filter(Exists(published), state=SellerState.VERIFIED, opened_at__isnull=False)
        .exclude(pk=buyer_id)
        .select_related("standing")
        .annotate(is_exact=Exists(exact))
        .order_by("-standing__rating_hundredths", F("opened_at").asc())
    )
    sellers = list(found[:MAX_CANDIDATES])
    hints = logistics.promise_hints(
        requests=[HintRequest(one.country, address.country, 1000, one.handling_days, currency) for one in sellers],
        now=now,
    )
    return [
        Candidate(
            one.pk, one.standing.rating_hundredths, one.standing.orders_count, one.standing.dispute_rate_bp,
            one.is_exact,
        )
        for one, hint in zip(sellers, hints, strict=True)
        if hint is not None
    ]  # fmt: skip


def own_listings(seller_id: UUID, *, category: Category) -> list[Listing]:
    """What a seller could quote with: published, the category's first (at most 100)."""
    found = Listing.objects.select_related("stock").defer("description", "attributes")
    rows = list(found.filter(seller_id=seller_id, state=ListingState.PUBLISHED).order_by("title")[:100])
    return sorted(rows, key=lambda row: row.category_id != category.code)


def untold_invitations(*, now: datetime, limit: int = 200) -> list[UUID]:
    """Invitations of open tenders whose seller was not written to and may answer by now."""
    found = Invitation.objects.filter(told_at=None, tender__state=TenderState.OPEN, tender__deadline__gt=now)
    found = found.filter(Q(is_top=True) | Q(tender__reserved_until__lte=now))
    return list(found.order_by("id").values_list("id", flat=True)[:limit])


def due_tenders(*, now: datetime, limit: int = 200) -> list[UUID]:
    """Open ones whose time to choose is over."""
    found = Tender.objects.filter(state=TenderState.OPEN, choose_until__lte=now).order_by("choose_until")
    return list(found.values_list("id", flat=True)[:limit])


def invited_sellers(tender_id: UUID) -> list[UUID]:
    """Who was asked, the best first (at most 60)."""
    return list(Invitation.objects.filter(tender_id=tender_id).order_by("id").values_list("seller_id", flat=True))

"""The door of the marketplace: what trust, analytics and the edges may ask and tell. No logic here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.money import Money
from marketplace.agreements import services as agreements
from marketplace.agreements import subjects
from marketplace.buyers import services as buyers
from marketplace.carts import selectors as cart_reads
from marketplace.carts import services as carts
from marketplace.carts.selectors import CartOwner
from marketplace.catalog import alerts, imports, pricing, scheduling
from marketplace.catalog import selectors as catalog_reads
from marketplace.catalog import services as catalog
from marketplace.checkout import services as checkout
from marketplace.contracts import (
    AgreementStepInput,
    ImportRow,
    ListingInput,
    ListingSignals,
    ListingView,
    NeedInput,
    OfferInput,
    OrderNotFound,
    OrderState,
    OrderView,
    Place,
    PlaceRequest,
    ProfileInput,
    PromotionInput,
    RankingModel,
    SaidView,
    SellerStanding,
    SellerState,
    SellerView,
    SellingTerms,
    ShopInput,
    ThreadKind,
    Translator,
)
from marketplace.drafts import services as drafts
from marketplace.messages import ports as message_ports
from marketplace.messages import selectors as message_reads
from marketplace.messages import services as messages
from marketplace.offers import selectors as offer_reads
from marketplace.offers import services as offers
from marketplace.orders import parcels
from marketplace.orders import selectors as order_reads
from marketplace.orders import services as orders
from marketplace.promotions import services as promotions
from marketplace.quotes import selectors as quote_reads
from marketplace.quotes import services as quotes
from marketplace.returns import services as returns
from marketplace.returns import settlement
from marketplace.returns.rules import ReturnReason, ReturnWish
from marketplace.search import node, ports
from marketplace.sellers import selectors as seller_reads
from marketplace.sellers import services as sellers
from marketplace.sellers.parties import SellerDirectory
from marketplace.shops import services as shops
from marketplace.tenders import selectors as tender_reads
from marketplace.tenders import services as tenders
from marketplace.withdrawals import services as withdrawals
from marketplace.withdrawals.services import Statement


def party_directory() -> SellerDirectory:
    """Names, addresses and verification of organisations, as payments asks for them."""
    return SellerDirectory()


def get_order(order_id: UUID) -> OrderView:
    """An order, or a step of an agreement seen as one. Raises OrderNotFound. The caller checks who asks."""
    order = subjects.find_order_view(order_id)
    if order is None:
        raise OrderNotFound()
    return order


def delivery_place(order_id: UUID) -> Place:
    """Where an order goes. Raises OrderNotFound. The caller checks who asks."""
    return order_reads.get_delivery_place(order_id)


def get_order_for(*, order_id: UUID, actor: Actor) -> OrderView:
    """The order if the actor is its buyer, its seller or an operator; OrderNotFound for strangers."""
    return subjects.get_order_for(order_id=order_id, actor=actor)


def order_states(order_ids: Iterable[UUID]) -> Mapping[UUID, OrderState]:
    """Where several orders stand, in one query."""
    return order_reads.order_states(order_ids)


def list_orders(order_ids: Iterable[UUID]) -> Mapping[UUID, OrderView]:
    """Several orders in constant queries."""
    return order_reads.list_order_views(order_ids)


def list_orders_of_seller(*, seller_id: UUID, since: datetime) -> Sequence[OrderView]:
    """A seller's paid orders placed since a moment (newest 5,000)."""
    return order_reads.seller_orders_since(seller_id, since=since)


def count_orders_by_state(seller_id: UUID) -> Mapping[str, int]:
    return order_reads.count_orders_by_state(seller_id)


def list_orders_to_ship(seller_id: UUID, *, limit: int = 5) -> Sequence[OrderView]:
    """A seller's paid orders that wait for the parcel, the most urgent first."""
    return order_reads.seller_orders_to_ship(seller_id, limit=limit)


def count_all_orders_by_state() -> Mapping[str, int]:
    """State -> orders of the whole house (operators)."""
    return order_reads.count_all_orders_by_state()


def count_submitted_sellers() -> int:
    """Business profiles that wait for the operator's decision."""
    return seller_reads.count_submitted()


def sales_by_day(*, seller_id: UUID, since: datetime) -> Sequence[tuple[str, int, int]]:
    """(ISO day, paid orders, minor units)."""
    return order_reads.sales_by_day(seller_id, since=since)


def mark_disputed(*, order_id: UUID, actor: Actor, now: datetime) -> None:
    """A dispute was opened; joins the caller's transaction. Raises TransitionRefused."""
    subjects.mark_disputed(order_id=order_id, actor=actor, now=now)


def resume_after_dispute(*, order_id: UUID, actor: Actor, now: datetime) -> None:
    """The dispute was withdrawn; joins the caller's transaction."""
    subjects.resume_after_dispute(order_id=order_id, actor=actor, now=now)


def settle_dispute(*, order_id: UUID, refund: Money, reason: str, actor: Actor, now: datetime) -> None:
    """The dispute was decided: of what is disputed `refund` goes to the buyer, and the order follows the money.

    Joins the caller's transaction. Raises what payments.decide_escrow raises.
    """
    subjects.settle_dispute(order_id=order_id, refund=refund, reason=reason, actor=actor, now=now)


def get_seller(seller_id: UUID) -> SellerView:
    """Raises NotFound."""
    return seller_reads.seller_view(seller_reads.get_seller(seller_id))


def find_seller(seller_id: UUID | None) -> SellerView | None:
    seller = seller_reads.find_seller(seller_id)
    return seller_reads.seller_view(seller) if seller else None


def decide_verification(*, seller_id: UUID, approved: bool, reason: str, actor: Actor, now: datetime) -> SellerState:
    """The operator's decision on a submitted business profile; joins the caller's transaction."""
    seller = sellers.decide_verification(
        seller_id=seller_id, approved=approved, reason=reason, actor=actor, now=now
    )  # fmt: skip
    return SellerState(seller.state)


def suspend_seller(*, seller_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    sellers.suspend_seller(seller_id=seller_id, reason=reason, actor=actor, now=now)


def reinstate_seller(*, seller_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    sellers.reinstate_seller(seller_id=seller_id, reason=reason, actor=actor, now=now)


def record_standing(*, standing: SellerStanding, now: datetime) -> None:
    """Reputation figures computed by trust."""
    sellers.record_standing(standing=standing, now=now)


def record_signals(*, signals: Sequence[ListingSignals]) -> int:
    """Behaviour figures computed by analytics; returns how many listings changed."""
    return catalog.record_signals(signals=signals)


def list_listings(listing_ids: Iterable[UUID]) -> Mapping[UUID, ListingView]:
    """Several listings in one query."""
    return {key: catalog_reads.listing_view(row) for key, row in catalog_reads.listings_by_id(listing_ids).items()}


def list_listing_titles(listing_ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """Id -> title of several listings, in one query."""
    return catalog_reads.titles_of(listing_ids)


def list_published_listing_ids(*, after: UUID | None = None, limit: int = 1000) -> Sequence[UUID]:
    """Ids of published listings in id order, a page at a time."""
    return catalog_reads.published_ids(after=after, limit=limit)


def plug_ranking_model(model: RankingModel) -> None:
    """Who orders search results; called by config.wiring."""
    ports.plug_ranking_model(model)


def check_search_ready() -> None:
    """Raises SearchNotReady until this node has a complete index."""
    node.check_ready()


def start_following_search() -> None:
    """Start this process's search node thread (web processes)."""
    node.start_following()


def search_status() -> Mapping[str, Any]:
    """This node's index: ready, listings, size, followed up to, how far a build has come."""
    return node.node().status()


def rebuild_search() -> None:
    """Have this node's index built anew by the process that follows the feed."""
    node.demand_rebuild()


def sync_search(*, now: datetime) -> int:
    """Bring this node's index up to date now (commands); returns how many listings were read."""
    return node.sync_now(now=now)


# --- what a party can do, for commands and simulated worlds


def save_seller_profile(*, profile: ProfileInput, actor: Actor, now: datetime) -> SellerView:
    """Create or change the business profile of the actor's organisation."""
    return seller_reads.seller_view(sellers.save_profile(profile=profile, actor=actor, now=now))


def submit_seller_profile(*, actor: Actor, now: datetime) -> None:
    """Ask for verification."""
    sellers.submit_profile(actor=actor, now=now)


def open_shop(*, actor: Actor, now: datetime) -> None:
    sellers.open_shop(actor=actor, now=now)


def import_listings(*, rows: Sequence[ImportRow], actor: Actor, now: datetime) -> list[UUID]:
    """Create and publish up to 500 listings in the actor's shop; all of them or none. Raises InvalidInput by row."""
    return imports.import_listings(rows=rows, actor=actor, now=now)


def leaf_category_codes() -> Sequence[str]:
    return [category.code for category in catalog_reads.leaf_categories()]


def category_attributes(code: str) -> list[dict[str, Any]]:
    """Typed attributes of a category."""
    return next(category.attributes for category in catalog_reads.list_categories() if category.code == code)


def set_terms(*, listing_id: UUID, terms: SellingTerms, actor: Actor, now: datetime) -> None:
    """Minimum, packs and prices by quantity of an own listing. Raises ListingNotFound, InvalidInput."""
    pricing.set_terms(listing_id=listing_id, terms=terms, actor=actor, now=now)


def start_reduction(*, listing_id: UUID, price: Money, ends_at: datetime, actor: Actor, now: datetime) -> None:
    """Announce a reduced price. Raises ListingNotFound, InvalidInput, NoReduction."""
    pricing.start_reduction(listing_id=listing_id, price=price, ends_at=ends_at, actor=actor, now=now)


def create_promotion(*, promotion: PromotionInput, actor: Actor, now: datetime) -> None:
    """A code of the actor's shop. Raises NotAllowed, NotFound, InvalidInput."""
    promotions.create_promotion(promotion=promotion, actor=actor, now=now)


def propose_matches(*, now: datetime) -> int:
    """Propose that listings of several sellers are the same thing; returns how many."""
    return offers.propose_matches(now=now)


def accept_match(*, listing_id: UUID, actor: Actor, now: datetime) -> None:
    """The seller agrees to what was proposed about a listing. Raises NotFound, TransitionRefused."""
    match = offer_reads.get_match_of(listing_id)
    offers.decide_match(match_id=match.id, accept=True, actor=actor, now=now)


def put_in_cart(*, organisation_id: UUID, listing_id: UUID, quantity: int, now: datetime) -> None:
    """Have that many pieces in the organisation's cart."""
    carts.set_line(owner=CartOwner(organisation_id=organisation_id), listing_id=listing_id, quantity=quantity, now=now)


def delivery_choices(*, organisation_id: UUID, address: Place, now: datetime) -> Mapping[UUID, Sequence[str]]:
    """Seller id -> codes of the delivery services for what is in the cart, cheapest first."""
    cart = cart_reads.view_cart(CartOwner(organisation_id=organisation_id), with_photos=False)
    options = cart_reads.delivery_options(cart=cart, address=address, now=now)
    return {seller: [offer.service_code for offer in answer.quotes] for seller, answer in options.items()}


def place_purchase(*, request: PlaceRequest, actor: Actor, now: datetime) -> UUID:
    """Place the cart; returns the purchase's id."""
    return checkout.place_purchase(request=request, actor=actor, now=now).id


def pay_purchase(*, purchase_id: UUID, method_token: str, actor: Actor, now: datetime) -> None:
    """Pay with a token of the provider, outside of transactions."""
    purchase = order_reads.get_purchase_for(purchase_id=purchase_id, actor=actor)
    checkout.pay_purchase(purchase=purchase, method_token=method_token, return_url="", actor=actor, now=now)


def list_orders_of_purchase(purchase_id: UUID) -> Sequence[OrderView]:
    """The purchase's orders, in order of their ids."""
    return [order_reads.order_view(order) for order in order_reads.orders_of_purchase(purchase_id)]


def book_shipment(*, order_id: UUID, actor: Actor, now: datetime) -> None:
    """The seller buys the label."""
    orders.book_shipment(order_id=order_id, actor=actor, now=now)


def hand_over(*, order_id: UUID, actor: Actor, now: datetime) -> None:
    """The seller gives the parcel to the carrier."""
    orders.hand_over(order_id=order_id, actor=actor, now=now)


def pack_parcel(*, order_id: UUID, pieces: Mapping[UUID, int], actor: Actor, now: datetime) -> UUID:
    """The seller packs some pieces of an order and buys their label; the rest follows. Raises InvalidInput."""
    return parcels.pack_parcel(order_id=order_id, pieces=pieces, actor=actor, now=now).id


def withdraw(*, order_id: UUID, pieces: Mapping[UUID, int], name: str, email: str, actor: Actor, now: datetime) -> UUID:
    """The buyer withdraws from the contract for some pieces. Raises NotWithdrawable, InvalidInput."""
    statement = Statement(pieces=pieces, name=name, email=email)
    return withdrawals.withdraw(order_id=order_id, statement=statement, key=str(order_id), actor=actor, now=now).id


def save_buyer_profile(
    *, vat_number: str, staff_limit: Money | None, manager_limit: Money | None, actor: Actor, now: datetime
) -> None:
    """How an organisation buys (owners). Raises NotAllowed, InvalidInput."""
    buyers.save_buyer_profile(
        vat_number=vat_number, staff_limit=staff_limit, manager_limit=manager_limit, actor=actor, now=now
    )


def confirm_receipt(*, order_id: UUID, actor: Actor, now: datetime) -> None:
    """The buyer is content."""
    orders.confirm_receipt(order_id=order_id, actor=actor, now=now)


def cancel_order(*, order_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Cancel before shipping."""
    orders.cancel_order(order_id=order_id, reason=reason, actor=actor, now=now)


def expire_unpaid(*, now: datetime) -> int:
    """Close purchases nobody paid in time; returns how many."""
    expired = order_reads.expired_purchases(now=now)
    for purchase_id in expired:
        orders.expire_purchase(purchase_id=purchase_id, now=now)
    return len(expired)


def request_agreement(*, listing_id: UUID, wish: str, actor: Actor, now: datetime) -> UUID:
    """A buyer asks for something made to order; returns the agreement. Raises ListingNotFound, OwnGoods, InvalidInput."""
    return agreements.request_agreement(listing_id=listing_id, wish=wish, actor=actor, now=now).id


def propose_plan(
    *, agreement_id: UUID, terms: str, steps: Sequence[AgreementStepInput], actor: Actor, now: datetime
) -> tuple[UUID, ...]:
    """The seller's offer with its payment plan; returns the steps. Raises AgreementNotFound, InvalidInput."""
    made = agreements.propose_plan(agreement_id=agreement_id, terms=terms, steps=steps, actor=actor, now=now)
    return tuple(step.id for step in made.steps.all())


def accept_plan(*, agreement_id: UUID, expected_total: Money, actor: Actor, now: datetime) -> None:
    """The buyer accepts the plan as seen. Raises AgreementNotFound, InvalidInput."""
    agreements.accept_plan(agreement_id=agreement_id, expected_total=expected_total, actor=actor, now=now)


def request_return(
    *, order_id: UUID, line_id: UUID, quantity: int, reason: str, note: str, actor: Actor, now: datetime
) -> UUID:
    """The buyer asks to send pieces of a line back. Raises OrderNotFound, NotReturnable, InvalidInput."""
    asks = [returns.ReturnAsk(line_id, quantity, ReturnReason(reason))]
    return returns.request_return(
        order_id=order_id, asks=asks, wish=ReturnWish.REFUND, note=note, actor=actor, now=now
    ).id


def send_return(*, return_id: UUID, actor: Actor, now: datetime) -> None:
    """The buyer prints the label and drops the parcel off. Outside of transactions. Raises ReturnNotFound."""
    returns.book_label(return_id=return_id, actor=actor, now=now)
    returns.hand_over_return(return_id=return_id, actor=actor, now=now)


def accept_return(*, return_id: UUID, actor: Actor, now: datetime) -> None:
    """The seller has the goods and finds them as they left: refunded by line. Raises ReturnNotFound."""
    returns.mark_received(return_id=return_id, received_at=now, actor=actor, now=now)
    settlement.inspect_return(return_id=return_id, findings={}, reason="", actor=actor, now=now)


def begin_thread(*, kind: ThreadKind, subject_id: UUID, text: str, actor: Actor, now: datetime) -> UUID:
    """Write about a listing, a shop, an order or a quote; returns the conversation."""
    return messages.begin_thread(kind=kind, subject_id=subject_id, text=text, actor=actor, now=now).thread_id


def post_message(*, thread_id: UUID, text: str, actor: Actor, now: datetime) -> None:
    """Say something in a conversation. Raises ThreadNotFound (a stranger), Blocked."""
    messages.post_message(thread_id=thread_id, text=text, actor=actor, now=now)


def order_messages(order_id: UUID) -> tuple[SaidView, ...]:
    """What buyer and seller wrote each other about an order, oldest first, at most 200."""
    return message_reads.said_about_order(order_id)


def add_quick_reply(*, title: str, text: str, actor: Actor, now: datetime) -> None:
    """An answer a seller gives often."""
    messages.add_quick_reply(title=title, text=text, actor=actor, now=now)


def plug_translator(translator: Translator) -> None:
    """Who translates messages; without one no page offers it."""
    message_ports.plug_translator(translator)


def delivery_services(*, listing_id: UUID, quantity: int, address: Place, now: datetime) -> Sequence[str]:
    """Codes of the services that bring so many pieces of a listing to an address, cheapest first."""
    listing = catalog_reads.get_listing_on_sale(listing_id)
    found = quote_reads.services_for(
        listing=listing, quantity=quantity, address=address, handling_days=listing.handling_days, now=now
    )
    return [one.service_code for one in found]


def request_quote(*, listing_id: UUID, quantity: int, wish: str, address: Place, actor: Actor, now: datetime) -> UUID:
    """A buyer asks a seller for a price; returns the quote."""
    return quotes.request_quote(
        listing_id=listing_id, quantity=quantity, wish=wish, address=address, actor=actor, now=now
    ).id


def make_offer(*, quote_id: UUID, offer: OfferInput, actor: Actor, now: datetime) -> None:
    """The seller's offer, or the buyer's counter-offer."""
    quotes.make_offer(quote_id=quote_id, offer=offer, actor=actor, now=now)


def publish_tender(*, need: NeedInput, currency: str, actor: Actor, now: datetime) -> UUID:
    """Tell matching sellers what a buyer needs; returns the tender."""
    return tenders.publish_tender(need=need, currency=currency, actor=actor, now=now).id


def invited_sellers(*, tender_id: UUID) -> Sequence[UUID]:
    """Who was asked, the best first."""
    return tender_reads.invited_sellers(tender_id)


def place_bid(*, tender_id: UUID, listing_id: UUID, offer: OfferInput, actor: Actor, now: datetime) -> None:
    """A seller answers a tender with a quote on one of its listings."""
    tenders.place_bid(tender_id=tender_id, listing_id=listing_id, offer=offer, actor=actor, now=now)


def save_shop(*, shop: ShopInput, actor: Actor, now: datetime) -> None:
    """Design, one line and holidays of a shop."""
    shops.save_shop(shop=shop, actor=actor, now=now)


def add_collection(*, title: str, listing_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Goods a seller shows together."""
    shops.add_collection(title=title, listing_ids=listing_ids, actor=actor, now=now)


def follow_shop(*, seller_id: UUID, actor: Actor, now: datetime) -> None:
    """Hear of a shop's new goods."""
    shops.follow_shop(seller_id=seller_id, actor=actor, now=now)


def begin_listing(*, category_code: str, typed: Mapping[str, str], actor: Actor, now: datetime) -> UUID:
    """A listing half typed; returns the draft."""
    draft = drafts.start_draft(category_code=category_code, actor=actor, now=now)
    return drafts.save_step(draft_id=draft.id, typed=typed, actor=actor, now=now).id


def plan_listing(*, listing: ListingInput, at: datetime, actor: Actor, now: datetime) -> UUID:
    """A listing that goes on sale by itself; returns it."""
    made = catalog.create_listing(listing=listing, actor=actor, now=now)
    return scheduling.schedule_publication(listing_id=made.id, at=at, actor=actor, now=now).id


def set_stock_alert(*, listing_id: UUID, at_most: int, actor: Actor) -> None:
    """Hear of it when so few pieces are left."""
    alerts.set_stock_alert(listing_id=listing_id, at_most=at_most, actor=actor)

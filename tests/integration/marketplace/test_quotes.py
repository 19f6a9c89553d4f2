"""Price talks: asked, offered, countered, agreed once, paid as any order; and every way they end without a price."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.errors import InvalidInput, TransitionRefused
from core.money import Money
from core.outbox import services as outbox
from marketplace.agreements.models import Agreement
from marketplace.catalog import services as catalog
from marketplace.checkout.services import pay_purchase
from marketplace.contracts import (
    DeliveryUnavailable,
    ListingUnavailable,
    MessageSide,
    NotEnoughStock,
    OfferInput,
    OwnGoods,
    PriceChanged,
    QuoteNotFound,
    ThreadKind,
)
from marketplace.messages import services as messages
from marketplace.orders import services as orders
from marketplace.orders.models import Order, Purchase
from marketplace.quotes import selectors, services
from marketplace.quotes.letters import QuoteOccasion, send_quote
from marketplace.quotes.models import Quote, QuoteOffer, QuoteTransition
from marketplace.tasks import expire_quotes_task, quote_letter_task
from payments import facade as payments
from payments.contracts import ChargeState
from tests import world

EUR = "EUR"


def scene(now, stock=50):
    seller, buyer = world.open_seller(now), world.person(now, name="Ana Buyer")
    return seller, buyer, world.published(seller, now, stock=stock)


def asked(buyer, listing, now, quantity=5):
    return services.request_quote(
        listing_id=listing.id, quantity=quantity, wish="For a café.", address=world.VALENCIA, actor=buyer.actor, now=now
    )


def word(quote, now, **changes):
    offers = selectors.services_for(
        listing=quote.listing, quantity=5, address=world.VALENCIA, handling_days=1, now=now
    )  # fmt: skip
    made = OfferInput(5, Money(4000, EUR), offers[0].service_code, shipping=Money(500, EUR), handling_days=3)
    return replace(made, **changes)


def offer(quote, who, now, **changes):
    return services.make_offer(quote_id=quote.id, offer=word(quote, now, **changes), actor=who.actor, now=now)


def accept(quote, who, now, total=20_500):
    return services.accept_offer(quote_id=quote.id, expected_total=Money(total, EUR), actor=who.actor, now=now)


def client_of(person):
    client = Client()
    client.force_login(person.user)
    return client


def test_from_a_request_to_a_paid_order(real_database, now):
    seller, buyer, listing = scene(now)
    quote = asked(buyer, listing, now)
    offer(quote, seller, now, unit_price=Money(4400, EUR))
    offer(quote, buyer, now, unit_price=Money(3800, EUR), note="It is for a year.")
    offer(quote, seller, now)
    purchase = accept(quote, buyer, now)
    assert accept(quote, buyer, now).id == purchase.id, "twice is one"
    assert Purchase.objects.count() == 1
    order = purchase.orders.get()
    assert (order.goods, order.shipping, order.total) == (Money(20_000, EUR), Money(500, EUR), Money(20_500, EUR))
    assert (order.lines.get().quantity, order.lines.get().unit_price) == (5, Money(4000, EUR))
    listing.stock.refresh_from_db()
    assert (listing.stock.on_hand, listing.stock.reserved) == (50, 5)
    charge = pay_purchase(
        purchase=purchase, method_token="tok_approve", return_url="http://t/", actor=buyer.actor, now=now
    )
    assert charge.state is ChargeState.CAPTURED
    outbox.drain(now=now)
    order.refresh_from_db()
    assert order.state == "PAID"
    assert payments.get_escrow(order.id).held == Money(20_500, EUR)
    world.ship(seller, order, now)
    for occasion in QuoteOccasion:
        quote_letter_task(str(quote.id), occasion.value, "SELLER")
    subjects = [letter.subject for letter in mail.outbox]
    assert "Ana Buyer asks for a price" in subjects
    assert "Ana Buyer accepts your offer" in subjects
    actions = list(QuoteTransition.objects.values_list("action", "to_state"))
    assert [a for a, _to in actions] == ["REQUEST", "OFFER", "COUNTER", "OFFER", "ACCEPT"]


def test_the_seller_may_accept_and_free_delivery_is_free(real_database, now):
    seller, buyer, listing = scene(now)
    quote = asked(buyer, listing, now)
    offer(quote, seller, now)
    offer(quote, buyer, now, shipping=Money(0, EUR))
    with pytest.raises(TransitionRefused):
        accept(quote, buyer, now, 20_000)
    purchase = accept(quote, seller, now, 20_000)
    assert purchase.buyer_id == buyer.organisation_id
    assert purchase.expires_at == now + timedelta(hours=72)
    charge = pay_purchase(
        purchase=purchase, method_token="tok_approve", return_url="http://t/", actor=buyer.actor, now=now
    )
    assert charge.state is ChargeState.CAPTURED
    assert Order.objects.get().shipping == Money(0, EUR)


def test_two_who_accept_at_once_make_one_order(real_database, now):
    seller, buyer, listing = scene(now)
    quote = asked(buyer, listing, now)
    offer(quote, seller, now)
    made, gate = [], threading.Barrier(4)

    def run():
        gate.wait()
        try:
            made.append(accept(quote, buyer, now).id)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(made) == 4
    assert len(set(made)) == 1
    assert Order.objects.count() == 1
    listing.stock.refresh_from_db()
    assert listing.stock.reserved == 5


def test_what_is_not_paid_in_time_is_free_again(real_database, now):
    seller, buyer, listing = scene(now)
    quote = asked(buyer, listing, now)
    offer(quote, seller, now)
    purchase = accept(quote, buyer, now)
    orders.expire_purchase(purchase_id=purchase.id, now=now + timedelta(hours=73))
    listing.stock.refresh_from_db()
    assert listing.stock.reserved == 0
    page = client_of(buyer).get(f"/quotes/{quote.id}/").content.decode()
    assert "It was not paid in time" in page


@pytest.mark.django_db
def test_only_what_was_seen_is_agreed_and_only_while_it_can_be_kept(now):
    seller, buyer, listing = scene(now, stock=4)
    quote = asked(buyer, listing, now)
    with pytest.raises(TransitionRefused):
        accept(quote, buyer, now)
    with pytest.raises(TransitionRefused):
        offer(quote, buyer, now)
    offer(quote, seller, now)
    with pytest.raises(PriceChanged):
        accept(quote, buyer, now, 20_499)
    with pytest.raises(NotEnoughStock):
        accept(quote, buyer, now)
    with pytest.raises(TransitionRefused):
        accept(quote, buyer, now + timedelta(days=7))
    assert Quote.objects.get().state == "OFFERED"
    catalog.withdraw_listing(listing_id=listing.id, actor=seller.actor, now=now)
    with pytest.raises(ListingUnavailable):
        accept(quote, buyer, now)
    assert not Purchase.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": 0}, {"quantity": 10_000}, {"unit_price": Money(0, EUR)}, {"unit_price": Money(4000, "USD")},
        {"shipping": Money(-1, EUR)}, {"shipping": Money(1, "USD")}, {"handling_days": 61}, {"valid_days": 0},
        {"valid_days": 31}, {"note": "x" * 1001}, {"unit_price": Money(10**12, EUR)},
    ],
)  # fmt: skip
def test_bad_values_are_refused(now, changes):
    seller, buyer, listing = scene(now)
    quote = asked(buyer, listing, now)
    with pytest.raises(InvalidInput):
        offer(quote, seller, now, **changes)
    assert not QuoteOffer.objects.exists()


@pytest.mark.django_db
def test_strangers_own_goods_and_bad_requests(now):
    seller, buyer, listing = scene(now)
    quote = asked(buyer, listing, now)
    for who in (world.person(now), world.open_seller(now)):
        for act in (
            lambda who=who: offer(quote, who, now),
            lambda who=who: accept(quote, who, now),
            lambda who=who: services.close_quote(quote_id=quote.id, reason="", actor=who.actor, now=now),
            lambda who=who: services.convert_quote(quote_id=quote.id, actor=who.actor, now=now),
        ):
            with pytest.raises(QuoteNotFound):
                act()
    with pytest.raises(OwnGoods):
        asked(seller, listing, now)
    for quantity in (0, -1, 10_000):
        with pytest.raises(InvalidInput):
            asked(buyer, listing, now, quantity)
    with pytest.raises(InvalidInput):
        services.request_quote(
            listing_id=listing.id, quantity=1, wish="", address=replace(world.VALENCIA, postcode="1"), actor=buyer.actor,
            now=now,
        )  # fmt: skip
    with pytest.raises(DeliveryUnavailable):
        offer(quote, seller, now, service_code="nobody")


@pytest.mark.django_db
def test_bounds_of_open_requests_and_words(now, monkeypatch):
    seller, buyer, listing = scene(now)
    quote = asked(buyer, listing, now)
    monkeypatch.setattr(services, "MAX_OPEN_REQUESTS", 1)
    monkeypatch.setattr(services, "MAX_OFFERS", 2)
    with pytest.raises(InvalidInput):
        asked(buyer, listing, now)
    for _ in range(2):
        offer(quote, seller, now)
    with pytest.raises(InvalidInput):
        offer(quote, seller, now)


@pytest.mark.django_db
def test_the_ways_it_ends_without_a_price(now):
    seller, buyer, listing = scene(now)
    declined, withdrawn, taken_back, expired = (asked(buyer, listing, now) for _ in range(4))
    services.close_quote(quote_id=declined.id, reason="Too few.", actor=seller.actor, now=now)
    services.close_quote(quote_id=withdrawn.id, reason="", actor=buyer.actor, now=now)
    offer(taken_back, seller, now)
    for _ in range(2):
        services.close_quote(quote_id=taken_back.id, reason="", actor=seller.actor, now=now)
    offer(expired, seller, now, valid_days=2)
    assert selectors.due_quotes(now=now + timedelta(days=1)) == []
    assert not services.expire_quote(quote_id=expired.id, now=now)
    assert selectors.due_quotes(now=now + timedelta(days=2)) == [expired.id]
    assert services.expire_quote(quote_id=expired.id, now=now + timedelta(days=2))
    states = [Quote.objects.get(id=one.id).state for one in (declined, withdrawn, taken_back, expired)]
    assert states == ["DECLINED", "WITHDRAWN", "WITHDRAWN", "EXPIRED"]
    assert expire_quotes_task() == 0
    with pytest.raises(TransitionRefused):
        offer(declined, seller, now)
    send_quote(quote_id=declined.id, occasion=QuoteOccasion.CLOSED, to=MessageSide.BUYER)
    assert "no price was agreed" in mail.outbox[-1].subject
    send_quote(quote_id=uuid4(), occasion=QuoteOccasion.CLOSED, to=MessageSide.BUYER)


@pytest.mark.django_db
def test_it_may_go_on_as_something_made_to_order(now):
    seller, buyer, listing = scene(now)
    quote = asked(buyer, listing, now)
    with pytest.raises(QuoteNotFound):
        services.convert_quote(quote_id=quote.id, actor=buyer.actor, now=now)
    made = services.convert_quote(quote_id=quote.id, actor=seller.actor, now=now)
    assert services.convert_quote(quote_id=quote.id, actor=seller.actor, now=now).id == made.id
    assert (made.buyer_id, made.state) == (buyer.organisation_id, "REQUESTED")
    assert "For a café." in made.wish
    assert Quote.objects.get().state == "CONVERTED"
    again = asked(buyer, listing, now)
    answer = client_of(seller).post(f"/quotes/{again.id}/agreement/")
    latest = Agreement.objects.order_by("-id").first()
    assert answer.headers["Location"] == f"/agreements/{latest.id}/plan/"


@pytest.mark.django_db
def test_they_can_write_each_other_about_it(now):
    seller, buyer, listing = scene(now)
    quote = asked(buyer, listing, now)
    said = messages.begin_thread(
        kind=ThreadKind.QUOTE, subject_id=quote.id, text="Two weeks?", actor=seller.actor, now=now
    )
    assert quote.number in said.thread.title
    with pytest.raises(QuoteNotFound):
        messages.begin_thread(
            kind=ThreadKind.QUOTE, subject_id=quote.id, text="Hi", actor=world.person(now).actor, now=now
        )
    assert client_of(buyer).get(f"/messages/new/quote/{quote.id}/").status_code == 302


@pytest.mark.django_db
def test_pages(now):
    seller, buyer, listing = scene(now)
    buying, selling = client_of(buyer), client_of(seller)
    page = f"/listings/{listing.id}/quote/"
    assert buying.get(page).status_code == 200
    typed = {"quantity": "5", "wish": "", "name": "Ana", "street": "Calle 1", "postcode": "46003", "city": "Valencia",
             "country": "ES"}  # fmt: skip
    assert buying.post(page, {**typed, "postcode": "1"}).status_code == 422
    assert buying.post(page, {**typed, "quantity": "no"}).status_code == 422
    assert selling.post(page, typed).status_code == 422
    assert buying.post(page, typed).status_code == 302
    quote = Quote.objects.get()
    here = f"/quotes/{quote.id}/"
    code = word(quote, now).service_code
    said = {"quantity": "5", "unit_price": "40", "service_code": code, "shipping": "", "valid_days": "6"}
    assert "Make an offer" in selling.get(here).content.decode()
    assert selling.post(here, {**said, "unit_price": "-1"}).status_code == 422
    assert selling.post(here, {**said, "service_code": "x"}).status_code == 422
    assert selling.post(here, said).status_code == 302
    total = QuoteOffer.objects.get().total
    assert "Make a counter-offer" in buying.get(here).content.decode()
    for bad in ("", "1", "x", "9" * 30, "٣"):
        assert buying.post(f"{here}acceptance/", {"total": bad}).headers["Location"] == here
    answer = buying.post(f"{here}acceptance/", {"total": str(total.minor)})
    assert answer.headers["Location"] == f"/purchases/{Purchase.objects.get().id}/payment/"
    assert buying.get(answer.headers["Location"]).status_code == 200
    for client in (buying, selling):
        assert client.get(here).status_code == 200
    assert quote.number in buying.get("/quotes/?state=ACCEPTED").content.decode()
    assert quote.number in selling.get("/sell/quotes/").content.decode()
    assert quote.number not in selling.get("/sell/quotes/?state=DECLINED").content.decode()
    assert client_of(buyer).get("/sell/quotes/").status_code == 302
    stranger = client_of(world.open_seller(now))
    assert stranger.get(here).status_code == 404
    assert quote.number not in stranger.get("/sell/quotes/").content.decode()
    other = asked(buyer, listing, now)
    assert buying.post(f"/quotes/{other.id}/closing/", {"reason": "No."}).status_code == 302
    assert Quote.objects.get(id=other.id).state == "WITHDRAWN"
    operator = client_of(world.person(now, is_operator=True))
    assert operator.get(f"/admin/marketplace/quote/{quote.id}/change/").status_code == 200


@pytest.mark.django_db
def test_the_api(now):
    seller, buyer, listing = scene(now)
    buying, selling = client_of(buyer), client_of(seller)

    def post(client, path, body, key=""):
        return client.post(
            f"/api/v1/quotes/{path}", body, content_type="application/json",
            headers={"Idempotency-Key": key or str(uuid4())},
        )  # fmt: skip

    address = {"name": "Ana", "street": "Calle 1", "city": "Valencia", "postcode": "46003", "country": "ES"}
    body = {"listing_id": str(listing.id), "quantity": 5, "address": address}
    assert post(buying, "", {**body, "quantity": 0}).status_code in {400, 422}
    made = post(buying, "", body).json()
    here = f"{made['id']}/"
    code = word(Quote.objects.get(), now).service_code
    said = {"quantity": 5, "unit_price": {"minor": 4000, "currency": "EUR"}, "service_code": code,
            "shipping": {"minor": 500, "currency": "EUR"}}  # fmt: skip
    assert post(buying, f"{here}offers/", said).status_code == 409
    assert post(selling, f"{here}offers/", said).json()["offers"][0]["total"]["minor"] == 20_500
    key = str(uuid4())
    total = {"total": {"minor": 20_500, "currency": "EUR"}}
    answers = [post(buying, f"{here}acceptance/", total, key) for _ in range(2)]
    assert {a.json()["purchase_id"] for a in answers} == {str(Purchase.objects.get().id)}
    assert post(buying, f"{here}closing/", {"reason": ""}).status_code == 409
    assert selling.get("/api/v1/quotes/?role=seller").json()["results"][0]["quote_state"] == "ACCEPTED"
    assert buying.get(f"/api/v1/quotes/{here}").status_code == 200
    other = post(buying, "", body).json()["id"]
    assert post(selling, f"{other}/agreement/", {}).json()["quote_state"] == "CONVERTED"


@pytest.mark.django_db
def test_lists_cost_the_same_whatever_their_length(now):
    seller, buyer, listing = scene(now)
    quote = asked(buyer, listing, now)
    buying, selling = client_of(buyer), client_of(seller)
    pages = (
        (buying, "/quotes/"),
        (selling, "/sell/quotes/"),
        (buying, "/api/v1/quotes/"),
        (buying, f"/quotes/{quote.id}/"),
    )

    def counted():
        figures = {}
        for client, path in pages:
            client.get(path)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            figures[path] = len(queries)
        return figures

    offer(quote, seller, now)
    few = counted()
    for _ in range(4):
        offer(quote, seller, now)
        offer(asked(buyer, listing, now), seller, now)
    assert counted() == few

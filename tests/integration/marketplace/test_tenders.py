"""A buyer's need told to matching sellers: who is asked, quotas, one choice, everybody told."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from core.errors import InvalidInput, NotAllowed, TransitionRefused
from core.money import Money
from core.outbox import services as outbox
from core.web.uploads import BadUpload
from marketplace.checkout.services import pay_purchase
from marketplace.contracts import (
    ListingNotFound,
    NeedInput,
    OfferInput,
    QuotaUsedUp,
    SellerStanding,
    TenderNotFound,
)
from marketplace.orders.models import Purchase
from marketplace.quotes import services as quotes
from marketplace.quotes.models import Quote
from marketplace.quotes.selectors import services_for
from marketplace.sellers.services import record_standing
from marketplace.tasks import expire_tenders_task
from marketplace.tenders import selectors, services
from marketplace.tenders.letters import tell_invited
from marketplace.tenders.models import Bid, Tender, TenderFile
from marketplace.tenders.rules import BidPolicyValues
from payments import facade as payments
from tests import world

EUR = "EUR"
NEED = NeedInput("table-linen", "Fifty white cloths", "Hemmed, washed.", 5, world.VALENCIA, 7, Money(4000, EUR))


def scene(now, sellers=3):
    buyer = world.person(now, name="Ana Buyer")
    shops = [world.open_seller(now, name=f"Telares {number}") for number in range(sellers)]
    listings = [world.published(shop, now, stock=50) for shop in shops]
    return buyer, shops, listings


def told(buyer, now, **changes):
    return services.publish_tender(need=replace(NEED, **changes), currency=EUR, actor=buyer.actor, now=now)


def bid(tender, shop, listing, now, price=4000):
    code = services_for(listing=listing, quantity=5, address=world.VALENCIA, handling_days=1, now=now)[0].service_code
    offer = OfferInput(5, Money(price, EUR), code, shipping=Money(0, EUR))
    return services.place_bid(tender_id=tender.id, listing_id=listing.id, offer=offer, actor=shop.actor, now=now)


def choose(tender, made, buyer, now, total=20_000):
    return services.accept_bid(
        tender_id=tender.id, quote_id=made.quote_id, expected_total=Money(total, EUR), actor=buyer.actor, now=now
    )


def client_of(person):
    client = Client()
    client.force_login(person.user)
    return client


def make_top(shop, now):
    record_standing(standing=SellerStanding(shop.organisation_id, 480, 20, 40, None, 100, None, None), now=now)


def test_told_compared_chosen_and_paid(real_database, now):
    buyer, shops, listings = scene(now)
    tender = told(buyer, now)
    for invitation_id in selectors.untold_invitations(now=now):
        assert tell_invited(invitation_id=invitation_id, now=now)
        assert not tell_invited(invitation_id=invitation_id, now=now)
    assert [m.subject for m in mail.outbox] == ["A buyer looks for: Fifty white cloths"] * 3
    dear = bid(tender, shops[0], listings[0], now, 4500)
    cheap = bid(tender, shops[1], listings[1], now)
    assert [view.bid.id for view in selectors.bids_of(tender)] == [cheap.id, dear.id]
    purchase = choose(tender, cheap, buyer, now)
    assert choose(tender, cheap, buyer, now).id == purchase.id
    with pytest.raises(TransitionRefused):
        choose(tender, dear, buyer, now, 22_500)
    tender.refresh_from_db()
    assert tender.state == "AWARDED"
    assert Quote.objects.get(id=dear.quote_id).state == "DECLINED"
    pay_purchase(purchase=purchase, method_token="tok_approve", return_url="http://t/", actor=buyer.actor, now=now)
    outbox.drain(now=now)
    assert payments.get_escrow(purchase.orders.get().id).held == Money(20_000, EUR)


def test_agreed_on_the_quotes_own_page_it_is_awarded_too(real_database, now):
    buyer, shops, listings = scene(now, 2)
    tender = told(buyer, now)
    made, other = (bid(tender, shop, listing, now) for shop, listing in zip(shops, listings, strict=True))
    quotes.accept_offer(quote_id=made.quote_id, expected_total=Money(20_000, EUR), actor=buyer.actor, now=now)
    outbox.drain(now=now)
    tender.refresh_from_db()
    assert (tender.state, Quote.objects.get(id=other.quote_id).state) == ("AWARDED", "DECLINED")


@pytest.mark.django_db
def test_only_the_invited_answer_once_with_their_own_goods_in_time(now):
    buyer, (one, two, three), (first, second, _third) = scene(now)
    other_trade = world.open_seller(now)
    soap = world.published(
        other_trade, now, category_code="soap", title="Olive oil soap", attributes={"scent": "olive"}
    )
    tender = told(buyer, now)
    assert selectors.tenders_for_seller(other_trade.organisation_id, now=now).count() == 0
    for who in (other_trade, world.person(now), buyer):
        with pytest.raises(TenderNotFound):
            bid(tender, who, soap, now)
    with pytest.raises(ListingNotFound):
        bid(tender, one, second, now)
    bid(tender, one, first, now)
    with pytest.raises(InvalidInput):
        bid(tender, one, first, now)
    with pytest.raises(TransitionRefused):
        bid(tender, two, second, now + timedelta(days=7))
    services.close_tender(tender_id=tender.id, reason="Found it.", actor=buyer.actor, now=now)
    services.close_tender(tender_id=tender.id, reason="", actor=buyer.actor, now=now)
    assert Quote.objects.get().state == "DECLINED"
    with pytest.raises(TransitionRefused):
        bid(tender, two, second, now)
    for act in (
        lambda: services.close_tender(tender_id=tender.id, reason="", actor=three.actor, now=now),
        lambda: choose(tender, Bid.objects.get(), three, now),
        lambda: selectors.get_tender_for(tender_id=tender.id, actor=world.person(now).actor, now=now),
    ):
        with pytest.raises(TenderNotFound):
            act()


@pytest.mark.django_db
def test_the_first_hours_belong_to_top_sellers(now, monkeypatch):
    monkeypatch.setattr("marketplace.tenders.views.utc_now", lambda: now)
    buyer, (top, other), (first, second) = scene(now, 2)
    make_top(top, now)
    tender = told(buyer, now)
    assert tender.reserved_until == now + timedelta(hours=6)
    assert len(selectors.untold_invitations(now=now)) == 1
    with pytest.raises(TenderNotFound):
        bid(tender, other, second, now)
    assert client_of(other).get(f"/tenders/{tender.id}/").status_code == 404
    bid(tender, top, first, now)
    later = now + timedelta(hours=6)
    assert len(selectors.untold_invitations(now=later)) == 2
    bid(tender, other, second, later)


@pytest.mark.django_db
def test_quotas_are_policy_and_count_by_month(now):
    buyer, (shop,), (listing,) = scene(now, 1)
    operator = world.person(now, is_operator=True)
    values = replace(BidPolicyValues(), bids_per_month=1, edits_per_bid=1)
    with pytest.raises(NotAllowed):
        services.set_bid_policy(values=values, reason="Fewer.", actor=buyer.actor, now=now)
    with pytest.raises(InvalidInput):
        services.set_bid_policy(values=values, reason=" ", actor=operator.actor, now=now)
    services.set_bid_policy(values=values, reason="Fewer.", actor=operator.actor, now=now)
    first, second = told(buyer, now), told(buyer, now, days=30)
    made = bid(first, shop, listing, now)
    with pytest.raises(QuotaUsedUp):
        bid(second, shop, listing, now)
    offer = OfferInput(5, Money(3900, EUR), made.quote.offers.get().service_code)
    quotes.make_offer(quote_id=made.quote_id, offer=offer, actor=shop.actor, now=now)
    with pytest.raises(InvalidInput):
        quotes.make_offer(quote_id=made.quote_id, offer=offer, actor=shop.actor, now=now)
    quotes.make_offer(quote_id=made.quote_id, offer=offer, actor=buyer.actor, now=now)
    quotes.make_offer(quote_id=made.quote_id, offer=offer, actor=shop.actor, now=now)
    assert selectors.policy_at(now - timedelta(days=1)) == BidPolicyValues()
    april = now.replace(month=4, day=1)
    bid(told(buyer, april), shop, listing, april)


@pytest.mark.django_db
def test_bad_needs_files_and_too_many(now, monkeypatch, settings):
    buyer, _shops, _listings = scene(now, 1)
    for changes in ({"category_code": "nothing"}, {"category_code": "soap"}, {"quantity": 0},
                    {"address": replace(world.VALENCIA, postcode="1")}):  # fmt: skip
        with pytest.raises(InvalidInput):
            told(buyer, now, **changes)
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20)).save(buffer, "PNG")
    good, bad = SimpleUploadedFile("a.png", buffer.getvalue()), SimpleUploadedFile("b.png", b"<html>")
    with pytest.raises(BadUpload):
        services.publish_tender(need=NEED, currency=EUR, uploads=[good, bad], actor=buyer.actor, now=now)
    assert list((settings.MEDIA_ROOT / "tenders").iterdir()) == []
    made = services.publish_tender(need=NEED, currency=EUR, uploads=[good], actor=buyer.actor, now=now)
    page = f"/tenders/{made.id}/files/{TenderFile.objects.get().id}/"
    assert client_of(buyer).get(page)["Content-Disposition"].startswith("attachment")
    assert client_of(world.person(now)).get(page).status_code == 404
    assert Client().get(page).status_code == 302
    monkeypatch.setattr(services, "MAX_OPEN", 1)
    with pytest.raises(InvalidInput):
        told(buyer, now)


@pytest.mark.django_db
def test_nobody_chose_in_time(now):
    buyer, (shop,), (listing,) = scene(now, 1)
    tender = told(buyer, now)
    bid(tender, shop, listing, now)
    over = now + timedelta(days=21)
    assert selectors.due_tenders(now=over - timedelta(seconds=1)) == []
    assert not services.expire_tender(tender_id=tender.id, now=now)
    assert selectors.due_tenders(now=over) == [tender.id]
    assert services.expire_tender(tender_id=tender.id, now=over)
    assert expire_tenders_task() == 0
    assert Tender.objects.get().state == "EXPIRED"


@pytest.mark.django_db
def test_pages(now, monkeypatch):
    monkeypatch.setattr("marketplace.tenders.views.utc_now", lambda: now)
    monkeypatch.setattr("marketplace.quotes.views.utc_now", lambda: now)
    buyer, shops, listings = scene(now, 2)
    buying, selling = client_of(buyer), client_of(shops[0])
    typed = {"title": "Fifty cloths", "category_code": "table-linen", "quantity": "5", "need": "White.", "target": "40",
             "days": "7", "name": "Ana", "street": "Calle 1", "postcode": "46003", "city": "Valencia", "country": "ES"}  # fmt: skip
    assert buying.get("/tenders/new/?q=cloth").status_code == 200
    for change in ({"quantity": "0"}, {"category_code": "x"}, {"postcode": "1"}, {"target": "-4"}):
        assert buying.post("/tenders/new/", {**typed, **change}).status_code == 422, change
    assert buying.post("/tenders/new/", typed).status_code == 302
    tender = Tender.objects.get()
    here = f"/tenders/{tender.id}/"
    assert "2 sellers were asked" in buying.get(here).content.decode()
    assert "Fifty cloths" in selling.get("/sell/tenders/").content.decode()
    assert "20 answers left" in selling.get("/sell/tenders/").content.decode()
    code = services_for(listing=listings[0], quantity=5, address=world.VALENCIA, handling_days=1, now=now)[
        0
    ].service_code
    said = {
        "listing_id": str(listings[0].id),
        "quantity": "5",
        "unit_price": "38",
        "service_code": code,
        "valid_days": "6",
    }
    assert "Your quote" in selling.get(here).content.decode()
    assert selling.post(here, {**said, "listing_id": str(listings[1].id)}).status_code == 422
    assert selling.post(here, {**said, "unit_price": "x"}).status_code == 422
    answer = selling.post(here, said)
    assert answer.headers["Location"] == f"/quotes/{Quote.objects.get().id}/"
    assert "You have answered" in selling.get(here).content.decode()
    bid(tender, shops[1], listings[1], now)
    page = buying.get(here).content.decode()
    assert "Telares 0" in page
    assert "Telares 1" in page
    quote = Quote.objects.get(seller_id=shops[0].organisation_id)
    for bad in ("", "1", "x"):
        assert buying.post(f"{here}choices/{quote.id}/", {"total": bad}).headers["Location"] == here
    total = str(quote.offers.get().total.minor)
    assert client_of(shops[1]).post(f"{here}choices/{quote.id}/", {"total": total}).status_code == 404
    answer = buying.post(f"{here}choices/{quote.id}/", {"total": total})
    assert answer.headers["Location"] == f"/purchases/{Purchase.objects.get().id}/payment/"
    assert buying.get(here).status_code == 200
    assert selling.get(here).status_code == 200
    assert "Fifty cloths" in buying.get("/tenders/").content.decode()
    buying.post("/tenders/new/", typed)
    other = Tender.objects.exclude(id=tender.id).get()
    assert buying.post(f"/tenders/{other.id}/closing/").status_code == 302
    operator = client_of(world.person(now, is_operator=True))
    assert operator.get("/admin/marketplace/bidpolicy/add/").status_code == 200
    policy = {"bids_per_month": 5, "edits_per_bid": 2, "reserved_hours": 1, "top_rating_hundredths": 450,
              "top_orders": 10, "reason": "Fewer."}  # fmt: skip
    assert operator.post("/admin/marketplace/bidpolicy/add/", policy).status_code == 302
    assert operator.get(f"/admin/marketplace/tender/{tender.id}/change/").status_code == 200
    assert selectors.policy_at(now).bids_per_month in {5, 20}


@pytest.mark.django_db
def test_the_api(now, monkeypatch):
    monkeypatch.setattr("marketplace.tenders.api.utc_now", lambda: now)
    buyer, shops, listings = scene(now, 2)
    buying, selling = client_of(buyer), client_of(shops[0])

    def post(client, path, body):
        return client.post(
            f"/api/v1/tenders/{path}", body, content_type="application/json", headers={"Idempotency-Key": str(uuid4())}
        )

    address = {"name": "Ana", "street": "Calle 1", "city": "Valencia", "postcode": "46003", "country": "ES"}
    body = {"category_code": "table-linen", "title": "Fifty cloths", "need": "White.", "quantity": 5, "days": 7,
            "address": address}  # fmt: skip
    assert post(buying, "", {**body, "days": 99}).status_code in {400, 422}
    made = post(buying, "", body).json()
    here = f"{made['id']}/"
    seen = selling.get("/api/v1/tenders/?role=seller").json()["results"][0]
    assert seen["title"] == "Fifty cloths"
    assert "Calle 1" not in str(seen)
    code = services_for(listing=listings[0], quantity=5, address=world.VALENCIA, handling_days=1, now=now)[
        0
    ].service_code
    said = {"listing_id": str(listings[0].id), "quantity": 5, "unit_price": {"minor": 4000, "currency": EUR},
            "service_code": code, "shipping": {"minor": 0, "currency": EUR}}  # fmt: skip
    quote_id = post(selling, f"{here}bids/", said).json()["quote_id"]
    assert selling.get(f"/api/v1/tenders/{here}bids/").status_code == 404, "others' answers are the buyer's to see"
    answers = buying.get(f"/api/v1/tenders/{here}bids/").json()
    assert (answers[0]["quote_id"], answers[0]["offer"]["total"]["minor"]) == (quote_id, 20_000)
    choice = {"quote_id": quote_id, "total": {"minor": 20_000, "currency": EUR}}
    assert post(selling, f"{here}choice/", choice).status_code == 404
    assert post(buying, f"{here}choice/", choice).json()["purchase_id"] == str(Purchase.objects.get().id)
    assert post(buying, f"{here}closing/", {"reason": ""}).status_code == 409
    assert buying.get(f"/api/v1/tenders/{here}").json()["tender_state"] == "AWARDED"


@pytest.mark.django_db
def test_pages_cost_the_same_whatever_their_length(now, monkeypatch):
    monkeypatch.setattr("marketplace.tenders.views.utc_now", lambda: now)
    buyer, shops, listings = scene(now, 5)
    tender = told(buyer, now)
    buying, selling = client_of(buyer), client_of(shops[0])
    bid(tender, shops[0], listings[0], now)
    pages = ((buying, f"/tenders/{tender.id}/"), (buying, "/tenders/"), (selling, "/sell/tenders/"))

    def counted():
        figures = {}
        for client, path in pages:
            client.get(path)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            figures[path] = len(queries)
        return figures

    few = counted()
    for shop, listing in zip(shops[1:], listings[1:], strict=True):
        bid(tender, shop, listing, now)
        told(buyer, now)
    assert counted() == few

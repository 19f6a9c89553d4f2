"""The REST API: from a profile to a released order, replays, filters, field errors, and the schema."""

import io
import json
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client
from PIL import Image

from core.clock import utc_now
from marketplace.orders.models import Order, Purchase
from tests import world

ADDRESS = {"name": "Ana", "street": "Calle Mayor 1", "city": "Valencia", "postcode": "46003", "country": "ES"}
LISTING = {
    "category_code": "table-linen", "title": "Linen runner, 40 x 140", "description": "Washed linen.",
    "price": {"minor": 2900, "currency": "EUR"}, "stock": 4, "weight_grams": 300, "length_mm": 300, "width_mm": 200,
    "height_mm": 30, "attributes": {"material": "linen", "colour": "white"},
}  # fmt: skip
PROFILE = {
    "name": "Telar Nuevo", "slug": "telar-nuevo", "legal_name": "Telar Nuevo SL", "registration_number": "B1",
    "street": "Calle 1", "city": "Valencia", "postcode": "46001", "country": "ES",
}  # fmt: skip


class Api:
    """A member's session on the API; speaks JSON."""

    def __init__(self, user=None):
        self.client = Client()
        if user is not None:
            self.client.force_login(user)

    def __call__(self, method, path, body=None, *, key=None, status=200):
        extra = {"headers": {"Idempotency-Key": key}} if key else {}
        data = {"data": json.dumps(body if body is not None else {}), "content_type": "application/json"}
        answer = getattr(self.client, method)(f"/api/v1/{path}", **({} if method == "get" else data), **extra)
        assert answer.status_code == status, (answer.status_code, answer.content[:600])
        return answer.json()


def fields(problem):
    return {error["field"] for error in problem["errors"]}


def test_a_purchase_from_cart_to_release(real_database, now):
    seller, buyer = world.open_seller(now), world.person(now)
    sell, buy = Api(seller.user), Api(buyer.user)
    listing = sell("post", "listings/", LISTING, status=201)
    assert listing["listing_state"] == "DRAFT"
    Api()("get", f"listings/{listing['id']}/", status=404)
    sell("post", f"listings/{listing['id']}/publication/")
    assert Api()("get", f"listings/{listing['id']}/")["price"] == {"minor": 2900, "currency": "EUR"}
    changed = sell("put", f"listings/{listing['id']}/", LISTING | {"stock": 3})
    assert (changed["on_hand"], changed["version"]) == (3, 1)

    cart = buy("put", f"cart/lines/{listing['id']}/", {"quantity": 2})
    assert cart["goods"] == {"minor": 5800, "currency": "EUR"}
    quotes = buy("post", "cart/quotes/", {"address": ADDRESS})
    (offer,) = quotes["sellers"]
    delivery = {offer["seller_id"]: offer["options"][0]["service_code"]}
    body = {"address": ADDRESS, "delivery": delivery, "expected_total": quotes["landed_total"]}
    key = str(uuid4())
    first = buy("post", "purchases/", body, key=key, status=201)
    assert buy("post", "purchases/", body, key=key, status=201)["id"] == first["id"]
    other = buy("post", "purchases/", body | {"expected_total": None}, key=key, status=422)
    assert other["code"] == "idempotency_key_reused"
    buy("post", "purchases/", body, status=422)  # no key
    assert Purchase.objects.count() == 1

    pay = f"purchases/{first['id']}/payment/"
    buy("post", pay, {"method_token": "tok_approve"}, status=422)
    declined = str(uuid4())
    assert buy("post", pay, {"method_token": "tok_decline"}, key=declined)["charge_state"] == "FAILED"
    assert buy("post", pay, {"method_token": "tok_decline"}, key=declined)["charge_state"] == "FAILED"
    buy("post", pay, {"method_token": "tok_approve"}, key=declined, status=422)  # other content
    paid = str(uuid4())
    assert buy("post", pay, {"method_token": "tok_approve"}, key=paid)["charge_state"] == "CAPTURED"
    assert buy("post", pay, {"method_token": "tok_approve"}, key=paid)["charge_state"] == "CAPTURED"
    assert buy("get", f"purchases/{first['id']}/")["charge"]["charge_state"] == "CAPTURED"
    assert len(buy("get", "purchases/")["results"]) == 1

    (sold,) = sell("get", "orders/?role=seller&state=PAID")["results"]
    assert sell("get", "orders/?role=buyer")["results"] == []
    order = f"orders/{sold['id']}/"
    sell("post", order + "shipment/", status=422)
    label = sell("post", order + "shipment/", key=str(uuid4()))
    again = sell("post", order + "shipment/", key=str(uuid4()))
    assert label["parcel"]["shipment_id"] == again["parcel"]["shipment_id"]
    sell("post", order + "hand-over/", key=str(uuid4()))
    sell("post", order + "hand-over/", key=str(uuid4()))
    world.ship(seller, Order.objects.get(id=sold["id"]), utc_now())  # the API reads the clock
    buy("post", order + "extension/", key=str(uuid4()))
    key = str(uuid4())
    done = buy("post", order + "receipt/", key=key)
    assert (done["order_state"], done["escrow"]["held"]["minor"]) == ("COMPLETED", 0)
    assert buy("post", order + "receipt/", key=key) == done
    buy("post", order + "cancellation/", {"reason": "late"}, key=str(uuid4()), status=409)


@pytest.mark.django_db
def test_the_way_to_a_shop(now):
    person = world.person(now)
    api = Api(person.user)
    api("get", "seller/", status=404)
    assert fields(api("put", "seller/", PROFILE | {"handling_days": -1, "country": "XX"}, status=422)) == {
        "handling_days", "country",
    }  # fmt: skip
    assert api("put", "seller/", PROFILE)["seller_state"] == "DRAFT"
    assert fields(Api(world.person(now).user)("put", "seller/", PROFILE, status=422)) == {"slug"}
    api("post", "seller/shop-opening/", status=403)
    assert api("post", "seller/submission/")["seller_state"] == "SUBMITTED"
    api("post", "seller/submission/", status=409)
    refused = api("put", "seller/", PROFILE | {"legal_name": "Another SL"}, status=422)
    assert fields(refused) == {"legal_name"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"price": {"minor": 12.5, "currency": "EUR"}}, "price.minor"),
        ({"price": {"minor": 1200, "currency": "XXX"}}, "price.currency"),
        ({"price": {"minor": 1200, "currency": "USD"}}, "price"), ({"price": {"minor": 0, "currency": "EUR"}}, "price"),
        ({"price": {"minor": 10**17, "currency": "EUR"}}, "price"), ({"stock": -1}, "stock"),
        ({"stock": "many"}, "stock"), ({"weight_grams": 0}, "weight_grams"), ({"title": "x"}, "title"),
        ({"gtin": "4006381333932"}, "gtin"), ({"category_code": "nothing"}, "category"),
        ({"attributes": {"material": "linen", "colour": "plaid"}}, "attributes.colour"),
    ],
)  # fmt: skip
def test_wrong_values_name_their_field(now, wrong, field):
    api = Api(world.open_seller(now).user)
    assert fields(api("post", "listings/", LISTING | wrong, status=422)) == {field}


@pytest.mark.django_db
def test_wrong_values_on_the_page(now):
    seller = world.open_seller(now)
    client = Api(seller.user).client
    draft = world.catalog.create_listing(listing=world.listing_input(), actor=seller.actor, now=now)
    typed = {
        "category_code": "table-linen", "title": "Linen runner", "description": "Linen.", "price": "12.345",
        "stock": "-3", "condition": "NEW", "weight_grams": "0", "length_mm": "1", "width_mm": "1", "height_mm": "1",
        "handling_days": "1", "attribute_material": "linen", "attribute_colour": "white",
    }  # fmt: skip
    page = client.post(f"/sell/listings/{draft.id}/", typed)
    assert set(page.context["form"].errors) == {"price", "stock", "weight_grams"}
    draft.refresh_from_db()
    assert draft.price_minor == 4800
    found = client.get("/search/?price_from=1,234")
    assert "price_from" in found.context["errors"]
    assert fields(Api()("get", "search/?price_from=abc", status=422)) == {"price_from"}


@pytest.mark.django_db
def test_uploads_are_judged_by_content(now):
    seller = world.open_seller(now)
    listing = world.published(seller, now)
    client = Api(seller.user).client
    url = f"/api/v1/listings/{listing.id}/photos/"
    for name, content in (("a.png", b"<svg onload=alert(1)>"), ("a.jpg", b"\xff\xd8\xff broken"), ("a.png", b"")):
        file = io.BytesIO(content)
        file.name = name
        assert client.post(url, {"photo": file}).status_code == 422
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(buffer, "GIF")
    buffer.seek(0)
    buffer.name = "a.png"
    assert client.post(url, {"photo": buffer}).status_code == 422
    good = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(good, "JPEG")
    good.seek(0)
    good.name = "a.jpg"
    made = client.post(url, {"photo": good, "alt": "Teal"})
    assert made.status_code == 201
    assert set(made.json()["urls"]) == {"s", "m", "l"}


@pytest.mark.django_db
def test_tokens_need_the_scope(now):
    from core.identity.services import issue_token

    seller = world.open_seller(now)
    _token, plain = issue_token(actor=seller.actor, name="reader", scopes=["catalog:read"], now=now)
    client = Client(headers={"Authorization": f"Bearer {plain}"})
    assert client.get("/api/v1/listings/").status_code == 200
    assert client.post("/api/v1/listings/", data="{}", content_type="application/json").status_code == 403
    assert client.get("/api/v1/orders/").status_code == 403
    assert client.get("/api/v1/search/").status_code == 200


def test_the_schema_generates_without_a_warning(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))

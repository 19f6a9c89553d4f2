"""Pages and REST: owners see their parcels, strangers nothing, the public page nothing private."""

import pytest

from core.actor import Role
from core.identity.services import create_person, issue_token
from core.ids import new_id
from logistics import facade
from tests.factories.logistics import booked_shipment, handed_over_shipment, member

pytestmark = pytest.mark.django_db
SCOPES = ["shipping:read", "shipping:write"]


@pytest.fixture
def people(now):
    return {
        name: create_person(
            email=f"{name}@example.com", password="a long password", name=name.title(), country="ES", currency="EUR",
            now=now, is_operator=name == "operator",
        )
        for name in ("seller", "buyer", "stranger", "operator")
    }  # fmt: skip


@pytest.fixture
def shipment(people, now):
    return handed_over_shipment(now=now, seller_id=people["seller"][1].id, buyer_id=people["buyer"][1].id)


def token(people, name, now, scopes=SCOPES):
    user, organisation = people[name]
    actor = member(organisation.id, user_id=user.id)
    return {"Authorization": f"Bearer {issue_token(actor=actor, name='t', scopes=scopes, now=now)[1]}"}


@pytest.mark.parametrize(
    ("page", "allowed"),
    [("label.pdf", {"seller"}), ("timeline/", {"seller", "buyer", "operator"})],
)
def test_pages_show_parcels_to_their_parties_alone(client, people, shipment, page, allowed):
    url = f"/shipments/{shipment.shipment_id}/{page}"
    assert client.get(url).status_code == 302
    for name, (user, _) in people.items():
        client.force_login(user)
        answer = client.get(url, headers={"HX-Request": "true"})
        assert answer.status_code == (200 if name in allowed else 404), name
    assert client.get(f"/shipments/{new_id()}/{page}").status_code == 404


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("", {"seller", "buyer"}), ("label/", {"seller"}), ("tracking/", {"seller", "buyer"})],
)
def test_the_api_shows_parcels_to_their_parties_alone(client, people, shipment, now, path, allowed):
    url = f"/api/v1/shipping/shipments/{shipment.shipment_id}/{path}"
    assert client.get(url).status_code == 401
    for name in ("seller", "buyer", "stranger"):
        answer = client.get(url, headers=token(people, name, now))
        assert answer.status_code == (200 if name in allowed else 404), name
    assert client.get(url, headers=token(people, "seller", now, ["catalog:read"])).status_code == 403


def test_handing_over_by_the_api_needs_a_key_and_happens_once(client, people, now):
    shipment = booked_shipment(now=now, seller_id=people["seller"][1].id, buyer_id=people["buyer"][1].id)
    url = f"/api/v1/shipping/shipments/{shipment.shipment_id}/hand-over/"
    seller = token(people, "seller", now)
    assert client.post(url, headers=seller).status_code == 422
    for name in ("buyer", "stranger"):
        headers = {**token(people, name, now), "Idempotency-Key": "k"}
        assert client.post(url, headers=headers).status_code == 404
    first = client.post(url, headers={**seller, "Idempotency-Key": "k1"})
    again = client.post(url, headers={**seller, "Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert facade.get_shipment(shipment.shipment_id).handed_over_at is not None


def test_quotes_by_the_api(client, people, now):
    url = "/api/v1/shipping/quotes/"
    body = {"origin": {"country": "ES"}, "destination": {"country": "JP"}, "parcel": {"weight_grams": 800}}
    assert client.post(url, body, content_type="application/json").status_code == 401
    headers = token(people, "buyer", now)
    answer = client.post(url, body, content_type="application/json", headers=headers).json()
    prices = [quote["price"]["minor"] for quote in answer["quotes"]]
    assert prices == sorted(prices)
    assert {item["reason"] for item in answer["rejected"]} == {"LANE_NOT_SERVED", "HUBS_ONLY", "NO_BETTER_ROUTE"}
    wrong = client.post(url, {**body, "currency": "XXX"}, content_type="application/json", headers=headers)
    assert wrong.status_code == 422


def test_the_public_page_reveals_nothing_private(client, people, shipment, now):
    from datetime import timedelta

    for step in range(40):
        facade.simulate_sandbox(now=now + timedelta(hours=12 * step))
    page = client.get(f"/track/{shipment.tracking_number.lower()}/")
    assert page.status_code == 200
    text = page.content.decode()
    assert shipment.tracking_number in text
    for secret in ("Ana", "Prueba", "Augusta", "1100-053", "911", "Luna", "Calle", str(shipment.order_id), "Ceramic"):
        assert secret not in text
    assert client.get("/track/LA000000000XL/").status_code == 404
    assert client.get("/track/", {"number": shipment.tracking_number}).status_code == 302
    assert client.get("/track/").status_code == 200


def test_the_timeline_takes_a_constant_number_of_queries(people, shipment, now, django_assert_max_num_queries):
    from datetime import timedelta

    facade.simulate_sandbox(now=now + timedelta(days=30))
    with django_assert_max_num_queries(2):
        assert len(facade.timeline(shipment.shipment_id)) > 3


def test_the_admin_lists_open(client, people, shipment):
    client.force_login(people["operator"][0])
    names = (
        "carrier", "service", "ratesheet", "rate", "holiday", "shipment", "trackingevent", "codemapping",
        "webhookmessage",
    )  # fmt: skip
    for name in names:
        assert client.get(f"/admin/logistics/{name}/").status_code == 200, name
    assert client.get(f"/admin/logistics/shipment/{shipment.shipment_id}/change/").status_code == 200


def test_the_openapi_schema_describes_shipping(client, people):
    assert Role.OWNER
    client.force_login(people["seller"][0])
    schema = client.get("/api/v1/schema/", {"format": "json"})
    assert schema.status_code == 200
    assert b"shipping_hand_over" in schema.content

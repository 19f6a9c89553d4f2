"""The address book: kept at checkout, shown to nobody else, emptied by its owner."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from marketplace.addresses.models import SavedAddress
from marketplace.addresses.services import remember_address
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(now):
    buyer = world.person(now)
    remember_address(organisation_id=buyer.organisation_id, address=world.VALENCIA, now=now)
    client = Client()
    client.force_login(buyer.user)
    return client, SavedAddress.objects.get()


def test_an_address_is_deleted_after_asking(book):
    client, address = book
    page = f"/account/addresses/{address.id}/removal/"
    assert "Calle Mayor 1" in client.get("/account/addresses/").content.decode()
    assert client.get(page).status_code == 200
    assert SavedAddress.objects.exists(), "looking deletes nothing"
    assert client.post(page).status_code == 302
    assert not SavedAddress.objects.exists()
    assert client.post(page).status_code == 404


def test_strangers_neither_see_nor_delete_it(book, now):
    _client, address = book
    stranger = Client()
    stranger.force_login(world.person(now).user)
    assert "Calle Mayor 1" not in stranger.get("/account/addresses/").content.decode()
    assert stranger.post(f"/account/addresses/{address.id}/removal/").status_code == 404
    assert stranger.delete(f"/api/v1/addresses/{address.id}/").status_code == 404
    assert stranger.get("/api/v1/addresses/").json() == []
    assert SavedAddress.objects.exists()


def test_the_api_lists_and_deletes(book):
    client, address = book
    assert client.get("/api/v1/addresses/").json()[0]["street"] == "Calle Mayor 1"
    assert client.delete(f"/api/v1/addresses/{address.id}/").status_code == 204
    assert not SavedAddress.objects.exists()


LISBON = {"country": "PT", "name": "Ana", "street": "Rua 1", "city": "Lisboa", "postcode": "1250096"}


def test_the_form_is_that_of_the_country_and_keeps_what_was_typed(book):
    client, _address = book
    page = client.post("/account/addresses/new/", {**LISBON, "country": "BR", "change_country": "1"})
    text = page.content.decode()
    assert page.status_code == 200
    assert 'name="district"' in text
    assert 'value="Rua 1"' in text
    assert "Amazonas" in text
    assert SavedAddress.objects.count() == 1
    part = client.post(
        "/account/addresses/new/", {"country": "JP", "change_country": "1"}, headers={"HX-Request": "true"}
    )
    assert part.content.startswith(b'<div id="address-fields"')
    assert 'name="region"' not in client.post("/account/addresses/new/", LISBON | {"city": ""}).content.decode()


def test_an_entry_is_added_and_changed(book):
    client, _address = book
    assert client.post("/account/addresses/new/", LISBON).status_code == 302
    made = SavedAddress.objects.get(country="PT")
    assert made.postcode == "1250-096"
    page = f"/account/addresses/{made.id}/"
    wrong = client.post(page, LISBON | {"postcode": "12"})
    assert wrong.status_code == 422
    assert "1250" not in SavedAddress.objects.get(id=made.id).street
    assert "2725-079" in wrong.content.decode(), "the refusal shows what one looks like"
    assert client.post(page, LISBON | {"street": "Rua 2"}).status_code == 302
    made.refresh_from_db()
    assert made.street == "Rua 2"


def test_an_address_of_before_the_rules_is_still_chosen_at_checkout(book, now):
    client, address = book
    seller = world.open_seller(now)
    buyer_id = address.organisation_id
    client.post("/cart/lines/", {"listing": str(world.published(seller, now).id), "quantity": "1"})
    assert address.region == ""
    assert client.post("/checkout/", {"address": str(address.id)}).status_code == 302
    assert client.session["ship_to"]["street"] == "Calle Mayor 1"
    SavedAddress.objects.filter(organisation_id=buyer_id).update(postcode="99999")
    page = client.post("/checkout/", {"address": str(address.id)})
    assert page.status_code == 200
    assert "does not fit the country" in page.content.decode()
    assert client.post("/checkout/", {"address": "x"}).status_code == 404


def test_strangers_do_not_change_it(book, now):
    _client, address = book
    stranger = Client()
    stranger.force_login(world.person(now).user)
    assert stranger.post(f"/account/addresses/{address.id}/", LISBON).status_code == 404
    answer = stranger.put(f"/api/v1/addresses/{address.id}/", LISBON, content_type="application/json")
    assert answer.status_code == 404
    address.refresh_from_db()
    assert address.country == "ES"


def test_the_api_adds_changes_and_says_how_countries_write(book):
    client, _address = book
    made = client.post("/api/v1/addresses/", LISBON, content_type="application/json")
    assert made.status_code == 201
    url = f"/api/v1/addresses/{made.json()['id']}/"
    assert client.put(url, LISBON | {"city": "Porto"}, content_type="application/json").json()["city"] == "Porto"
    refused = client.put(url, LISBON | {"postcode": "1"}, content_type="application/json")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "postcode")
    spain = Client().get("/api/v1/address-formats/ES/").json()
    assert spain["parts"][-1] == "region"
    assert {"value": "Valencia", "name": "Valencia"} in spain["regions"]
    assert Client().get("/api/v1/address-formats/XX/").status_code == 404


def test_the_book_is_bounded(book, now):
    client, address = book
    for number in range(19):
        remember_address(
            organisation_id=address.organisation_id, address=replace(world.VALENCIA, street=f"Calle {number}"), now=now
        )
    assert "full" in client.post("/account/addresses/new/", LISBON).content.decode()

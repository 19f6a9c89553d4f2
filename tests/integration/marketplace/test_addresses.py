"""The address book: kept at checkout, shown to nobody else, emptied by its owner."""

from __future__ import annotations

import pytest
from django.test import Client

from marketplace.carts.models import SavedAddress
from marketplace.carts.services import remember_address
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

"""Sellers who are paid by Stripe answer Stripe's questions on Stripe's page; we keep how they stand, not what they said."""

from __future__ import annotations

import pytest
from django.test import Client

from core.actor import Role
from core.errors import InvalidInput, NotAllowed, NotFound
from payments import facade
from payments.contracts import ProviderUnavailable
from payments.payouts.models import PayoutRecipient
from payments.payouts.onboarding import ask_provider, find_recipient
from payments.providers.port import RecipientState
from tests import world
from tests.factories.payments import IBAN, member
from tests.integration.payments.test_stripe import receive, wire

pytestmark = pytest.mark.django_db
__all__ = ["wire"]
DUE = {"currently_due": ["individual.id_number"], "disabled_reason": "requirements.past_due"}
READY = {
    "capabilities": {"transfers": "active"},
    "payouts_enabled": True,
    "details_submitted": True,
    "requirements": {},
}


@pytest.fixture
def seller(now):
    person = world.person(now)
    facade.set_payout_destination(
        seller_id=person.organisation_id, holder="Telares Ruiz", iban=IBAN, actor=person.actor, now=now
    )
    return person


def ask(seller, now, return_url="https://lonja.example/back/"):
    return ask_provider(
        seller_id=seller.organisation_id, currency="EUR", return_url=return_url, actor=seller.actor, now=now
    )


def test_the_sandbox_asks_nobody_anything(seller, now):
    assert ask(seller, now).state is RecipientState.READY


def test_a_seller_is_sent_to_stripe_and_is_ready_when_stripe_says_so(wire, seller, now):
    asked = ask(seller, now)
    assert asked.state is RecipientState.NEEDED
    assert asked.url.startswith("https://connect.stripe.com/")
    (account,) = wire.of_kind("account")
    account.update(READY)
    assert ask(seller, now, return_url="").state is RecipientState.READY
    assert find_recipient(seller.organisation_id).state == "READY"
    assert len(wire.of_kind("account")) == 1, "the account of the payouts, not another one"


def test_news_from_stripe_change_how_the_seller_stands(wire, seller, now):
    ask(seller, now)
    (account,) = wire.of_kind("account")
    before = dict(account)
    account.update(READY)
    receive("account.updated", dict(account), now, event_id="evt_ready")
    assert find_recipient(seller.organisation_id).state == "READY"
    receive("account.updated", before, now, event_id="evt_older")  # overtaken on its way: how it stands now counts
    assert find_recipient(seller.organisation_id).state == "READY"
    account.update(requirements=DUE)
    receive("account.updated", dict(account), now, event_id="evt_due")
    kept = find_recipient(seller.organisation_id)
    assert (kept.state, kept.missing) == ("NEEDED", ["individual.id_number"])
    assert receive("account.updated", {"id": "acct_somebody_else", "object": "account"}, now, event_id="evt_x") == 0
    assert PayoutRecipient.objects.count() == 1


def test_what_is_submitted_and_not_checked_yet_is_in_review(wire, seller, now):
    ask(seller, now)
    wire.of_kind("account")[0].update(details_submitted=True, requirements={"pending_verification": ["id"]})
    assert ask(seller, now).state is RecipientState.IN_REVIEW


def test_no_answer_changes_nothing(wire, seller, now):
    wire.faults = ["before"] * 3
    with pytest.raises(ProviderUnavailable):
        ask(seller, now)
    assert not PayoutRecipient.objects.exists()


def test_only_owners_with_a_bank_account_are_asked(seller, now):
    other = world.person(now)
    with pytest.raises(InvalidInput):
        ask(other, now)
    for actor, error in ((other.actor, NotFound), (member(seller.organisation_id, Role.STAFF), NotAllowed)):
        with pytest.raises(error):
            ask_provider(seller_id=seller.organisation_id, currency="EUR", return_url="", actor=actor, now=now)


def test_the_page_and_the_api(wire, seller, now):
    client = Client()
    client.force_login(seller.user)
    page = client.get("/seller/money/").content.decode()
    assert "Tell Stripe who you are" in page
    sent = client.post("/seller/money/onboarding/")
    assert sent.url.startswith("https://connect.stripe.com/")
    wire.of_kind("account")[0].update(READY)
    assert client.get("/seller/money/onboarding/").url == "/seller/money/"
    assert "Checked by Stripe" in client.get("/seller/money/").content.decode()
    answer = client.post(
        "/api/v1/payments/onboarding/", {"return_url": "https://shop.example/"}, content_type="application/json"
    )
    assert answer.json() == {"recipient_state": "READY", "url": "", "missing": []}
    stranger = Client()
    stranger.force_login(world.person(now).user)
    assert "Stripe" not in stranger.get("/seller/money/").content.decode()

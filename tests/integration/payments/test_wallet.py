"""Kept cards: consent, one press, default, forgetting, and that they are nobody else's."""

import pytest
from django.test import Client

from core.clock import utc_now
from payments import facade
from payments.charges.models import Charge
from payments.contracts import ChargeState, SavedMethodNotFound
from payments.providers.models import SandboxIntent, SandboxMethod
from payments.wallet import services
from payments.wallet.models import SavedMethod
from tests import world
from tests.factories.payments import deliver_webhooks, member, open_purchase, submit

pytestmark = pytest.mark.django_db
CARD = {"number": "4242 4242 4242 4242", "expiry": "12/40", "code": "123"}


def bought(buyer, now):
    """An unpaid purchase of this buyer."""
    p = open_purchase(now)
    Charge.objects.filter(id=p.charge_id).update(buyer_id=buyer.organisation_id)
    p.buyer = buyer
    return p


def hosted(p, now, number="4242424242424242", keep=True):
    """Pay on the sandbox's page, then come back."""
    view = submit(p, now, None)
    typed = CARD | {"number": number} | ({"keep": "on"} if keep else {})
    Client().post("/" + view.redirect_url.split("/", 3)[3], typed)
    intent = SandboxIntent.objects.get(idempotency_key=str(p.charge_id))
    if intent.status == "CHALLENGE":
        Client().post(f"/sandbox/pay/{intent.id}/challenge/", {"answer": "approve"})
    return facade.refresh_charge(charge_id=p.charge_id, now=now)


def kept(buyer, now, number="4242424242424242"):
    hosted(bought(buyer, now), now, number)
    return SavedMethod.objects.filter(buyer_id=buyer.organisation_id, forgotten_at=None).latest("kept_at", "id")


def one_press(p, method, now):
    return facade.submit_charge(
        charge_id=p.charge_id, method_token=None, saved_method_id=method.id, return_url="/", actor=p.buyer, now=now
    )


def test_a_card_is_kept_only_when_asked_and_once(now):
    p = open_purchase(now)
    hosted(p, now, keep=False)
    assert not SavedMethod.objects.exists()
    again = bought(p.buyer, now)
    hosted(again, now)
    deliver_webhooks(now)
    (method,) = facade.list_saved_methods(buyer_id=p.buyer.organisation_id, now=now)
    assert (method.name, method.is_default, method.expired) == ("Visa •••• 4242", True, False)
    hosted(bought(p.buyer, now), now)
    assert len(facade.list_saved_methods(buyer_id=p.buyer.organisation_id, now=now)) == 1


def test_the_webhook_alone_keeps_the_card(now):
    p = open_purchase(now)
    view = submit(p, now, None)
    Client().post("/" + view.redirect_url.split("/", 3)[3], CARD | {"keep": "on"})
    deliver_webhooks(utc_now())  # the hosted page reads the real clock
    assert SavedMethod.objects.get().charge_id == p.charge_id


def test_a_declined_card_is_not_kept(now):
    hosted(open_purchase(now), now, "4000000000000002")
    assert not SavedMethod.objects.exists()
    assert not SandboxMethod.objects.exists()


def test_one_press_pays_and_a_challenge_is_still_asked(now):
    buyer = member(open_purchase(now).buyer.organisation_id)
    assert one_press(bought(buyer, now), kept(buyer, now), now).state is ChargeState.CAPTURED
    asks = kept(buyer, now, "4000000000003220")
    view = one_press(bought(buyer, now), asks, now)
    assert view.state is ChargeState.REQUIRES_ACTION
    assert view.redirect_url.endswith("/challenge/")


def test_another_buyers_card_pays_nothing(now):
    mine, theirs = open_purchase(now), open_purchase(now)
    method = kept(theirs.buyer, now)
    with pytest.raises(SavedMethodNotFound):
        one_press(mine, method, now)
    for act in (services.forget_method, services.change_method):
        with pytest.raises(SavedMethodNotFound):
            act(method_id=method.id, actor=mine.buyer, now=now)
    assert facade.get_charge(mine.charge_id).state is ChargeState.CREATED


def test_forgetting_reaches_the_network_and_leaves_nothing(now):
    buyer = open_purchase(now).buyer
    first, second = kept(buyer, now), kept(buyer, now, "4000000000003220")
    services.forget_method(method_id=first.id, actor=buyer, now=now)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.last4, first.brand, first.fingerprint) == ("", "", "")
    assert second.is_default
    with pytest.raises(SavedMethodNotFound):
        one_press(bought(buyer, now), first, now)
    with pytest.raises(SavedMethodNotFound):
        services.forget_method(method_id=first.id, actor=buyer, now=now)
    assert services.forget_due_methods(now=now) == 1
    first.refresh_from_db()
    assert (first.token, first.forget_at) == ("", None)
    assert SandboxMethod.objects.filter(forgotten_at=None).count() == 1
    deliver_webhooks(now)
    assert SavedMethod.objects.filter(forgotten_at=None).count() == 1


def test_a_network_that_is_away_is_asked_again(now, settings):
    method = kept(open_purchase(now).buyer, now)
    services.forget_method(method_id=method.id, actor=member(method.buyer_id), now=now)
    settings.LONJA = {**settings.LONJA, "SANDBOX": False}
    services.forget_due_methods(now=now)
    method.refresh_from_db()
    assert method.token
    assert method.forget_at > now


@pytest.fixture
def scene(now):
    seller, buyer, stranger = world.open_seller(now), world.person(now), world.person(now)
    world.fill_cart(buyer, {world.published(seller, now).id: 1}, now)
    purchase = world.place(buyer, utc_now())
    clients = [Client(), Client()]
    for client, one in zip(clients, (buyer, stranger), strict=True):
        client.force_login(one.user)
    return buyer, purchase, *clients, kept(buyer.actor, now)


def test_the_payment_page_offers_the_wallet_and_one_press_pays(scene):
    _, purchase, client, stranger, method = scene
    page = f"/purchases/{purchase.id}/payment/"
    url = next((u for u in (page,) if client.get(u).status_code == 200), None) or _payment_url(purchase)
    assert "Visa •••• 4242" in client.get(url).content.decode()
    assert client.post(url, {"saved": "nonsense"}).status_code == 404
    assert stranger.post(url, {"saved": str(method.id)}).status_code == 404
    client.post(url, {"saved": str(method.id)})
    purchase.refresh_from_db()
    assert purchase.paid_at is not None


def _payment_url(purchase):
    from django.urls import reverse

    return reverse("payment", args=[purchase.id])


def test_the_wallets_pages(scene):
    buyer, _, client, stranger, method = scene
    assert "Visa •••• 4242" in client.get("/account/wallet/").content.decode()
    assert "Visa" not in stranger.get("/account/wallet/").content.decode()
    other = kept(buyer.actor, method.kept_at, "4000000000003220")
    client.post(f"/account/wallet/{other.id}/", {"default": "1"})
    client.post(f"/account/wallet/{other.id}/", {"label": "Office"})
    other.refresh_from_db()
    assert (other.is_default, other.label) == (True, "Office")
    forget = f"/account/wallet/{method.id}/forget/"
    assert client.get(forget).status_code == 200
    assert SavedMethod.objects.get(id=method.id).forgotten_at is None
    for path in (forget, f"/account/wallet/{method.id}/"):
        assert stranger.get(path).status_code == stranger.post(path).status_code == 404
    assert client.post(forget).status_code == 302
    assert client.get(forget).status_code == 404
    client.cookies["django_language"] = "es"
    assert "Cartera" in client.get("/account/wallet/", headers={"Accept-Language": "es"}).content.decode()


def test_the_wallet_by_rest(scene):
    _, _, client, stranger, method = scene
    url = f"/api/v1/payments/methods/{method.id}/"
    (shown,) = client.get("/api/v1/payments/methods/").json()
    assert "token" not in shown
    assert (shown["last4"], shown["is_default"]) == ("4242", True)
    assert stranger.get("/api/v1/payments/methods/").json() == []
    assert client.patch(url, {"label": "Mine"}, content_type="application/json").json()["label"] == "Mine"
    for ask in (stranger.get, stranger.delete, stranger.patch):
        assert ask(url).status_code == 404
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404


def test_the_wallet_is_one_query_however_many_cards(scene, django_assert_max_num_queries):
    buyer, _, client, _, method = scene
    kept(buyer.actor, method.kept_at, "4000000000003220")
    with django_assert_max_num_queries(12):
        client.get("/account/wallet/")

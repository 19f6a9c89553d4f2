"""Outgoing webhooks: only the own events, signed, retried, parked, sent again; guarded pages and API."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client

from core.actor import Actor, ActorKind, Role
from core.errors import InvalidInput, NotAllowed
from core.events.marketplace import OrderCancelled
from core.events.payments import AdjustmentRequested, EscrowFunded
from core.ids import new_id
from core.money import Money
from core.outbox.models import EventRecord
from core.outbox.services import publish
from core.webhooks import sending, services
from core.webhooks.audience import deliverable_names
from core.webhooks.models import WebhookAttempt, WebhookMessage, WebhookState, WebhookSubscription
from core.webhooks.proxy import Answer
from core.webhooks.rules import MAX_ATTEMPTS, PING, WebhookDisabled, WebhookNotFound, sign
from tests import world

pytestmark = pytest.mark.django_db
FUNDED, CANCELLED = "payments.escrow.funded.v1", "marketplace.order.cancelled.v1"


class Receiver:
    """An address that answers as told and keeps what it got."""

    def __init__(self, *statuses: int) -> None:
        self.statuses, self.got = list(statuses), []

    def __call__(self, url, body, headers):
        self.got.append((url, body, headers))
        status = self.statuses.pop(0) if self.statuses else 200
        return Answer(status or None, "" if status else "No answer in time.", 5, "fine")


def fund(seller_id, now):
    event = EscrowFunded(new_id(), new_id(), seller_id, Money(1000, "EUR"), now)
    with transaction.atomic():
        publish(event, actor=Actor.system("test"), now=now)
    return event


def hook(person, now, *events, url="https://shop.example/hook"):
    return services.create_webhook(
        url=url, description="", events=events or [FUNDED], actor=person.actor, now=now
    )  # fmt: skip


def follow(now):
    """What the scheduler's task does. Inside a test's transaction the snapshot never passes it: read up to the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint + 1")
        horizon = cursor.fetchone()[0]
    services.stable_horizon, kept = (lambda: horizon), services.stable_horizon
    try:
        cursor_row = services.WebhookCursor.objects.get()
        if cursor_row.xid >= horizon:
            services.WebhookCursor.objects.update(xid=horizon - 1, event_number=0)
        return services.follow_events(now=now)
    finally:
        services.stable_horizon = kept


def test_an_organisation_hears_of_its_own_money_only(now):
    seller, other = world.person(now), world.person(now)
    mine, secret = hook(seller, now)
    hook(other, now)
    event = fund(seller.organisation_id, now)
    follow(now)
    message = WebhookMessage.objects.get()
    assert message.subscription_id == mine.id
    body = json.loads(message.body)
    assert body["type"] == FUNDED
    assert body["organisation_id"] == str(seller.organisation_id)
    assert body["data"]["order_id"] == str(event.order_id)
    receiver = Receiver()
    assert sending.send_due(now=now, transport=receiver) == 1
    url, sent, headers = receiver.got[0]
    assert (url, sent) == ("https://shop.example/hook", message.body)
    assert headers["webhook-signature"] == sign(
        secret=secret, message_id=headers["webhook-id"], at=now, body=sent
    )  # fmt: skip
    message.refresh_from_db()
    assert (message.state, message.last_status, message.due_at) == (WebhookState.DELIVERED, 200, None)


def test_reading_the_log_again_sends_nothing_twice(now):
    seller = world.person(now)
    hook(seller, now)
    fund(seller.organisation_id, now)
    follow(now)
    follow(now)
    assert WebhookMessage.objects.count() == 1


def test_an_event_nobody_can_read_does_not_hold_up_the_others(now):
    seller = world.person(now)
    hook(seller, now)
    EventRecord.objects.create(event_id=new_id(), name=FUNDED, key="k", payload={"old": "shape"}, occurred_at=now)
    fund(seller.organisation_id, now)
    follow(now)
    assert WebhookMessage.objects.count() == 1


def test_only_chosen_events_come(now):
    seller = world.person(now)
    hook(seller, now, CANCELLED)
    fund(seller.organisation_id, now)
    with transaction.atomic():
        publish(
            OrderCancelled(
                order_id=new_id(), number="LJ1", purchase_id=new_id(), buyer_id=new_id(),
                seller_id=seller.organisation_id, at=now, by="BUYER", reason="", was_paid=False,
            ),
            actor=Actor.system("test"), now=now,
        )  # fmt: skip
    follow(now)
    assert [m.event_name for m in WebhookMessage.objects.all()] == [CANCELLED]


def test_what_the_operator_does_inside_cannot_be_subscribed_to(now):
    assert AdjustmentRequested.wire_name not in deliverable_names()
    with pytest.raises(InvalidInput):
        hook(world.person(now), now, AdjustmentRequested.wire_name)


def test_every_money_and_order_state_can_be_subscribed_to():
    for part in ("payments.escrow.", "payments.refund.", "payments.payout.", "payments.chargeback.", "payments.document.",
                 "marketplace.order.", "trust.dispute."):  # fmt: skip
        assert any(name.startswith(part) for name in deliverable_names()), part


def test_failures_are_retried_later_and_then_parked(now):
    seller = world.person(now)
    subscription, _secret = hook(seller, now)
    fund(seller.organisation_id, now)
    follow(now)
    receiver, moment = Receiver(*[500, 0] * MAX_ATTEMPTS), now
    for _ in range(MAX_ATTEMPTS):
        assert sending.send_due(now=moment, transport=receiver) == 1
        assert sending.send_due(now=moment, transport=receiver) == 0, "not before its time"
        message = WebhookMessage.objects.get()
        moment = message.due_at or moment
    assert message.state == WebhookState.PARKED
    assert WebhookAttempt.objects.count() == MAX_ATTEMPTS
    again = services.send_again(
        subscription_id=subscription.id, message_id=message.id, actor=seller.actor, now=moment
    )  # fmt: skip
    assert again.state == WebhookState.WAITING
    good = Receiver()
    sending.send_due(now=moment, transport=good)
    assert good.got[0][2]["webhook-id"] == str(message.event_id), "the same id, so that the receiver can tell"
    message.refresh_from_db()
    assert message.state == WebhookState.DELIVERED
    subscription.refresh_from_db()
    assert subscription.failing_since is None


def test_an_address_that_fails_for_days_is_switched_off_and_its_owner_told(now, django_capture_on_commit_callbacks):
    seller = world.person(now)
    subscription, _secret = hook(seller, now)
    WebhookSubscription.objects.update(failing_since=now - timedelta(days=4))
    fund(seller.organisation_id, now)
    fund(seller.organisation_id, now)
    follow(now)
    one, two = WebhookMessage.objects.order_by("id")
    WebhookMessage.objects.filter(id=one.id).update(attempts=MAX_ATTEMPTS - 1)
    WebhookMessage.objects.filter(id=two.id).update(due_at=now + timedelta(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        sending.send_due(now=now, transport=Receiver(500))
    subscription.refresh_from_db()
    assert subscription.disabled_reason == services.FAILING
    two.refresh_from_db()
    assert two.state == WebhookState.PARKED
    assert len(mail.outbox) == 1
    fund(seller.organisation_id, now)
    follow(now)
    assert WebhookMessage.objects.count() == 2, "nothing is written for a webhook that is off"
    services.enable_webhook(subscription_id=subscription.id, actor=seller.actor, now=now)
    subscription.refresh_from_db()
    assert subscription.is_active


def test_an_address_that_is_gone_is_not_called_again(now):
    seller = world.person(now)
    subscription, _secret = hook(seller, now)
    services.send_ping(subscription_id=subscription.id, actor=seller.actor, now=now)
    sending.send_due(now=now, transport=Receiver(410))
    subscription.refresh_from_db()
    assert subscription.disabled_reason == services.GONE
    with pytest.raises(WebhookDisabled):
        services.send_ping(subscription_id=subscription.id, actor=seller.actor, now=now)


def test_a_redirect_is_not_success(now):
    seller = world.person(now)
    subscription, _secret = hook(seller, now)
    services.send_ping(subscription_id=subscription.id, actor=seller.actor, now=now)
    sending.send_due(now=now, transport=Receiver(302))
    assert WebhookMessage.objects.get().state == WebhookState.WAITING


def test_a_rotated_secret_leaves_a_day_for_the_old_one(now):
    seller = world.person(now)
    subscription, old = hook(seller, now)
    _found, new = services.rotate_secret(subscription_id=subscription.id, actor=seller.actor, now=now)
    assert old != new
    message = services.send_ping(subscription_id=subscription.id, actor=seller.actor, now=now)
    for moment, secrets in ((now, (new, old)), (now + timedelta(hours=25), (new,))):
        signatures = sending.headers_of(WebhookMessage.objects.get(), now=moment)["webhook-signature"].split()
        expected = [sign(secret=s, message_id=str(message.event_id), at=moment, body=message.body) for s in secrets]
        assert signatures == expected


def test_a_deleted_webhook_sends_nothing_and_is_gone(now):
    seller = world.person(now)
    subscription, _secret = hook(seller, now)
    services.send_ping(subscription_id=subscription.id, actor=seller.actor, now=now)
    services.delete_webhook(subscription_id=subscription.id, actor=seller.actor, now=now)
    assert sending.send_due(now=now, transport=Receiver()) == 0
    with pytest.raises(WebhookNotFound):
        services.enable_webhook(subscription_id=subscription.id, actor=seller.actor, now=now)


def test_staff_and_tokens_without_the_scope_may_not_change_them(now):
    owner = world.person(now)
    staff = Actor(
        ActorKind.MEMBER, user_id=owner.user.id, organisation_id=owner.organisation_id, role=Role.STAFF, label="s"
    )
    token = Actor(
        ActorKind.MEMBER, user_id=owner.user.id, organisation_id=owner.organisation_id, role=Role.STAFF, label="t",
        scopes=frozenset({"webhooks:read"}),
    )  # fmt: skip
    for actor in (staff, token):
        with pytest.raises(NotAllowed):
            services.create_webhook(url="https://shop.example/", description="", events=[FUNDED], actor=actor, now=now)


def test_old_messages_are_forgotten_but_not_those_that_wait(now):
    seller = world.person(now)
    subscription, _secret = hook(seller, now)
    services.send_ping(subscription_id=subscription.id, actor=seller.actor, now=now)
    sending.send_due(now=now, transport=Receiver())
    services.send_ping(subscription_id=subscription.id, actor=seller.actor, now=now)
    assert services.forget_old_messages(before=now + timedelta(days=1)) == 1
    assert WebhookMessage.objects.get().state == WebhookState.WAITING


def test_pages_and_api_go_round(now):
    seller = world.person(now)
    client = Client()
    client.force_login(seller.user)
    made = client.post(
        "/account/webhooks/", {"url": "https://shop.example/hook", "description": "ERP", "events": [FUNDED]}
    )
    assert "whsec_" in made.content.decode()
    subscription = WebhookSubscription.objects.get()
    assert "whsec_" not in client.get("/account/webhooks/").content.decode()
    page = f"/account/webhooks/{subscription.id}/"
    assert client.post(f"{page}ping/").status_code == 302
    message = WebhookMessage.objects.get()
    assert PING in client.get(page).content.decode()
    sending.send_due(now=message.due_at, transport=Receiver(500))
    detail = client.get(f"{page}messages/{message.id}/").content.decode()
    assert "500" in detail
    assert "webhook_id" in detail
    assert client.post(f"{page}secret/").status_code == 200
    assert client.post(f"{page}activity/", {"active": "0"}).status_code == 302
    api = f"/api/v1/webhooks/{subscription.id}/"
    assert client.get(api).json()["active"] is False
    changed = client.patch(api, {"active": True, "description": "Till"}, content_type="application/json").json()
    assert (changed["active"], changed["description"]) == (True, "Till")
    assert client.get(f"{api}messages/").json()["results"][0]["event_name"] == PING
    assert client.get(f"{api}messages/{message.id}/").json()["tries"][0]["status"] == 500
    assert client.post(f"{api}messages/{message.id}/redelivery/").status_code == 202
    assert any(one["name"] == FUNDED for one in client.get("/api/v1/webhooks/events/").json())
    assert client.post(f"{page}removal/").status_code == 302
    assert client.get(api).status_code == 404


def test_the_list_costs_the_same_with_many_webhooks(now, django_assert_max_num_queries):
    seller = world.person(now)
    client = Client()
    client.force_login(seller.user)
    for number in range(8):
        hook(seller, now, url=f"https://shop.example/{number}")
    with django_assert_max_num_queries(8):
        assert client.get("/account/webhooks/").status_code == 200

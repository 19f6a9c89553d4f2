"""Conversations: who may read and write, what is marked, blocked, reported, taken down; figures, letters, live pages."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from core.errors import InvalidInput, NotAllowed, NotFound, TransitionRefused
from core.web.uploads import BadUpload
from marketplace.contracts import (
    Blocked,
    MessageSide,
    OwnGoods,
    QuickReplyNotFound,
    ReportReason,
    ThreadKind,
    ThreadNotFound,
    TooManyMessages,
)
from marketplace.messages import ports, selectors, services
from marketplace.messages.letters import tell_unread
from marketplace.messages.models import Message, MessageFile, Thread
from marketplace.tasks import tell_unread_messages_task
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()


@pytest.fixture
def scene(now):
    seller, buyer = world.open_seller(now), world.person(now, name="Ana Buyer")
    return seller, buyer, world.published(seller, now)


def ask(buyer, listing, now, text="Is it washed?", **more):
    return services.begin_thread(
        kind=ThreadKind.LISTING, subject_id=listing.id, text=text, actor=buyer.actor, now=now, **more
    )


def answer(seller, thread_id, now, text="Yes."):
    return services.post_message(thread_id=thread_id, text=text, actor=seller.actor, now=now)


def picture(name="a.png"):
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20)).save(buffer, "PNG")
    return SimpleUploadedFile(name, buffer.getvalue())


def client_of(person):
    client = Client()
    client.force_login(person.user)
    return client


def test_one_conversation_a_subject_with_read_state(scene, now):
    seller, buyer, listing = scene
    first = ask(buyer, listing, now)
    assert ask(buyer, listing, now, "And the hem?").thread_id == first.thread_id
    thread = Thread.objects.get()
    assert (thread.buyer_unread, thread.seller_unread, thread.snippet) == (0, 2, "And the hem?")
    assert selectors.count_unread(seller.organisation_id) == 2
    services.mark_read(thread_id=thread.id, actor=seller.actor, now=now)
    cache.clear()
    assert selectors.count_unread(seller.organisation_id) == 0
    answer(seller, thread.id, now)
    thread.refresh_from_db()
    assert (thread.buyer_unread, thread.seller_unread) == (1, 0)
    assert [m.side for m in selectors.last_messages(thread)] == ["BUYER", "BUYER", "SELLER"]


def test_strangers_and_own_goods_are_refused(scene, now):
    seller, buyer, listing = scene
    thread_id = ask(buyer, listing, now).thread_id
    stranger = world.person(now)
    for act in (
        lambda: services.post_message(thread_id=thread_id, text="Hi", actor=stranger.actor, now=now),
        lambda: services.mark_read(thread_id=thread_id, actor=stranger.actor, now=now),
        lambda: services.block(thread_id=thread_id, actor=stranger.actor, now=now),
        lambda: selectors.get_thread_for(thread_id=thread_id, actor=world.open_seller(now).actor),
    ):
        with pytest.raises(ThreadNotFound):
            act()
    with pytest.raises(OwnGoods):
        ask(seller, listing, now)
    with pytest.raises(NotFound):
        services.begin_thread(kind=ThreadKind.SHOP, subject_id=uuid4(), text="Hi", actor=buyer.actor, now=now)
    with pytest.raises(InvalidInput):
        ask(buyer, listing, now, "   ")


def test_about_an_order_either_side_begins(scene, now):
    seller, buyer, listing = scene
    world.fill_cart(buyer, {listing.id: 1}, now)
    order = world.place(buyer, now).orders.get()
    sent = services.begin_thread(
        kind=ThreadKind.ORDER, subject_id=order.id, text="Which colour?", actor=seller.actor, now=now
    )
    assert (sent.side, sent.thread.title, sent.thread.asked_at) == ("SELLER", order.number, None)
    with pytest.raises(NotFound):
        services.begin_thread(
            kind=ThreadKind.ORDER, subject_id=order.id, text="Hi", actor=world.person(now).actor, now=now
        )


def test_what_leads_away_is_sent_and_marked(scene, now):
    _seller, buyer, listing = scene
    sent = ask(buyer, listing, now, "Write me: ana@example.org, I pay by PayPal")
    assert sent.text == "Write me: ana@example.org, I pay by PayPal"
    assert sent.warnings == ["EMAIL", "PAYMENT"]
    page = client_of(buyer).get(f"/messages/{sent.thread_id}/").content.decode()
    assert "paying outside of Lonja" in page
    with pytest.raises(DatabaseError), transaction.atomic():
        Message.objects.filter(id=sent.id).update(text="gone")


def test_files_are_judged_by_content_and_gone_when_refused(scene, now, settings):
    seller, buyer, listing = scene
    sent = ask(buyer, listing, now, "", uploads=[picture("../../x.png")])
    kept = sent.files.get()
    assert (kept.name, kept.media_type) == ("x.png", "image/webp")
    page = f"/messages/{sent.thread_id}/files/{kept.id}/"
    got = client_of(seller).get(page)
    assert got.status_code == 200
    assert got["Content-Disposition"].startswith("attachment")
    assert got["X-Content-Type-Options"] == "nosniff"
    for who in (world.person(now), world.open_seller(now)):
        assert client_of(who).get(page).status_code == 404
    assert Client().get(page).status_code == 302
    before = len(list((settings.MEDIA_ROOT / "messages").iterdir()))
    for bad in ([SimpleUploadedFile("a.png", b"<svg onload=1>")], [picture(), SimpleUploadedFile("a.pdf", b"%PDF-")]):
        with pytest.raises(BadUpload):
            ask(buyer, listing, now, "", uploads=bad)
    with pytest.raises(InvalidInput):
        ask(buyer, listing, now, "", uploads=[picture() for _ in range(6)])
    assert len(list((settings.MEDIA_ROOT / "messages").iterdir())) == before
    assert MessageFile.objects.count() == 1


def test_a_block_closes_all_but_orders(scene, now):
    seller, buyer, listing = scene
    thread_id = ask(buyer, listing, now).thread_id
    world.fill_cart(buyer, {listing.id: 1}, now)
    order = world.place(buyer, now).orders.get()
    for _ in range(2):
        services.block(thread_id=thread_id, actor=seller.actor, now=now)
    for who in (buyer, seller):
        with pytest.raises(Blocked):
            services.post_message(thread_id=thread_id, text="Hi", actor=who.actor, now=now)
    with pytest.raises(Blocked):
        services.begin_thread(
            kind=ThreadKind.SHOP, subject_id=seller.organisation_id, text="Hi", actor=buyer.actor, now=now
        )
    services.begin_thread(kind=ThreadKind.ORDER, subject_id=order.id, text="Hi", actor=buyer.actor, now=now)
    services.unblock(thread_id=thread_id, actor=buyer.actor, now=now)
    with pytest.raises(Blocked):
        answer(seller, thread_id, now)
    services.unblock(thread_id=thread_id, actor=seller.actor, now=now)
    answer(seller, thread_id, now)


def test_reported_decided_and_taken_down(scene, now):
    seller, buyer, listing = scene
    sent = ask(buyer, listing, now, "You are a fool.", uploads=[picture()])
    facts = {"thread_id": sent.thread_id, "message_id": sent.id, "reason": ReportReason.ABUSE, "note": "", "now": now}
    with pytest.raises(InvalidInput):
        services.report_message(**facts, actor=buyer.actor)
    with pytest.raises(ThreadNotFound):
        services.report_message(**facts, actor=world.person(now).actor)
    report = services.report_message(**facts, actor=seller.actor)
    assert services.report_message(**facts, actor=seller.actor).id == report.id
    operator = world.person(now, is_operator=True)
    assert selectors.count_open_reports() == 1
    with pytest.raises(NotAllowed):
        services.uphold_report(report_id=report.id, reason="Insult", actor=seller.actor, now=now)
    with pytest.raises(InvalidInput):
        services.uphold_report(report_id=report.id, reason=" ", actor=operator.actor, now=now)
    queue = client_of(operator).get("/admin/marketplace/messagereport/?state__exact=OPEN")
    assert "You are a fool." in queue.content.decode()
    client_of(operator).post(
        "/admin/marketplace/messagereport/",
        {"action": "uphold", "_selected_action": [str(report.id)], "reason": "Insults are not for here."},
    )
    with pytest.raises(TransitionRefused):
        services.dismiss_report(report_id=report.id, reason="No", actor=operator.actor, now=now)
    for who in (buyer, seller):
        page = client_of(who).get(f"/messages/{sent.thread_id}/").content.decode()
        assert "Insults are not for here." in page
        assert "You are a fool." not in page
        assert client_of(who).get(f"/messages/{sent.thread_id}/files/{sent.files.get().id}/").status_code == 404
    api = client_of(seller).get(f"/api/v1/threads/{sent.thread_id}/messages/").json()["results"][0]
    assert (api["text"], api["files"], api["is_taken_down"]) == ("", [], True)


def test_quick_replies_are_the_sellers_own(scene, now):
    seller, buyer, listing = scene
    reply = services.add_quick_reply(title="Delivery", text="Three days.", actor=seller.actor, now=now)
    for title, text in (("Delivery", "Other"), ("", "x"), ("x", "")):
        with pytest.raises(InvalidInput):
            services.add_quick_reply(title=title, text=text, actor=seller.actor, now=now)
    with pytest.raises(NotFound):
        services.add_quick_reply(title="a", text="b", actor=buyer.actor, now=now)
    thread_id = ask(buyer, listing, now).thread_id
    page = f"/messages/{thread_id}/?reply={reply.id}"
    assert "Three days." in client_of(seller).get(page).content.decode()
    assert "Three days." not in client_of(buyer).get(page).content.decode()
    with pytest.raises(QuickReplyNotFound):
        services.remove_quick_reply(reply_id=reply.id, actor=world.open_seller(now).actor)
    services.remove_quick_reply(reply_id=reply.id, actor=seller.actor)


def test_too_much_in_a_short_time(scene, now, monkeypatch):
    seller, buyer, listing = scene
    monkeypatch.setattr(services, "MAX_PER_HOUR", 2)
    monkeypatch.setattr(services, "MAX_NEW_PER_DAY", 1)
    thread_id = ask(buyer, listing, now).thread_id
    with pytest.raises(TooManyMessages):
        ask(buyer, world.published(seller, now), now)
    answer(buyer, thread_id, now)
    with pytest.raises(TooManyMessages):
        answer(buyer, thread_id, now)
    answer(buyer, thread_id, now + timedelta(hours=2))


def test_reply_figures_in_one_query(scene, now):
    seller, _buyer, listing = scene
    asked = now - timedelta(days=10)
    for hours in (1, 3, 30):
        one = world.person(now)
        answer(seller, ask(one, listing, asked).thread_id, asked + timedelta(hours=hours))
    ask(world.person(now), listing, now - timedelta(hours=2))  # not a day old: counts neither way
    ask(world.person(now), listing, now - timedelta(days=100))  # too long ago
    with CaptureQueriesContext(connection) as queries:
        found = selectors.reply_figures(seller_id=seller.organisation_id, now=now)
    assert len(queries) == 1
    assert (found.conversations, found.median_seconds, found.share) == (3, 3 * 3600, 67)
    ask(world.person(now), listing, asked)  # never answered
    assert selectors.reply_figures(seller_id=seller.organisation_id, now=now).share == 50
    few = world.open_seller(now)
    assert selectors.reply_figures(seller_id=few.organisation_id, now=now).share is None


def test_one_letter_until_it_is_read(scene, now):
    _seller, buyer, listing = scene
    thread_id = ask(buyer, listing, now).thread_id
    assert selectors.untold_threads(now=now) == []
    later = now + timedelta(minutes=11)
    assert selectors.untold_threads(now=later) == [(thread_id, MessageSide.SELLER)]
    assert tell_unread(thread_id=thread_id, side=MessageSide.SELLER, now=later)
    assert "Ana Buyer wrote to you" in mail.outbox[-1].subject
    ask(buyer, listing, later)
    assert selectors.untold_threads(now=later + timedelta(hours=1)) == []
    assert tell_unread_messages_task() == 0
    services.mark_read(thread_id=thread_id, actor=_seller.actor, now=later + timedelta(hours=1))
    ask(buyer, listing, later + timedelta(hours=2))
    assert len(selectors.untold_threads(now=later + timedelta(hours=3))) == 1
    assert not tell_unread(thread_id=thread_id, side=MessageSide.BUYER, now=later)


def test_the_page_asks_for_news_and_gets_none_or_all(scene, now):
    seller, buyer, listing = scene
    thread_id = ask(buyer, listing, now).thread_id
    client = client_of(buyer)
    page = client.get(f"/messages/{thread_id}/").content.decode()
    version = Thread.objects.get().version
    assert f"seen={version}" in page
    latest = f"/messages/{thread_id}/latest/"
    assert client.get(latest, {"seen": version}).status_code == 204
    answer(seller, thread_id, now, "It is washed.")
    news = client.get(latest, {"seen": version})
    assert "It is washed." in news.content.decode()
    assert Thread.objects.get().buyer_unread == 0
    assert client_of(world.person(now)).get(latest).status_code == 404


def test_pages_without_scripts(scene, now):
    seller, buyer, listing = scene
    client = client_of(buyer)
    assert "Ask the seller" in client.get(f"/listings/{listing.id}/").content.decode()
    ask_page = f"/messages/new/listing/{listing.id}/"
    assert client.get(ask_page).status_code == 200
    assert client.post(ask_page, {"text": ""}).status_code == 422
    assert client.post(ask_page, {"text": "", "attachments": [picture(), picture()]}).status_code == 302
    assert client.get(ask_page).status_code == 302, "there is a conversation"
    thread_id = Thread.objects.get().id
    assert client.post(f"/messages/{thread_id}/", {"text": "x" * 4001}).status_code == 422
    assert client.post(f"/messages/{thread_id}/", {"text": "Hello"}).status_code == 302
    assert client_of(seller).get("/messages/?unread=1").content.decode().count("2 new") == 1
    client_of(seller).post(f"/messages/{thread_id}/block/")
    assert "You cannot write to each other" in client.post(f"/messages/{thread_id}/", {"text": "?"}).content.decode()
    client_of(seller).post(f"/messages/{thread_id}/block/", {"open": "1"})
    for path in ("nothing", "listing"):
        assert client.get(f"/messages/new/{path}/{uuid4()}/").status_code == 404
    said = Message.objects.filter(side="BUYER").last()
    report = f"/messages/{thread_id}/messages/{said.id}/report/"
    assert client_of(seller).post(report, {"reason": "SPAM"}).status_code == 302
    assert client_of(seller).post(report, {"reason": "NOPE"}).status_code == 422
    assert client_of(seller).post("/sell/quick-replies/", {"title": "A", "text": "B"}).status_code == 302
    assert client_of(buyer).get("/sell/quick-replies/").status_code == 302


def test_translations_are_offered_only_by_who_can(scene, now, monkeypatch):
    seller, buyer, listing = scene

    class Shouting:
        is_available = True

        def translate(self, text, *, to):
            return f"{to}: {text.upper()}"

    thread_id = ask(buyer, listing, now).thread_id
    client = client_of(seller)
    assert "Translate" not in client.get(f"/messages/{thread_id}/").content.decode()
    monkeypatch.setattr(ports, "_translator", ports.translator())
    ports.plug_translator(Shouting())
    assert "translate=1" in client.get(f"/messages/{thread_id}/").content.decode()
    assert "en: IS IT WASHED?" in client.get(f"/messages/{thread_id}/?translate=1").content.decode()


def test_the_api(scene, now):
    seller, buyer, listing = scene
    buying, selling = client_of(buyer), client_of(seller)
    key = {"Idempotency-Key": str(uuid4())}
    body = {"about": "LISTING", "subject_id": str(listing.id), "text": "Is it washed? Call +34612345678"}
    sent = [buying.post("/api/v1/threads/", body, content_type="application/json", headers=key) for _ in range(2)]
    assert [s.status_code for s in sent] == [201, 201]
    assert sent[0].json()["warnings"] == ["PHONE"]
    assert Message.objects.count() == 1, "twice the same key"
    thread = selling.get("/api/v1/threads/?unread=1").json()["results"][0]
    assert (thread["title"], thread["seller_unread"]) == (listing.title, 1)
    messages = f"/api/v1/threads/{thread['id']}/messages/"
    got = selling.get(messages)
    assert selling.get(messages, headers={"If-None-Match": got["ETag"]}).status_code == 304
    assert selling.post(f"/api/v1/threads/{thread['id']}/reading/").json()["seller_unread"] == 0
    said = selling.post(messages, {"files": [picture()]}, headers={"Idempotency-Key": str(uuid4())})
    assert said.status_code == 201
    assert selling.get(f"/api/v1/threads/{thread['id']}/files/{said.json()['files'][0]['id']}/").status_code == 200
    assert selling.get(messages, headers={"If-None-Match": got["ETag"]}).status_code == 200
    empty = selling.post(messages, {}, content_type="application/json", headers={"Idempotency-Key": str(uuid4())})
    assert empty.status_code == 422
    wrong = buying.post("/api/v1/threads/", {**body, "about": "?"}, content_type="application/json", headers=key)
    assert wrong.status_code in {400, 422}
    report = f"{messages}{sent[0].json()['id']}/report/"
    assert selling.post(report, {"message_reason": "SPAM"}, content_type="application/json").status_code == 201
    assert selling.put(f"/api/v1/threads/{thread['id']}/block/").status_code == 204
    assert selling.delete(f"/api/v1/threads/{thread['id']}/block/").status_code == 204
    reply = {"title": "a", "text": "b"}
    made = selling.post("/api/v1/quick-replies/", reply, content_type="application/json").json()
    assert selling.get("/api/v1/quick-replies/").json()[0]["title"] == "a"
    assert selling.delete(f"/api/v1/quick-replies/{made['id']}/").status_code == 204
    assert client_of(world.person(now)).get("/api/v1/threads/").json()["results"] == []


def test_lists_cost_the_same_whatever_their_length(scene, now):
    seller, buyer, listing = scene
    client = client_of(seller)
    thread_id = ask(buyer, listing, now).thread_id
    paths = ("/messages/", f"/messages/{thread_id}/", "/api/v1/threads/", f"/api/v1/threads/{thread_id}/messages/")

    def counted():
        figures = {}
        for path in paths:
            client.get(path)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            figures[path] = len(queries)
        return figures

    few = counted()
    for number in range(6):
        ask(world.person(now), listing, now)
        ask(buyer, listing, now + timedelta(minutes=number), "Again", uploads=[picture()])
    assert counted() == few

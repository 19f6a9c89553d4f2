"""What may be sold: refused, held for a person, decided, and told."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from core.errors import InvalidInput, NotAllowed, NotFound, TransitionRefused
from core.outbox import services as outbox
from core.outbox.models import EventRecord
from marketplace.catalog import services as catalog
from marketplace.catalog.imports import import_listings, withdraw_listings
from marketplace.catalog.states import ListingState
from marketplace.contracts import ImportRow
from marketplace.models import Listing, ListingChange
from marketplace.moderation import services
from marketplace.moderation.letters import send_case
from marketplace.moderation.models import CaseTransition, ModerationCase, ModerationRule
from marketplace.moderation.selectors import count_open_cases, notice_of
from marketplace.moderation.sweeps import screen_on_sale
from marketplace.screening import CaseState, ListingProhibited, ListingUnderReview
from marketplace.search.source import source_rows
from tests import world

pytestmark = pytest.mark.django_db
SUN = {"category_code": "soap", "title": "Sun cream with olive oil", "attributes": {"scent": "olive"}}
DAGGER = {"title": "Letter opener like a dagger"}


@pytest.fixture
def seller(now):
    return world.open_seller(now)


@pytest.fixture
def operator(now):
    return world.person(now, is_operator=True)


def draft(seller, now, **changes):
    return catalog.create_listing(listing=world.listing_input(**changes), actor=seller.actor, now=now)


def case_of(listing):
    return ModerationCase.objects.get(listing=listing, state="OPEN")


def decide(case, operator, now, approve=True, reason="Looked at it."):
    return services.decide_case(case_id=case.id, approve=approve, reason=reason, actor=operator.actor, now=now)


def test_what_is_prohibited_is_refused_with_the_rule_and_what_to_do(seller, now):
    listing = draft(seller, now, title="Antique pistol, works")
    with pytest.raises(ListingProhibited) as refused:
        catalog.publish_listing(listing_id=listing.id, actor=seller.actor, now=now)
    assert refused.value.field == "title"
    assert refused.value.message == "Weapons and ammunition are not sold here."
    assert refused.value.remedy
    on_sale = world.published(seller, now)
    with pytest.raises(ListingProhibited):
        catalog.update_listing(
            listing_id=on_sale.id,
            listing=world.listing_input(description="With ammunition"),
            actor=seller.actor,
            now=now,
        )
    on_sale.refresh_from_db()
    assert on_sale.description == "Washed linen, hemmed."


def test_a_whole_category_can_be_prohibited(seller, operator, now):
    rule = ModerationRule(code="no-cloth", kind="PROHIBITED", category_id="table-linen", title_en="No", title_es="No",
                          remedy_en="Go", remedy_es="Ve")  # fmt: skip
    services.keep_rule(rule=rule, actor=operator.actor, now=now)
    with pytest.raises(ListingProhibited) as refused:
        world.published(seller, now)
    assert refused.value.field == "category"
    rule.is_active = False
    services.keep_rule(rule=rule, actor=operator.actor, now=now)
    assert rule.version == 2
    assert world.published(seller, now).is_published


def test_what_is_held_waits_for_the_operator_and_is_not_found(seller, operator, now):
    listing = world.published(seller, now, **DAGGER)
    assert listing.state == ListingState.HELD
    assert source_rows([listing.id]) == {}
    assert Client().get(f"/listings/{listing.id}/").status_code == 404
    assert not EventRecord.objects.filter(name="marketplace.listing.published.v1").exists()
    case = case_of(listing)
    assert case.findings == [{"rule": "knives", "version": 1, "kind": "REVIEW", "words": ["dagger"]}]
    before = ListingChange.objects.count()
    decide(case, operator, now)
    listing.refresh_from_db()
    assert (listing.state, listing.published_at) == (ListingState.PUBLISHED, now)
    assert ListingChange.objects.count() > before
    assert EventRecord.objects.filter(name="marketplace.listing.published.v1").count() == 1
    assert [t.to_state for t in CaseTransition.objects.all()] == ["OPEN", "APPROVED"]


def test_what_was_looked_at_is_not_held_again_for_the_same_words(seller, operator, now):
    listing = world.published(seller, now, **DAGGER)
    decide(case_of(listing), operator, now)
    change = {"listing_id": listing.id, "actor": seller.actor, "now": now}
    assert catalog.update_listing(listing=world.listing_input(stock=3, **DAGGER), **change).is_published
    catalog.withdraw_listing(**change)
    assert catalog.publish_listing(**change).is_published
    other = world.listing_input(title="Dagger or machete")
    assert catalog.update_listing(listing=other, **change).state == ListingState.HELD
    assert EventRecord.objects.filter(name="marketplace.listing.withdrawn.v1").count() == 2


def test_documents_clear_the_whole_shop_and_no_other(seller, operator, now):
    first = world.published(seller, now, **SUN)
    decide(case_of(first), operator, now, reason="CPNP 12345")
    assert world.published(seller, now, **{**SUN, "title": "Another sun cream"}).is_published
    assert world.published(world.open_seller(now), now, **SUN).state == ListingState.HELD


def test_refused_goods_can_be_changed_and_sent_again(seller, operator, now):
    listing = world.published(seller, now, **DAGGER)
    decide(case_of(listing), operator, now, approve=False, reason="A blade of 30 cm.")
    listing.refresh_from_db()
    assert listing.state == ListingState.WITHDRAWN
    notice = notice_of(listing.id)
    assert (notice.state, notice.reason) == (CaseState.REFUSED, "A blade of 30 cm.")
    change = {"listing_id": listing.id, "actor": seller.actor, "now": now}
    later = {**change, "now": now + timedelta(days=1)}
    catalog.update_listing(listing=world.listing_input(title="Letter opener of olive wood"), **later)
    assert notice_of(listing.id) is not None
    assert catalog.publish_listing(**later).is_published
    assert notice_of(listing.id) is None


def test_what_is_held_is_not_changed_but_can_be_taken_back(seller, operator, now):
    listing = world.published(seller, now, **DAGGER)
    case, change = case_of(listing), {"listing_id": listing.id, "actor": seller.actor, "now": now}
    with pytest.raises(ListingUnderReview):
        catalog.update_listing(listing=world.listing_input(), **change)
    catalog.withdraw_listing(**change)
    case.refresh_from_db()
    assert case.state == CaseState.TAKEN_BACK
    assert notice_of(listing.id) is None
    with pytest.raises(TransitionRefused):
        decide(case, operator, now)
    assert catalog.publish_listing(**change).state == ListingState.HELD
    assert count_open_cases() == 1


def test_variants_with_the_same_words_are_held_together(seller, now):
    from marketplace.catalog import variants

    listing = world.published(seller, now)
    on = {"listing_id": listing.id, "actor": seller.actor, "now": now}
    variants.make_product(options=["colour"], **on)
    blue = variants.add_variant(
        attributes={"colour": "blue"}, price=listing.price, stock=2, sku="", gtin="", **on
    )  # fmt: skip
    catalog.publish_listing(listing_id=blue.id, actor=seller.actor, now=now)
    catalog.update_listing(listing=world.listing_input(**DAGGER), **on)
    assert set(Listing.objects.values_list("state", flat=True)) == {"HELD"}
    assert count_open_cases() == 2


def test_only_the_operator_decides_and_says_why(seller, operator, now):
    case = case_of(world.published(seller, now, **DAGGER))
    for who in (seller, world.open_seller(now)):
        with pytest.raises(NotAllowed):
            decide(case, who, now)
    with pytest.raises(InvalidInput) as refused:
        decide(case, operator, now, reason=" ")
    assert refused.value.field == "reason"
    decide(case, operator, now)
    with pytest.raises(TransitionRefused):
        decide(case, operator, now, approve=False)
    with pytest.raises(DatabaseError), transaction.atomic():
        CaseTransition.objects.update(reason="another")


def test_an_import_goes_through_the_same_rules(seller, now):
    good = ImportRow(world.listing_input())
    with pytest.raises(InvalidInput) as refused:
        import_listings(rows=[good, ImportRow(world.listing_input(title="Cocaine"))], actor=seller.actor, now=now)
    assert refused.value.field == "rows[1].title"
    ids = import_listings(rows=[good, ImportRow(world.listing_input(**DAGGER))], actor=seller.actor, now=now)
    states = {row.id: row for row in Listing.objects.filter(id__in=ids)}
    assert [states[i].state for i in ids] == ["PUBLISHED", "HELD"]
    assert states[ids[1]].published_at is None
    assert case_of(states[ids[1]]).seller_id == seller.organisation_id
    assert EventRecord.objects.filter(name="marketplace.listing.published.v1").count() == 1
    assert withdraw_listings(listing_ids=ids, actor=seller.actor, now=now) == 2
    assert count_open_cases() == 0


def test_screening_costs_an_import_one_query(seller, now):
    rows = [ImportRow(world.listing_input(title=f"Dagger number {n}")) for n in range(30)]
    import_listings(rows=rows[:1], actor=seller.actor, now=now)
    with CaptureQueriesContext(connection) as few:
        import_listings(rows=rows[:2], actor=seller.actor, now=now)
    with CaptureQueriesContext(connection) as many:
        import_listings(rows=rows, actor=seller.actor, now=now)
    assert len(many) == len(few)


def test_the_seller_is_told(seller, operator, now):
    listing = world.published(seller, now, **DAGGER)
    case = case_of(listing)
    send_case(case_id=case.id, state=CaseState.OPEN)
    decide(case, operator, now, approve=False, reason="A blade of 30 cm.")
    send_case(case_id=case.id, state=CaseState.REFUSED)
    first, second = mail.outbox[-2:]
    assert "is being checked" in first.subject
    assert "Say what it is for" in first.body
    assert "A blade of 30 cm." in second.body
    assert f"/sell/listings/{listing.id}/review/" in second.body
    outbox.drain(now=now)


def paper():
    buffer = BytesIO()
    Image.new("RGB", (20, 20)).save(buffer, "PNG")
    buffer.seek(0)
    buffer.name = "report.png"
    return buffer


def test_the_page_shows_the_rule_takes_papers_and_hides_them(seller, operator, now):
    listing = world.published(seller, now, **SUN)
    client, path = Client(), f"/sell/listings/{listing.id}/review/"
    client.force_login(seller.user)
    assert "Being checked" in client.get("/sell/listings/").content.decode()
    assert "Send the CPNP number" in client.get(f"/sell/listings/{listing.id}/").content.decode()
    assert client.post(path, {"file": BytesIO(b"no document")}).status_code == 200
    assert client.post(path, {"file": paper()}).status_code == 302
    document = case_of(listing).documents.get()
    page = client.get(path).content.decode()
    assert "report.png" in page
    address = f"/sell/review-documents/{document.id}/"
    assert client.get(address)["Content-Disposition"].startswith("attachment")
    for person, code in ((operator, 200), (world.open_seller(now), 404), (world.person(now), 404)):
        other = Client()
        other.force_login(person.user)
        assert other.get(address).status_code == code
    decide(case_of(listing), operator, now)
    with pytest.raises(TransitionRefused):
        services.send_document(listing_id=listing.id, upload=paper_file(), actor=seller.actor, now=now)


def paper_file():
    from django.core.files.base import File

    return File(paper(), name="report.png")


def test_the_api_tells_how_the_check_stands(seller, now):
    listing, fine = world.published(seller, now, **SUN), world.published(seller, now)
    client = Client()
    client.force_login(seller.user)
    answer = client.get(f"/api/v1/listings/{listing.id}/review/")
    assert answer.json()["review_state"] == "OPEN"
    assert answer.json()["rules"][0]["remedy"] == "Send the CPNP number and the safety report."
    assert client.get(f"/api/v1/listings/{fine.id}/review/").status_code == 404
    assert client.post(f"/api/v1/listings/{listing.id}/review/", {"file": paper()}).status_code == 201
    shown = json.loads(client.get(f"/api/v1/listings/{listing.id}/").content)
    assert shown["listing_state"] == "HELD"
    with pytest.raises(NotFound):
        services.decide_case(
            case_id=listing.id, approve=True, reason="x", actor=world.person(now, is_operator=True).actor, now=now
        )


def test_the_admin_has_the_queue_and_the_rules(seller, operator, now):
    case = case_of(world.published(seller, now, **DAGGER))
    client = Client()
    client.force_login(operator.user)
    page = client.get("/admin/marketplace/moderationcase/?state__exact=OPEN").content.decode()
    assert "knives (dagger)" in page
    assert client.get(f"/admin/marketplace/moderationcase/{case.id}/change/").status_code == 200
    form = {"action": "approve", "_selected_action": [case.id], "reason": "For letters."}
    assert client.post("/admin/marketplace/moderationcase/", form).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.reason) == (CaseState.APPROVED, "For letters.")
    rule = {"kind": "REVIEW", "category": "", "words": "sword\nsabre*", "title_en": "Blades", "title_es": "Hojas",
            "remedy_en": "Say", "remedy_es": "Di", "is_active": "on", "code": "blades"}  # fmt: skip
    assert client.post("/admin/marketplace/moderationrule/add/", rule).status_code == 302
    assert ModerationRule.objects.get(code="blades").words == ["sword", "sabre*"]
    assert client.post("/admin/marketplace/moderationrule/add/", rule | {"words": "", "code": "b"}).status_code == 200
    assert client.post("/admin/marketplace/moderationrule/blades/change/", rule | {"words": "sword"}).status_code == 302
    assert ModerationRule.objects.get(code="blades").version == 2


def test_a_new_rule_looks_at_what_is_on_sale(seller, operator, now):
    sword, scarf, elsewhere = [
        world.published(seller, now, title=title, **more)
        for title, more in (
            ("Ceremonial sword stand", {}), ("Linen scarf", {}),
            ("Sword lily vase", {"category_code": "vases", "attributes": {"material": "glass"}}),
        )
    ]  # fmt: skip
    rule = ModerationRule(code="swords", kind="PROHIBITED", category_id="home-textiles", words=["sword*"], title_en="No",
                          title_es="No", remedy_en="Go", remedy_es="Ve")  # fmt: skip
    services.keep_rule(rule=rule, actor=operator.actor, now=now)
    assert EventRecord.objects.filter(name="marketplace.moderation_rule.changed.v1").count() == 1
    assert [screen_on_sale(rule_code="swords", now=now) for _ in range(2)] == [1, 0]
    states = {row.id: row.state for row in Listing.objects.all()}
    assert states == {sword.id: "HELD", scarf.id: "PUBLISHED", elsewhere.id: "PUBLISHED"}
    rule.is_active = False
    services.keep_rule(rule=rule, actor=operator.actor, now=now)
    assert screen_on_sale(rule_code="swords", now=now) == 0
    rule.words = ["!!"]
    with pytest.raises(InvalidInput):
        services.keep_rule(rule=rule, actor=operator.actor, now=now)

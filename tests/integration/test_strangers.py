"""Every page and endpoint of the house refuses strangers. A new address must be classified here, or this fails.

PUBLIC: anyone. LOGIN: any member, shows only their own things. BUYER, SELLER, PARTY: the order's buyer, its seller, or
both. OWNER: the seller's own thing. OPERATOR: staff. SIGNED: other machines, by signature.
"""

from __future__ import annotations

import io
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver
from PIL import Image

from core.money import Money
from core.webhooks import services as webhooks
from logistics import facade as logistics
from logistics.claims.models import Claim
from marketplace.agreements import services as agreements
from marketplace.catalog import services as catalog
from marketplace.contracts import AgreementStepInput, NeedInput, ThreadKind
from marketplace.drafts import services as drafts
from marketplace.imports.services import take_file
from marketplace.messages import services as messages
from marketplace.orders import services as orders
from marketplace.quotes import services as quotes
from marketplace.returns.models import Return
from marketplace.shops import services as shops
from marketplace.stock import services as stock
from marketplace.tenders import services as tenders
from payments import facade as payments
from payments.contracts import MilestoneTrigger
from tests import world

PUBLIC = """
asset favicon design theme language api_docs api_swagger api_redoc status healthz readyz metrics mailbox mailbox_letter
home search suggestions compare ranking delivery_country listing shop cart cart_code cart_lines cart_line listing_reviews
track track_form promises_kept compare_rates network shipping_carrier_scorecards sandbox_pay sandbox_challenge media
account_login account_logout account_inactive account_signup account_email_verification_sent account_confirm_email
account_reset_password account_reset_password_done account_confirm_login_code account_reset_password_from_key
account_reset_password_from_key_done mfa_authenticate
ledger_head api_ledger_head api_ledger_blocks
google_merchant
api_schema api_search api_search_walk api_suggestions api_categories api_listing api_listing_reviews api_scorecard api_shop api_address_format
"""
LOGIN = """
stock stock_export stock_counts stock_locations new_stock_location api_stock_list api_stock_locations
following api_following followed_shops edit_shop shop_preview shop_banner collections api_own_shop api_collections api_followed_shops
tenders new_tender seller_tenders api_tenders threads new_thread new_quote quotes seller_quotes api_quotes quick_replies api_threads api_quick_replies
matches api_matches
api_cart_code promotions api_promotions
account account_switch account_organisation account_membership account_tokens account_token_revocation
seller_onboarding api_payout_onboarding addresses new_address api_addresses new_agreement agreements seller_agreements api_agreements account_webhooks api_webhooks api_webhook_events
account_reauthenticate account_email account_change_password account_set_password
mfa_index mfa_reauthenticate mfa_activate_totp mfa_deactivate_totp mfa_view_recovery_codes
mfa_generate_recovery_codes mfa_download_recovery_codes mfa_list_webauthn mfa_add_webauthn
mfa_reauthenticate_webauthn mfa_remove_webauthn mfa_edit_webauthn
checkout checkout_review orders sell shop_opening imports import_template saved_searches listings_export api_imports listings new_listing drafts listing_changes api_listing_changes sales sales_export seller_money order_batches packing_slips api_order_batches orders_export buyer_profile approvals api_buyer_profile api_approvals
seller_payouts seller_payout_request seller_payout_schedule seller_statement seller_adjustments documents
disputes seller_reviews reputation hand_over
claims shipping_claims returns seller_returns return_policies api_returns wallet api_saved_methods to_ship cartons shipping_cartons epcis_capture epcis_events
api_me api_tokens api_token shipping_quotes shipping_routes api_balances api_payouts api_payout_destination
api_payout_schedule api_payout_holds api_exchange_quotes api_seller_statement api_documents api_adjustments
seller_chargebacks api_reserves api_chargebacks
api_listings api_seller api_seller_submission api_shop_opening api_cart api_cart_line api_cart_quotes api_purchases
api_orders api_disputes api_reviews api_overview api_listing_figures seller_dashboard seller_daily_export
"""
BUYER = """
purchase_approval proforma api_approval
order_again api_order_again order_withdrawal
return_cancellation return_label return_photos api_return_cancellation api_return_label api_return_photos
purchase payment payment_return purchase_cancellation api_purchase api_purchase_payment api_charge
order_receipt order_extension api_order_receipt api_order_extension order_release api_order_releases
"""
SELLER = """
claim claim_answer claim_photos claim_photo claim_evidence shipment_claims shipping_claim shipping_claim_answer
shipping_claim_evidence shipping_claim_photos shipping_shipment_claims
return_approval return_refusal return_receipt return_replacement api_return_approval api_return_refusal api_return_receipt
api_return_inspection api_return_replacement
order_packing api_order_packing new_parcel parcel_hand_over parcel_removal parcel_customs api_order_parcel api_order_parcel_hand_over api_order_parcel_customs
order_refund order_packing_slip order_customs order_shipment order_hand_over label label_zpl carrier_label shipping_label shipping_hand_over api_order_shipment
api_order_hand_over
"""
PARTY = """
tender tender_choice tender_closing tender_file api_tender api_tender_bids api_tender_choice api_tender_closing
quote quote_acceptance quote_closing quote_agreement api_quote api_quote_offers api_quote_acceptance api_quote_closing
api_quote_agreement thread thread_latest thread_block thread_file message_report api_thread api_thread_messages api_thread_reading api_thread_block
api_thread_file api_message_report
order_promise api_order_promise
withdrawal api_order_withdrawals order_reduction api_order_parcels api_order_reductions
order order_documents document api_document order_cancellation order_money timeline order_dispute dispute_messages dispute_evidence dispute_file
api_order_refunds api_escrow_releases api_milestones
agreement agreement_plan agreement_acceptance agreement_closing agreement_payment agreement_payment_return agreement_proof
agreement_release api_agreement api_agreement_plan api_agreement_acceptance api_agreement_closing api_agreement_payment
api_agreement_proof api_agreement_release
order_returns return return_hand_over return_photo
api_order_returns api_return dispute_withdrawal dispute_acceptance order_reviews api_order api_order_cancellation api_escrow shipping_shipment
shipping_tracking shipping_epcis shipping_custody shipping_legs api_dispute api_dispute_messages api_dispute_evidence api_dispute_evidence_file
api_dispute_withdrawal api_dispute_acceptance
api_review_answer
"""
OWNER = """
stock_location stock_location_closing listing_stock stock_adjustment stock_transfer
api_stock api_stock_movements api_stock_adjustments api_stock_transfers api_stock_location
order_batch api_order_batch
carton_removal shipping_carton
collection collection_removal api_collection quick_reply_removal api_quick_reply
match_decision api_match
promotion_stop api_promotion
listing_photo listing_versions version_restoration listing_schedule listing_stock_alert listing_copy
api_listing_schedule api_listing_versions api_version_restoration api_listing_copy
draft_step draft_autosave draft_end draft_removal
listing_safety api_listing_safety listing_handling api_listing_handling listing_review review_document api_listing_review
listing_variants api_listing_variants listing_prices listing_terms listing_reduction api_listing_terms api_listing_reduction
return_policy_removal
listing_place saved_search listing_import import_start import_undo import_errors api_import api_import_start
edit_listing listing_photos listing_photo_removal listing_publication listing_quick_edit api_listing_publication
labels epcis_captured api_listing_photos seller_chargeback api_chargeback api_chargeback_statements api_refund
wallet_method wallet_forget api_saved_method
address address_removal api_address account_webhook account_webhook_secret account_webhook_activity account_webhook_ping account_webhook_removal
account_webhook_message account_webhook_redelivery
api_webhook api_webhook_secret api_webhook_ping api_webhook_messages api_webhook_message api_webhook_redelivery
"""
OPERATOR = """
shipping_claim_submission shipping_claim_decision shipping_claim_payment
shipping_scans shipping_bags shipping_carrier_events
api_ledger_accounts api_ledger_balance api_ledger_statement api_ledger_txn api_trial_balance
api_bank_statements api_status_reports api_bank_lines api_bank_line_decision api_adjustment_decision
"""
SIGNED = "payments_webhook carrier_webhook sandbox_api"
CLASSES = {
    name: kind
    for kind, names in {"PUBLIC": PUBLIC, "LOGIN": LOGIN, "BUYER": BUYER, "SELLER": SELLER, "PARTY": PARTY,
                        "OWNER": OWNER, "OPERATOR": OPERATOR, "SIGNED": SIGNED}.items()
    for name in names.split()
}  # fmt: skip
FOR_ORDERS = [name for name, kind in CLASSES.items() if kind in {"BUYER", "SELLER", "PARTY", "OPERATOR"}]


def walk(patterns, prefix=""):
    """(route, pattern) of every address outside of the admin."""
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if route.startswith("admin/"):
            continue
        if isinstance(entry, URLPattern):
            yield route, entry
        else:
            yield from walk(entry.url_patterns, route)


ADDRESSES = {
    entry.name or ("media" if "media" in route else route): (route, entry)
    for route, entry in walk(get_resolver().url_patterns)
}


def test_every_address_is_classified():
    assert not set(ADDRESSES) - set(CLASSES), "classify the new addresses above"


def address(name, things):
    """A concrete path of the address, with the ids of the seller's and the buyer's real things."""
    path = "/" + ADDRESSES[name][0]
    for key in ADDRESSES[name][1].pattern.converters | dict.fromkeys(_nested(path)):
        value = getattr(things, key, None)
        for converter in ("uuid", "slug", "int", "str"):
            path = path.replace(f"<{converter}:{key}>", str(value))
    return path


def _nested(path):
    return [part.split(">")[0].split(":")[1] for part in path.split("<")[1:] if ":" in part]


@pytest.fixture
def scene(db, now):
    """A paid order with a booked parcel, an unpublished listing, and clients of everybody."""
    seller, buyer = world.open_seller(now), world.person(now)
    listing = world.published(seller, now)
    world.fill_cart(buyer, {listing.id: 1}, now)
    purchase = world.place(buyer, now)
    world.pay_purchase(
        purchase=purchase, method_token="tok_approve", return_url="http://t/", actor=buyer.actor, now=now
    )
    order = purchase.orders.get()
    orders.book_shipment(order_id=order.id, actor=seller.actor, now=now)
    shipment = logistics.find_shipment_for_order(order.id)
    draft = catalog.create_listing(listing=world.listing_input(title="Secret draft"), actor=seller.actor, now=now)
    people = {
        "buyer": buyer, "seller": seller, "other buyer": world.person(now), "other seller": world.open_seller(now),
        "operator": world.person(now, is_operator=True),
    }  # fmt: skip
    agreement = agreements.request_agreement(listing_id=listing.id, wish="Longer.", actor=buyer.actor, now=now)
    plan = [AgreementStepInput("Deposit", Money(1000, "EUR"), MilestoneTrigger.FUNDING)]
    agreements.propose_plan(agreement_id=agreement.id, terms="Ok.", steps=plan, actor=seller.actor, now=now)
    agreements.accept_plan(
        agreement_id=agreement.id, expected_total=Money(1000, "EUR"), actor=buyer.actor, now=now
    )  # fmt: skip
    webhook, _secret = webhooks.create_webhook(
        url="https://shop.example/hook",
        description="",
        events=["marketplace.order.paid.v1"],
        actor=seller.actor,
        now=now,
    )
    talk = messages.begin_thread(
        kind=ThreadKind.ORDER, subject_id=order.id, text="When?", actor=buyer.actor, now=now
    )  # fmt: skip
    quote = quotes.request_quote(
        listing_id=listing.id, quantity=3, wish="", address=world.VALENCIA, actor=buyer.actor, now=now
    )  # fmt: skip
    need = NeedInput("table-linen", "Fifty cloths", "White.", 50, world.VALENCIA, 7)
    tender = tenders.publish_tender(need=need, currency="EUR", actor=buyer.actor, now=now)
    collection = shops.add_collection(title="Set", listing_ids=[listing.id], actor=seller.actor, now=now)
    begun = drafts.start_draft(category_code="table-linen", actor=seller.actor, now=now)
    reply = messages.add_quick_reply(title="Soon", text="Soon.", actor=seller.actor, now=now)
    message = webhooks.send_ping(
        subscription_id=webhook.id,
        actor=seller.actor,
        now=now,
    )
    sent_back = Return.objects.create(
        number="RT-TEST",
        order=order,
        state="REQUESTED",
        wish="REFUND",
        payer="SELLER",
        currency="EUR",
        requested_at=now,
    )
    claim = Claim.objects.create(
        number="CL-TEST", shipment_id=shipment.shipment_id, claim_type="DAMAGED", state="DRAFT", currency="EUR",
        opened_at=now, opens_at=now, deadline_at=now,
    )  # fmt: skip
    clients = {"anonymous": Client()}
    for who, one in people.items():
        clients[who] = Client()
        clients[who].force_login(one.user)
    things = SimpleNamespace(
        order_id=order.id, purchase_id=purchase.id, charge_id=purchase.charge_id, shipment_id=shipment.shipment_id,
        listing_id=draft.id, photo_id=uuid4(), evidence_id=uuid4(), token_id=uuid4(), membership_id=uuid4(), pk=1,
        slug="nowhere", number="LJ000", provider="sandbox", carrier_code="seur", operation="book", intent_id=uuid4(),
        chargeback_id=uuid4(), refund_id=uuid4(), method_id=uuid4(), letter_id="none", dispute_id=uuid4(), review_id=uuid4(), seller_id=seller.organisation_id,
        parcel_id=uuid4(), batch_id=uuid4(), withdrawal_id=uuid4(), account_id=1, txn_id=1, address_id=uuid4(), agreement_id=agreement.id, step_id=agreement.steps.get().id, subscription_id=webhook.id, message_id=message.id,
        thread_id=talk.thread_id, quote_id=quote.id, tender_id=tender.id, collection_id=collection.id, said_id=talk.id, file_id=uuid4(), reply_id=reply.id, kind="order", subject_id=order.id,
        import_id=take_file(file_name="secret.csv", content=b"title", actor=seller.actor, now=now).id,
        location_id=stock.add_location(label="Depot", address=world.VALENCIA, handling_days=1, actor=seller.actor, now=now).id,
        draft_id=begun.id, step="what", version=1,
        return_id=sent_back.id, claim_id=claim.id, policy_id=999_999, document_id=uuid4(), line_id=uuid4(), adjustment_id=uuid4(),
    )  # fmt: skip
    return SimpleNamespace(clients=clients, people=people, things=things, order=order, purchase=purchase, draft=draft)


def ask(client, path, method):
    body = {} if method == "get" else {"content_type": "application/json", "data": "{}"}
    return getattr(client, method)(path, headers={"Idempotency-Key": str(uuid4())}, **body).status_code


REFUSED = {302, 401, 403, 404, 405, 415}


@pytest.mark.parametrize("method", ["get", "post"])
def test_orders_parcels_and_money_are_hidden_from_strangers(scene, method):
    answers = {}
    for name in FOR_ORDERS:
        for who in ("anonymous", "other buyer", "other seller"):
            code = ask(scene.clients[who], address(name, scene.things), method)
            # 422 comes from the shape of the body, before anything is looked up. 403 to a signed-in stranger would tell that the thing exists; 405 tells nothing about it.
            allowed = REFUSED if who == "anonymous" else {404, 405, 415, 422}
            if code not in allowed:
                answers[name, who] = code
    assert not answers
    scene.order.refresh_from_db()
    assert scene.order.state == "PAID"


@pytest.mark.parametrize("name", sorted(n for n, k in CLASSES.items() if k == "OWNER"))
def test_another_sellers_listing_is_not_there(scene, name):
    path = address(name, scene.things)
    for who in ("anonymous", "other buyer", "other seller", "operator"):
        for method in ("get", "post", "put", "delete"):
            code = ask(scene.clients[who], path, method)
            assert code in (REFUSED if who == "anonymous" else {403, 404, 405, 415}), (name, who, method, code)
    scene.draft.refresh_from_db()
    assert scene.draft.state == "DRAFT"


@pytest.mark.parametrize("name", sorted(n for n, k in CLASSES.items() if k == "OPERATOR"))
def test_what_is_for_operators_is_there_for_nobody_else(scene, name):
    path = address(name, scene.things)
    for who in ("anonymous", "buyer", "seller", "other buyer", "other seller"):
        for method in ("get", "post"):
            code = ask(scene.clients[who], path, method)
            assert code in (REFUSED if who == "anonymous" else {404, 405}), (name, who, method, code)


def test_a_picture_is_not_added_to_anothers_listing(scene):
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20)).save(buffer, "PNG")
    for name in ("listing_photos", "api_listing_photos"):
        for who in ("other buyer", "other seller"):
            buffer.seek(0)
            buffer.name = "a.png"
            code = scene.clients[who].post(address(name, scene.things), {"photo": buffer}).status_code
            assert code == 404, (name, who)
    assert not scene.draft.photos.exists()


def test_drafts_are_public_nowhere(scene):
    for name in ("listing", "api_listing"):
        for who in ("anonymous", "other buyer", "other seller", "operator"):
            assert scene.clients[who].get(address(name, scene.things)).status_code == 404, (name, who)
    put = scene.clients["other seller"].put(
        address("api_listing", scene.things), data="{}", content_type="application/json"
    )
    assert put.status_code == 404


@pytest.mark.parametrize("name", sorted(n for n, k in CLASSES.items() if k == "LOGIN"))
def test_the_own_area_asks_for_a_login(scene, name):
    path = address(name, scene.things)
    for method in ("get", "post"):
        assert ask(scene.clients["anonymous"], path, method) in {301, 302, 401, 403, 404, 405, 415}, (name, method)


def words_of(response):
    return (b"".join(response) if response.streaming else response.content).decode()


def test_own_lists_hold_only_own_things(scene):
    number = scene.order.number
    pages = (
        "orders",
        "orders_export",
        "sales",
        "sales_export",
        "api_orders",
        "api_purchases",
        "api_listings",
        "listings",
    )
    for name in pages:
        path = address(name, scene.things)
        for who in ("other buyer", "other seller", "operator"):
            text = words_of(scene.clients[who].get(path))
            assert number not in text, (name, who)
            assert "Secret draft" not in text, (name, who)
    for who, name in (("buyer", "orders"), ("seller", "sales"), ("buyer", "api_orders"), ("seller", "api_orders")):
        assert number in words_of(scene.clients[who].get(address(name, scene.things))), (who, name)


def test_parties_are_let_in(scene):
    for who in ("buyer", "seller", "operator"):
        for name in ("api_order", "order_money", "api_escrow", "shipping_tracking"):
            assert ask(scene.clients[who], address(name, scene.things), "get") == 200, (who, name)
    for who in ("buyer", "seller"):
        assert ask(scene.clients[who], address("order", scene.things), "get") == 200
    label = address("label", scene.things)
    assert ask(scene.clients["seller"], label, "get") == 200
    assert label in scene.clients["seller"].get(address("order", scene.things)).content.decode()
    assert label not in scene.clients["buyer"].get(address("order", scene.things)).content.decode()
    assert ask(scene.clients["buyer"], address("label", scene.things), "get") == 404
    assert ask(scene.clients["buyer"], address("order_packing_slip", scene.things), "get") == 404
    assert ask(scene.clients["seller"], address("purchase", scene.things), "get") == 404


@pytest.mark.parametrize("name", SIGNED.split())
def test_machines_without_a_signature_are_refused(scene, name):
    code = ask(scene.clients["anonymous"], address(name, scene.things), "post")
    assert code in {400, 401, 403, 404}, code


def test_the_admin_is_for_operators(scene):
    for who in ("anonymous", "buyer", "seller"):
        for page in ("", "marketplace/seller/", "marketplace/listing/", "marketplace/order/", "payments/escrow/"):
            assert scene.clients[who].get(f"/admin/{page}").status_code in {302, 403}, (who, page)
    for page in ("seller", "category", "listing", "purchase", "order"):
        assert scene.clients["operator"].get(f"/admin/marketplace/{page}/").status_code == 200, page
    detail = scene.clients["operator"].get(f"/admin/marketplace/order/{scene.order.id}/change/")
    assert detail.status_code == 200
    assert scene.order.number in detail.content.decode()


def test_a_party_may_not_play_the_other_side(scene):
    """The seller cannot confirm receipt, the buyer cannot ship."""
    for who, name in (
        ("seller", "api_order_receipt"), ("seller", "api_order_extension"), ("buyer", "api_order_shipment"),
        ("buyer", "api_order_hand_over"), ("seller", "api_purchase_payment"),
    ):  # fmt: skip
        assert ask(scene.clients[who], address(name, scene.things), "post") == 404, (who, name)
    assert payments.get_escrow(scene.order.id).released.minor == 0

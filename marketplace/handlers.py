"""What the marketplace does when something happened below it: one service call each."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.events.logistics import ClaimOpened, ClaimPaid, ParcelDelivered, ParcelHandedOver, ParcelLost, PromiseBroken
from core.events.marketplace import (
    AgreementAccepted,
    AgreementClosed,
    AgreementProposed,
    AgreementRequested,
    ListingHeld,
    ListingLowOnStock,
    ListingNotPublished,
    ListingReviewed,
    ModerationRuleChanged,
    OrderPaid,
    OrderWithdrawn,
    PurchaseApprovalMoved,
    QuoteAccepted,
    QuoteClosed,
    QuoteOffered,
    QuoteRequested,
    ReturnMoved,
)
from core.events.payments import ChargeCaptured, EscrowFunded, EscrowRefunded, EscrowReleased
from core.outbox.services import subscribe
from marketplace import tasks
from marketplace.agreements import invoicing as step_invoicing
from marketplace.orders import invoicing, parcels
from marketplace.orders import services as orders
from marketplace.recoveries import services as recoveries
from marketplace.remedies import services as remedies
from marketplace.returns import services as returns
from marketplace.returns import settlement
from marketplace.returns.selectors import find_by_replacement
from marketplace.tenders import services as tenders


def on_charge_captured(event: ChargeCaptured, *, now: datetime) -> None:
    orders.confirm_payment(purchase_id=event.purchase_id, actor=Actor.system("payments"), now=now)


def on_step_funded(event: EscrowFunded, *, now: datetime) -> None:
    """An escrow of an agreement's step bears the step's id as its order; orders are invoiced when they are paid."""
    step_invoicing.invoice_step(step_id=event.order_id, actor=Actor.system("invoicing"), now=now)


def on_parcel_handed_over(event: ParcelHandedOver, *, now: datetime) -> None:
    actor = Actor.carrier(event.carrier_code)
    if event.purpose == "RETURN":
        returns.mark_sent(return_id=event.order_id, actor=actor, now=now)
    elif event.purpose == "ORDER":
        parcels.follow_hand_over(subject_id=event.order_id, shipped_at=event.at, actor=actor, now=now)


def on_parcel_delivered(event: ParcelDelivered, *, now: datetime) -> None:
    actor = Actor.carrier(event.carrier_code)
    if event.purpose == "RETURN":
        returns.mark_received(return_id=event.order_id, received_at=event.delivered_at, actor=actor, now=now)
    elif event.purpose == "REPLACEMENT":
        settlement.mark_replaced(replacement_id=event.order_id, actor=actor, now=now)
    else:
        parcels.follow_delivery(
            subject_id=event.order_id, delivered_at=event.delivered_at, kept_promise=event.kept_promise, actor=actor,
            now=now,
        )  # fmt: skip


def on_parcel_lost(event: ParcelLost, *, now: datetime) -> None:
    """The buyer is paid at once; the carrier's money comes later, by a claim."""
    actor = Actor.carrier(event.carrier_code)
    if event.purpose == "ORDER":
        recoveries.refund_lost_order(subject_id=event.order_id, actor=Actor.system("lost"), now=now)
    else:
        lost = event.order_id if event.purpose == "RETURN" else find_by_replacement(event.order_id)
        settlement.refund_lost(return_id=lost, actor=actor, now=now)


def on_claim_opened(event: ClaimOpened, *, now: datetime) -> None:
    if event.amount is None:
        recoveries.value_claim(
            claim_id=event.claim_id, subject_id=event.order_id, purpose=event.purpose, actor=Actor.system("claims"),
            now=now,
        )  # fmt: skip


def on_claim_paid(event: ClaimPaid, *, now: datetime) -> None:
    recoveries.pass_on_recovery(
        claim_id=event.claim_id, number=event.number, claim_type=event.claim_type, subject_id=event.order_id,
        purpose=event.purpose, amount=event.amount, actor=Actor.system("claims"), now=now,
    )  # fmt: skip


def on_return_moved_write(event: ReturnMoved, *, now: datetime) -> None:
    """Each side hears what the other did."""
    send = partial(tasks.return_letter_task.delay, str(event.return_id), event.state)
    transaction.on_commit(send, robust=True)


def on_approval_moved_write(event: PurchaseApprovalMoved, *, now: datetime) -> None:
    """Colleagues are asked, and whoever asked hears the decision."""
    send = partial(tasks.approval_letter_task.delay, str(event.purchase_id), event.state)
    transaction.on_commit(send, robust=True)


def on_order_withdrawn_write(event: OrderWithdrawn, *, now: datetime) -> None:
    """The receipt leaves at once."""
    send = partial(tasks.withdrawal_letter_task.delay, str(event.withdrawal_id))
    transaction.on_commit(send, robust=True)


def on_promise_broken(event: PromiseBroken, *, now: datetime) -> None:
    remedies.remedy_promise(
        subject_id=event.order_id, days_late=event.days_late, share_bps=event.remedy_bps, liable=event.liable,
        broken_at=event.at, actor=Actor.system("promise"), now=now,
    )  # fmt: skip


def on_escrow_released(event: EscrowReleased, *, now: datetime) -> None:
    orders.complete_order(order_id=event.order_id, actor=Actor.system("escrow"), now=now)


def on_escrow_refunded(event: EscrowRefunded, *, now: datetime) -> None:
    orders.close_refunded(order_id=event.order_id, reason=event.reason, actor=Actor.system("escrow"), now=now)


def on_order_paid(event: OrderPaid, *, now: datetime) -> None:
    invoicing.invoice_order(order_id=event.order_id, actor=Actor.system("invoicing"), now=now)


def on_agreement_requested_write(event: AgreementRequested, *, now: datetime) -> None:
    _after_commit(str(event.agreement_id), "REQUESTED")


def on_agreement_proposed_write(event: AgreementProposed, *, now: datetime) -> None:
    _after_commit(str(event.agreement_id), "PROPOSED")


def on_agreement_accepted_write(event: AgreementAccepted, *, now: datetime) -> None:
    _after_commit(str(event.agreement_id), "ACCEPTED")


def on_agreement_closed_write(event: AgreementClosed, *, now: datetime) -> None:
    _after_commit(str(event.agreement_id), f"CLOSED_BY_{event.by}")


def _after_commit(agreement_id: str, occasion: str) -> None:
    """Letters never hold up an event: they go to a worker once the event counts as handled."""
    transaction.on_commit(partial(tasks.agreement_letter_task.delay, agreement_id, occasion), robust=True)


def on_quote_requested_write(event: QuoteRequested, *, now: datetime) -> None:
    _write_about_quote(event.quote_id, "REQUESTED", "BUYER")


def on_quote_offered_write(event: QuoteOffered, *, now: datetime) -> None:
    _write_about_quote(event.quote_id, "OFFERED", event.by)


def on_quote_accepted_write(event: QuoteAccepted, *, now: datetime) -> None:
    _write_about_quote(event.quote_id, "ACCEPTED", event.by)


def on_quote_accepted_award(event: QuoteAccepted, *, now: datetime) -> None:
    tenders.award_by_quote(quote_id=event.quote_id, now=now)


def on_quote_closed_write(event: QuoteClosed, *, now: datetime) -> None:
    if event.outcome != "CONVERTED":  # what is made to order has letters of its own
        _write_about_quote(event.quote_id, "CLOSED", event.by)


def _write_about_quote(quote_id: UUID, occasion: str, by: str) -> None:
    """To the side that did not act; to both when nobody did."""
    for side in {"BUYER", "SELLER"} - {by}:
        transaction.on_commit(partial(tasks.quote_letter_task.delay, str(quote_id), occasion, side), robust=True)


def on_listing_held_write(event: ListingHeld, *, now: datetime) -> None:
    _write_about_case(event.case_id, "OPEN")


def on_listing_reviewed_write(event: ListingReviewed, *, now: datetime) -> None:
    _write_about_case(event.case_id, "APPROVED" if event.approved else "REFUSED")


def _write_about_case(case_id: UUID, state: str) -> None:
    transaction.on_commit(partial(tasks.moderation_letter_task.delay, str(case_id), state), robust=True)


def on_listing_low_on_stock_write(event: ListingLowOnStock, *, now: datetime) -> None:
    transaction.on_commit(
        partial(tasks.low_stock_letter_task.delay, str(event.listing_id), event.left), robust=True
    )  # fmt: skip


def on_listing_not_published_write(event: ListingNotPublished, *, now: datetime) -> None:
    transaction.on_commit(
        partial(tasks.not_published_letter_task.delay, str(event.listing_id), event.reason), robust=True
    )  # fmt: skip


def on_moderation_rule_changed_screen(event: ModerationRuleChanged, *, now: datetime) -> None:
    transaction.on_commit(partial(tasks.screen_on_sale_task.delay, event.code), robust=True)


subscribe(ModerationRuleChanged, on_moderation_rule_changed_screen)
subscribe(ListingLowOnStock, on_listing_low_on_stock_write)
subscribe(ListingNotPublished, on_listing_not_published_write)
subscribe(ListingHeld, on_listing_held_write)
subscribe(ListingReviewed, on_listing_reviewed_write)
subscribe(QuoteRequested, on_quote_requested_write)
subscribe(QuoteOffered, on_quote_offered_write)
subscribe(QuoteAccepted, on_quote_accepted_write)
subscribe(QuoteAccepted, on_quote_accepted_award)
subscribe(QuoteClosed, on_quote_closed_write)
subscribe(AgreementRequested, on_agreement_requested_write)
subscribe(AgreementProposed, on_agreement_proposed_write)
subscribe(AgreementAccepted, on_agreement_accepted_write)
subscribe(AgreementClosed, on_agreement_closed_write)
subscribe(OrderPaid, on_order_paid)
subscribe(ChargeCaptured, on_charge_captured)
subscribe(EscrowFunded, on_step_funded)
subscribe(ParcelHandedOver, on_parcel_handed_over)
subscribe(ParcelDelivered, on_parcel_delivered)
subscribe(ParcelLost, on_parcel_lost)
subscribe(ClaimOpened, on_claim_opened)
subscribe(ClaimPaid, on_claim_paid)
subscribe(PurchaseApprovalMoved, on_approval_moved_write)
subscribe(OrderWithdrawn, on_order_withdrawn_write)
subscribe(ReturnMoved, on_return_moved_write)
subscribe(PromiseBroken, on_promise_broken)
subscribe(EscrowReleased, on_escrow_released)
subscribe(EscrowRefunded, on_escrow_refunded)

"""The door of payments: what other modules may ask for. Ids and contracts in, contracts out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from core.actor import Actor
from core.money import Money
from payments.adjustments import services as adjustments
from payments.chargebacks import evidence
from payments.chargebacks import selectors as chargeback_reads
from payments.chargebacks import simulation as chargeback_simulation
from payments.charges import selectors as charge_reads
from payments.charges import services as charges
from payments.contracts import (
    ChargebackView,
    ChargeView,
    DeliveryKind,
    DocumentView,
    EscrowLineView,
    EscrowRequest,
    EscrowView,
    EvidenceSource,
    HoldReason,
    InvoiceRequest,
    MilestoneRequest,
    MilestoneView,
    MoneyMovement,
    PartyDirectory,
    PayoutDestinationView,
    PayoutView,
    RefundView,
    SellerBalance,
    TransferInstructions,
)
from payments.documents import rules as document_rules
from payments.documents import selectors as document_reads
from payments.documents import services as documents
from payments.escrow import contributions, holds, milestones, timers
from payments.escrow import selectors as escrow_reads
from payments.escrow import services as escrows
from payments.ledger import chain
from payments.ledger import services as ledger
from payments.payouts import parties
from payments.payouts import selectors as payout_reads
from payments.payouts import services as payouts
from payments.providers import bank, network
from payments.providers.port import TooEarly
from payments.reconciliation import bank_day
from payments.reconciliation import services as reconciliation
from payments.refunds import selectors as refund_reads
from payments.refunds import services as refunding
from payments.refunds import submission as refunds
from payments.reserves import services as reserves
from payments.wallet import selectors as wallet_reads
from payments.wallet import services as wallet
from payments.wallet.rules import SavedMethodView
from payments.webhooks import services as webhooks


def open_charge(
    *, purchase_id: UUID, buyer_id: UUID, amount: Money, escrows: tuple[EscrowRequest, ...], actor: Actor, now: datetime
) -> ChargeView:
    """Record the wish to take `amount` and hold it per order; no I/O, joins the caller's transaction.

    After a FAILED charge the same purchase may be charged again with the same orders. Raises EscrowSumMismatch,
    ChargeAlreadyOpen, ChargeAlreadyCaptured.
    """
    return charges.open_charge(
        purchase_id=purchase_id, buyer_id=buyer_id, amount=amount, requests=escrows, actor=actor, now=now
    )


def submit_charge(
    *, charge_id: UUID, method_token: str | None, return_url: str, actor: Actor, now: datetime,
    saved_method_id: UUID | None = None,
) -> ChargeView:  # fmt: skip
    """Ask the provider for the money. Call it outside transactions. `method_token` None: the hosted page.

    `saved_method_id`: pay with a method of the buyer's wallet instead. Safe to repeat. Never raises for a decline or a
    time-out: look at `state` (FAILED, UNKNOWN). Raises SavedMethodNotFound.
    """
    return charges.submit_charge(
        charge_id=charge_id, method_token=method_token, saved_method_id=saved_method_id, return_url=return_url,
        actor=actor, now=now,
    )  # fmt: skip


def list_saved_methods(*, buyer_id: UUID, now: datetime) -> list[SavedMethodView]:
    """What a returning buyer can pay with at one press, the default first; expired ones are left out."""
    return [method for method in wallet_reads.list_methods(buyer_id, now=now) if not method.expired]


def refresh_charge(*, charge_id: UUID, now: datetime) -> ChargeView:
    """Ask the provider how the charge stands (return from the hosted page). Call it outside transactions."""
    return charges.refresh_charge(charge_id=charge_id, now=now)


def cancel_charge(*, charge_id: UUID, actor: Actor, now: datetime) -> ChargeView:
    """Give up an unpaid purchase: charge and escrows are cancelled; money that still arrives is sent back.

    Raises ChargeAlreadyCaptured.
    """
    return charges.cancel_charge(charge_id=charge_id, actor=actor, now=now)


def get_charge(charge_id: UUID) -> ChargeView:
    """Raises ChargeNotFound."""
    return charge_reads.get_charge_view(charge_id)


def find_charge_for_purchase(purchase_id: UUID) -> ChargeView | None:
    """The latest attempt of a purchase."""
    return charge_reads.find_charge_for_purchase(purchase_id)


def get_escrow(order_id: UUID) -> EscrowView:
    """Raises EscrowNotFound."""
    return escrow_reads.get_escrow_view(order_id)


def list_escrows(order_ids: Iterable[UUID]) -> dict[UUID, EscrowView]:
    """By order id, in two queries; orders without an escrow are left out."""
    return escrow_reads.list_escrow_views(order_ids)


def paid_contributions(order_ids: Iterable[UUID]) -> dict[UUID, Money]:
    """What the platform has paid sellers for its codes, by order; one query."""
    return contributions.paid_contributions(order_ids)


def mark_shipped(*, order_id: UUID, actor: Actor, now: datetime) -> EscrowView:
    """The goods are on their way. Repeating it, or saying it late, changes nothing."""
    return escrows.mark_shipped(order_id=order_id, actor=actor, now=now)


def mark_delivered(
    *, order_id: UUID, delivery_kind: DeliveryKind, delivered_at: datetime, actor: Actor, now: datetime
) -> EscrowView:
    """The goods arrived: the inspection runs from `delivered_at` (paused while disputed). Safe to repeat."""
    return escrows.mark_delivered(
        order_id=order_id, delivery_kind=delivery_kind, delivered_at=delivered_at, actor=actor, now=now
    )


def confirm_receipt(*, order_id: UUID, actor: Actor, now: datetime) -> EscrowView:
    """The buyer is content: the seller is paid minus commission. Raises EscrowTransitionRefused."""
    return escrows.confirm_receipt(order_id=order_id, actor=actor, now=now)


def extend_inspection(*, order_id: UUID, actor: Actor, now: datetime) -> EscrowView:
    """The buyer takes five more days, once. Raises ExtensionUsed, EscrowTransitionRefused."""
    return escrows.extend_inspection(order_id=order_id, actor=actor, now=now)


def refund_order(*, order_id: UUID, reason: str, actor: Actor, now: datetime) -> EscrowView:
    """Before shipping: the whole amount goes back; an unpaid escrow is cancelled. Safe to repeat."""
    return escrows.refund_order(order_id=order_id, reason=reason, actor=actor, now=now)


def arm_ship_deadlines(*, due_at: Mapping[UUID, datetime]) -> None:
    """Orders not shipped by their moment are refunded by themselves. Saying it again moves the deadline."""
    escrows.arm_ship_deadlines(due_at=due_at)


def release_part(
    *, order_id: UUID, lines: Sequence[str] | None = None, amount: Money | None = None, reason: str, actor: Actor,
    now: datetime,
) -> EscrowView:  # fmt: skip
    """Release whole lines, or an amount spread over all, to the seller. For the buyer, operators and the system.

    Raises UnknownLine (nothing left of it), InvalidInput, EscrowTransitionRefused.
    """
    return escrows.release_part(order_id=order_id, lines=lines, amount=amount, reason=reason, actor=actor, now=now)


def list_escrow_lines(order_id: UUID) -> tuple[EscrowLineView, ...]:
    """The lines of an order with where their money is. Raises EscrowNotFound."""
    return escrow_reads.list_line_views(order_id)


def pause_inspection(*, order_id: UUID, reason: str, actor: Actor, now: datetime) -> EscrowView:
    """A return is open: the release clock stands still (30 days at most). Raises EscrowTransitionRefused."""
    return escrows.pause_inspection(order_id=order_id, reason=reason, actor=actor, now=now)


def resume_inspection(*, order_id: UUID, reason: str, actor: Actor, now: datetime) -> EscrowView:
    """The return is over: the clock runs on with what was left. Safe to repeat."""
    return escrows.resume_inspection(order_id=order_id, reason=reason, actor=actor, now=now)


def freeze_escrow(
    *, order_id: UUID, reason: str, actor: Actor, now: datetime, lines: Sequence[str] | None = None,
    amount: Money | None = None,
) -> EscrowView:  # fmt: skip
    """A dispute about all, some lines or an amount: that money is set aside and clocks stop, from this transaction on.

    What is not disputed is still released on its day. Nobody decides in 14 days (policy data): the buyer gets it back.
    Raises EscrowTransitionRefused, UnknownLine, InvalidInput.
    """
    return holds.freeze_escrow(
        order_id=order_id, reason=reason, actor=actor, now=now, lines=lines, amount=amount
    )  # fmt: skip


def unfreeze_escrow(*, order_id: UUID, reason: str, actor: Actor, now: datetime) -> EscrowView:
    """The dispute was withdrawn: back to where the goods are, with the time that was left."""
    return holds.unfreeze_escrow(order_id=order_id, reason=reason, actor=actor, now=now)


def decide_escrow(*, order_id: UUID, refund: Money, reason: str, actor: Actor, now: datetime) -> EscrowView:
    """Carry out a decision: of what is disputed `refund` to the buyer, the rest to the seller minus its fee."""
    return holds.decide_escrow(order_id=order_id, refund=refund, reason=reason, actor=actor, now=now)


def refund(
    *, order_id: UUID, lines: Mapping[str, Money | None] | None = None, amount: Money | None = None,
    shipping: bool = False, reason: str, key: str, actor: Actor, now: datetime,
) -> RefundView:  # fmt: skip
    """Money of a paid order back to its buyer: lines (None: all that is left of one), shipping, an amount, everything.

    Before release from escrow, afterwards from the seller. Once per order and key. For the seller, operators and the
    system. Raises RefundDuringDispute, RefundTooLarge, UnknownLine, EscrowTransitionRefused, IdempotencyConflict.
    """
    return refunding.refund(
        order_id=order_id, lines=lines, amount=amount, shipping=shipping, reason=reason, key=key, actor=actor, now=now
    )


def list_refunds(order_ids: Iterable[UUID]) -> tuple[RefundView, ...]:
    """Refunds of some orders, newest first, at most 200."""
    return refund_reads.list_refunds(order_ids)


def list_chargebacks(seller_id: UUID) -> list[ChargebackView]:
    """A seller's chargebacks with their part of the amount, newest first, at most 50."""
    return chargeback_reads.list_chargebacks(seller_id)


def plug_evidence_source(source: EvidenceSource) -> None:
    """Who knows orders, parcels and messages for a bank that decides; called by config.wiring."""
    evidence.plug_evidence_source(source)


def open_schedule(
    *, order_id: UUID, buyer_id: UUID, seller_id: UUID, steps: Sequence[MilestoneRequest], now: datetime
) -> tuple[MilestoneView, ...]:
    """A payment schedule (deposit, balance, inspection) for made-to-order goods; nothing is charged yet."""
    return milestones.open_schedule(order_id=order_id, buyer_id=buyer_id, seller_id=seller_id, steps=steps, now=now)


def charge_milestone(*, milestone_id: UUID, actor: Actor, now: datetime) -> ChargeView:
    """Open the charge of a step; then submit_charge. Raises MilestoneNotFound, EscrowTransitionRefused (an earlier
    step is not paid), ChargeAlreadyOpen, ChargeAlreadyCaptured.
    """
    return charges.charge_milestone(milestone_id=milestone_id, actor=actor, now=now)


def prove_milestone(*, milestone_id: UUID, proof: str, actor: Actor, now: datetime) -> MilestoneView:
    """The seller shows that a step is done: the buyer's inspection runs, silence accepts."""
    return milestones.prove_milestone(milestone_id=milestone_id, proof=proof, actor=actor, now=now)


def accept_milestone(*, milestone_id: UUID, actor: Actor, now: datetime) -> MilestoneView:
    """The buyer accepts a step: its money goes to the seller."""
    return milestones.accept_milestone(milestone_id=milestone_id, actor=actor, now=now)


def list_milestones(order_id: UUID) -> tuple[MilestoneView, ...]:
    """The schedule of an order with the money of each step; empty when there is none."""
    return milestones.list_milestones(order_id)


def seller_balance(seller_id: UUID, currency: str) -> SellerBalance:
    """Held, available, on its way, paid out and owed, in one currency."""
    return payout_reads.get_seller_balance(seller_id, currency)


def list_seller_balances(seller_id: UUID) -> tuple[SellerBalance, ...]:
    """One for each currency the seller has dealt in."""
    return payout_reads.list_seller_balances(seller_id)


def total_held(currency: str) -> Money:
    """Everything in escrow in one currency (operators)."""
    return escrow_reads.total_held(currency)


def list_payouts(seller_id: UUID, limit: int = 50) -> tuple[PayoutView, ...]:
    """The latest payouts, newest first (at most 200)."""
    return payout_reads.list_payouts(seller_id, limit)


def money_timeline(order_id: UUID) -> tuple[MoneyMovement, ...]:
    """Every movement of an order's money, oldest first."""
    return escrow_reads.money_timeline(order_id)


def set_payout_destination(
    *, seller_id: UUID, holder: str, iban: str, actor: Actor, now: datetime
) -> PayoutDestinationView:
    """Set the bank account a seller is paid to. Raises InvalidIban, InvalidInput, NotFound (not the seller)."""
    return payouts.set_payout_destination(seller_id=seller_id, holder=holder, iban=iban, actor=actor, now=now)


def get_payout_destination(seller_id: UUID) -> PayoutDestinationView | None:
    """The bank account, masked; None while there is none."""
    return payout_reads.find_destination(seller_id)


def attest_record(*, kind: str, ref: str, content: bytes, now: datetime) -> None:
    """Have a record of the caller's module chained with the money (a risk decision): its digest now, in this transaction.

    Repeating it changes nothing. Raises IdempotencyConflict when (kind, ref) was attested with other content.
    """
    chain.attest(kind=kind, ref=ref, content=content, now=now)


def place_payout_hold(*, seller_id: UUID, reason: HoldReason, note: str, actor: Actor, now: datetime) -> None:
    """Stop payouts to a seller (risk, verification); `note` is what the seller reads. Safe to repeat."""
    payouts.place_payout_hold(seller_id=seller_id, reason=reason, note=note, actor=actor, now=now)


def lift_payout_hold(*, seller_id: UUID, reason: HoldReason, actor: Actor, now: datetime) -> None:
    """End a hold; safe to repeat. Money goes out again by the seller's schedule."""
    payouts.lift_payout_hold(seller_id=seller_id, reason=reason, actor=actor, now=now)


def plug_party_directory(directory: PartyDirectory) -> None:
    """config/wiring.py says who knows names, addresses and verification of organisations."""
    parties.plug_party_directory(directory)


def issue_invoice(*, request: InvoiceRequest, actor: Actor, now: datetime) -> DocumentView:
    """The seller's invoice of a paid order, numbered without gaps; asking again returns the first."""
    return documents.issue_invoice(request=request, actor=actor, now=now)


def is_vat_number(number: str) -> bool:
    """Form and check digits of an EU VAT number; nobody is asked."""
    return document_rules.is_vat_number(number)


def list_order_documents(order_id: UUID) -> tuple[DocumentView, ...]:
    """The invoice of an order and its credit notes, oldest first."""
    return tuple(document_reads.list_documents_of_order(order_id))


def set_reserve_policy(
    *, seller_id: UUID, basis_points: int, days: int, reason: str, actor: Actor, now: datetime
) -> None:
    """Keep a part of each release of a seller back for claims (10,000 basis points: all). Operators; audited."""
    reserves.set_policy(
        seller_id=seller_id, basis_points=basis_points, days=days, reason=reason, actor=actor, now=now
    )  # fmt: skip


def request_adjustment(
    *, seller_id: UUID, kind: str, amount: Money, reason: str, actor: Actor, now: datetime, order_id: UUID | None = None
) -> UUID:
    """A penalty, compensation or correction by an operator; above the limit it waits for a second person."""
    return adjustments.request_adjustment(
        seller_id=seller_id, kind=kind, amount=amount, reason=reason, actor=actor, now=now, order_id=order_id
    ).id


def choose_payout_rail(*, currency: str, rail: str, actor: Actor, now: datetime) -> None:
    """How payouts of a currency go from now on: "" the card provider, "bank" a payment file. Operators; audited."""
    payouts.choose_rail(currency=currency, rail=rail, actor=actor, now=now)


def transfer_instructions(charge_id: UUID) -> TransferInstructions | None:
    """Account, reference and what is missing of a charge paid by bank transfer; None for other charges."""
    return bank.transfer_instructions(charge_id)


def register_bank_account(
    *, number: str, holder: str, currency: str, bic: str, address: dict[str, str], actor: Actor, now: datetime
) -> None:
    """An account of the platform at a bank: buyers may pay there by transfer, files and statements are about it."""
    bank.register_account(
        number=number, holder=holder, currency=currency, bic=bic, address=address, actor=actor, now=now
    )


def takes_bank_transfers(currency: str) -> bool:
    """Whether a buyer may pay by bank transfer in this currency (method token "bank_transfer")."""
    return bank.find_receiving_account(currency) is not None


def run_due_work(*, now: datetime) -> None:
    """All that the scheduler does for payments, once and in this process: clocks, notices, refunds, payouts, roll-up, chain.

    For simulated worlds and commands; the sandbox network's webhooks are taken in without HTTP.
    """
    timers.run_due_timers(now=now)
    reserves.release_due_reserves(now=now)
    reserves.net_debts(now=now)
    network.deliver_webhooks(transport=partial(_take_in, now=now), now=now)
    refunds.submit_due_refunds(now=now)
    evidence.submit_due_evidence(now=now)
    wallet.forget_due_methods(now=now)
    reconciliation.close_transfers(now=now)
    payouts.request_due_payouts(now=now)
    payouts.submit_due_payouts(now=now)
    network.deliver_webhooks(transport=partial(_take_in, now=now), now=now)
    ledger.roll_up()
    chain.extend_chain()


def simulate_chargeback(*, order_id: UUID, now: datetime) -> None:
    """The buyer's bank takes the payment of an order's purchase back, in the sandbox. Raises NotFound."""
    chargeback_simulation.charge_back_in_sandbox(order_id=order_id, now=now)


def simulate_bank_day(*, currency: str, strangers: int, returned: int, now: datetime) -> None:
    """A day of the sandbox's bank: waiting transfers go in a file, its statement is imported. Where the sandbox is on.

    `strangers`: receipts that belong to nothing and wait for the operator; `returned`: transfers that come back.
    Raises NotFound, InvalidInput.
    """
    payouts.request_due_payouts(now=now)
    payouts.submit_due_payouts(now=now)
    bank_day.live_bank_day(currency=currency, strangers=strangers, returned=returned, now=now)


def _take_in(_url: str, body: bytes, headers: dict[str, str], *, now: datetime) -> int:
    try:
        webhooks.receive_webhook(provider="sandbox", body=body, headers=headers, now=now)
    except TooEarly:
        return 409
    return 200

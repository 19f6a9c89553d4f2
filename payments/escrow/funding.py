"""Opening and funding the escrows of a purchase: set-based, one ledger transaction for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.events.payments import EscrowFunded
from core.ids import new_id
from core.money import Money, sum_money
from core.statements import insert
from payments.contracts import ChargeAlreadyCaptured, EscrowRequest, EscrowState, EscrowSumMismatch
from payments.escrow import selectors
from payments.escrow.models import Escrow, Refund
from payments.escrow.rules import check_sum, freeze_lines
from payments.escrow.states import EscrowAction, Party
from payments.escrow.steps import advance
from payments.escrow.writing import Writing
from payments.ledger import services as ledger
from payments.ledger.rules import AccountCode, Leg


def open_escrows(
    *, purchase_id: UUID, buyer_id: UUID, amount: Money, requests: Sequence[EscrowRequest], now: datetime
) -> None:
    """One empty escrow for each order, commission frozen. A repeated attempt finds the same escrows again.

    Raises EscrowSumMismatch, ChargeAlreadyCaptured (one of the orders is past CREATED).
    """
    check_sum(amount, requests)
    with transaction.atomic(savepoint=False):
        known = {escrow.order_id: escrow for escrow in selectors.lock_escrows_of_purchase(purchase_id)}
        if known:
            _check_same(known, requests)
            return
        rates = selectors.commission_rates()
        frozen = [freeze_lines(request, rates) for request in requests]
        currency = amount.currency
        accounts = ledger.open_accounts([(AccountCode.ESCROW, str(r.order_id), currency) for r in requests])
        insert(*(
            Escrow(
                id=new_id(), order_id=r.order_id, purchase_id=purchase_id, buyer_id=buyer_id, seller_id=r.seller_id,
                account_id=account_id, currency=currency, amount_minor=r.amount.minor,
                fee_quoted_minor=sum(line.fee for line in lines), fee_vat_quoted_minor=sum(line.vat for line in lines),
                lines=[asdict(line) for line in lines], milestone_of=r.milestone_of, created_at=now,
                contribution_minor=r.contribution.minor if r.contribution else 0,
            )
            for r, lines, account_id in zip(requests, frozen, accounts, strict=True)
        ))  # fmt: skip


def _check_same(known: dict[UUID, Escrow], requests: Sequence[EscrowRequest]) -> None:
    """A new attempt pays for exactly the orders the first one was opened for, and none is paid or given up."""
    wanted = {r.order_id: (r.amount.minor, r.amount.currency, r.seller_id) for r in requests}
    if {e.order_id: (e.amount_minor, e.currency, e.seller_id) for e in known.values()} != wanted:
        raise EscrowSumMismatch("The purchase was opened with other orders.")
    if any(escrow.state != EscrowState.CREATED for escrow in known.values()):
        raise ChargeAlreadyCaptured("An order of this purchase is already paid or cancelled.")


def fund_escrows(
    *, charge_id: UUID, purchase_id: UUID, amount: Money, late: bool, actor: Actor, now: datetime
) -> Money:
    """Book captured money: into every escrow still waiting, the rest straight back to the buyer.

    One ledger transaction for the capture; publishes EscrowFunded per order; returns what was held. `late`: the
    purchase was given up, everything goes back. Locks the purchase's escrows in order of id.
    """
    with transaction.atomic(savepoint=False):
        escrows = selectors.lock_escrows_of_purchase(purchase_id)
        waiting = [] if late else [e for e in escrows if e.state == EscrowState.CREATED]
        held = sum_money((escrow.amount for escrow in waiting), amount.currency)
        surplus = amount - held
        posting = ledger.Posting(
            scope="capture", key=str(charge_id), kind="CAPTURE", ref=str(purchase_id),
            legs=[
                Leg(AccountCode.PSP_CLEARING, "", amount),
                *(Leg(AccountCode.ESCROW, str(escrow.order_id), -escrow.amount) for escrow in waiting),
                Leg(AccountCode.REFUND_DUE, str(charge_id), -surplus),
            ],
        )  # fmt: skip
        _funding(waiting, charge_id=charge_id, actor=actor, now=now).write(posting=posting, actor=actor, now=now)
        if surplus:
            _send_back(charge_id=charge_id, purchase_id=purchase_id, amount=surplus, now=now)
    return held


def _funding(escrows: list[Escrow], *, charge_id: UUID, actor: Actor, now: datetime) -> Writing:
    writing, party = Writing(), Party.SYSTEM if actor.is_system else Party.PROVIDER
    for escrow in escrows:
        writing.step(escrow, EscrowAction.FUND, party=party, target=EscrowState.FUNDED.value, actor=actor)
        writing.note(escrow, charge_id=charge_id)
        writing.publish.append(
            EscrowFunded(
                escrow_id=escrow.id, order_id=escrow.order_id, seller_id=escrow.seller_id, amount=escrow.amount, at=now
            )
        )
    return writing


def _send_back(*, charge_id: UUID, purchase_id: UUID, amount: Money, now: datetime) -> None:
    posted = ledger.post(
        scope="send_back", key=str(charge_id), kind="SEND_BACK", ref=str(purchase_id), now=now,
        legs=[
            Leg(AccountCode.REFUND_DUE, str(charge_id), amount),
            Leg(AccountCode.PSP_CLEARING, "", -amount),
        ],
    )  # fmt: skip
    Refund.objects.create(
        charge_id=charge_id, txn_id=posted.txn_id, amount_minor=amount.minor, currency=amount.currency,
        reason="Paid for an order that no longer waits for money", created_at=now, next_attempt_at=now,
    )  # fmt: skip


def cancel_escrows(*, purchase_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Give up every unpaid escrow of a purchase. Locks them in order of id."""
    with transaction.atomic(savepoint=False):
        for escrow in selectors.lock_escrows_of_purchase(purchase_id):
            if escrow.state == EscrowState.CREATED:
                advance(escrow, EscrowAction.CANCEL, actor=actor, now=now, reason=reason)

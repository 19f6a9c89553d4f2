"""The money of a chargeback: taken, given back, let go. Each step is posted once per chargeback and order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.money import Money
from payments.chargebacks import selectors
from payments.chargebacks.models import Chargeback, ChargebackShare
from payments.chargebacks.rules import share_out
from payments.contracts import EscrowState
from payments.escrow import holds
from payments.escrow.models import Escrow
from payments.escrow.rules import spread
from payments.escrow.selectors import lock_escrows_of_purchase
from payments.escrow.states import OPEN
from payments.ledger import services as ledger
from payments.ledger.rules import AccountCode, Leg
from payments.refunds import services as refunds
from payments.refunds.rules import Part, Refundable
from payments.refunds.selectors import commission_returned, refundable_lines
from payments.reserves import services as reserves

NOTHING = Part(0, 0, 0, 0)


def share_out_orders(row: Chargeback, *, now: datetime) -> list[Escrow]:
    """Say which orders the chargeback is about, as they stand now; returns their escrows, locked in order of id."""
    escrows = [
        escrow
        for escrow in lock_escrows_of_purchase(row.charge.purchase_id)
        if escrow.charge_id == row.charge_id and escrow.state not in (EscrowState.CREATED, EscrowState.CANCELLED)
    ]
    left = {escrow.order_id: _left(escrow) for escrow in escrows}
    parts, excess = share_out(row.amount_minor, {order: minor for order, minor in left.items() if minor})
    sellers = {escrow.order_id: escrow.seller_id for escrow in escrows}
    row.shares.all().delete()
    ChargebackShare.objects.bulk_create(
        ChargebackShare(chargeback=row, order_id=order, seller_id=sellers[order], amount_minor=part)
        for order, part in parts.items()
    )
    row.excess_minor = excess
    row.save(update_fields=["excess_minor"])
    return escrows


def _left(escrow: Escrow) -> int:
    """What of an order is not back with the buyer, nor taken by another chargeback."""
    lines = refundable_lines(escrow)
    return sum(line.left + line.position.disputed for line in lines.values())


def take(row: Chargeback, *, actor: Actor, now: datetime) -> None:
    """The network took the money: book its claim and fee, set aside what stands for it.

    Locks the purchase's escrows in order of id, then the sellers in order of id.
    """
    escrows = {escrow.order_id: escrow for escrow in share_out_orders(row, now=now)}
    shares = list(row.shares.all())
    ledger.post(
        scope="chargeback", key=f"{row.id}:taken", kind="CHARGEBACK", ref=str(row.id), now=now,
        legs=[
            *_due_legs(row, shares, sign=1),
            Leg(AccountCode.PSP_FEES, "", row.fee),
            Leg(AccountCode.PSP_CLEARING, "", -(row.amount + row.fee)),
        ],
    )  # fmt: skip
    for share in shares:
        escrow = escrows[share.order_id]
        if escrow.state in OPEN:
            amount = escrow.money(share.amount_minor)
            aside = holds.charge_back(escrow=escrow, amount=amount, reason=row.reason, actor=actor, now=now)
            share.from_escrow_minor, share.from_disputed_minor = aside.amount, aside.from_disputed
    if selectors.get_policy(row.currency).seller_bears:
        for share in sorted(shares, key=_by_seller):
            _hold_of_seller(row, share, escrows[share.order_id], now=now)
    for share in shares:
        share.save()
    row.taken_at = now
    row.save()


def _hold_of_seller(row: Chargeback, share: ChargebackShare, escrow: Escrow, *, now: datetime) -> None:
    """Set aside what the seller has for released money, without making debt while nothing is decided."""
    burden = _burden(_parts(share, escrow))
    claim = reserves.prepare_claim(seller_id=share.seller_id, amount=escrow.money(burden), with_debt=False)
    if not claim.from_seller:
        return
    seller = str(share.seller_id)
    ledger.post(
        scope="chargeback", key=f"{row.id}:{share.order_id}:hold", kind="CHARGEBACK_HOLD", ref=str(share.order_id),
        now=now,
        legs=[*claim.legs, Leg(AccountCode.DISPUTE_HOLD, seller, escrow.money(-claim.from_seller))],
    )  # fmt: skip
    share.from_seller_minor = claim.from_seller


def give_back(row: Chargeback, *, actor: Actor, now: datetime) -> None:
    """Won: the network pays it back, and everything returns to where it was; the seller's debt is netted first."""
    escrows, shares = _locked(row), list(row.shares.all())
    ledger.post(
        scope="chargeback", key=f"{row.id}:won", kind="CHARGEBACK_WON", ref=str(row.id), now=now,
        legs=[*_due_legs(row, shares, sign=-1), Leg(AccountCode.PSP_CLEARING, "", row.amount)],
    )  # fmt: skip
    for share in shares:
        if share.from_escrow_minor:
            _end(share, escrows[share.order_id], won=True, actor=actor, now=now)
    for share in sorted(shares, key=_by_seller):
        if share.from_seller_minor:
            held = Money(share.from_seller_minor, row.currency)
            credit = reserves.prepare_credit(seller_id=share.seller_id, amount=held, now=now, reserved=False)
            ledger.post(
                scope="chargeback", key=f"{row.id}:{share.order_id}:won", kind="CHARGEBACK_WON",
                ref=str(share.order_id), now=now,
                legs=[Leg(AccountCode.DISPUTE_HOLD, str(share.seller_id), held), *credit.legs],
            )  # fmt: skip


def let_go(row: Chargeback, *, actor: Actor, now: datetime) -> None:
    """Lost: what was set aside is gone, the rest is paid by the waterfall, or by the platform where the policy says so."""
    escrows, shares = _locked(row), list(row.shares.all())
    policy = selectors.get_policy(row.currency)
    excess = Money(row.excess_minor, row.currency)
    if excess:
        ledger.post(
            scope="chargeback", key=f"{row.id}:excess", kind="CHARGEBACK_LOST", ref=str(row.id), now=now,
            legs=[
                Leg(AccountCode.CHARGEBACK_LOSS, "", excess), Leg(AccountCode.CHARGEBACK_DUE, str(row.id), -excess)
            ],
        )  # fmt: skip
    sellers_pay = policy.seller_pays_fee and shares  # everything was refunded before: nobody stands for it but us
    fees = spread(row.fee_minor if sellers_pay else 0, [share.amount_minor for share in shares])
    told = sorted(zip(shares, fees, strict=True), key=lambda pair: _by_seller(pair[0]))
    for share, fee in told:
        _let_go_of(row, share, escrows[share.order_id], fee=fee, bears=policy.seller_bears, actor=actor, now=now)


def _let_go_of(
    row: Chargeback, share: ChargebackShare, escrow: Escrow, *, fee: int, bears: bool, actor: Actor, now: datetime
) -> None:
    parts = _parts(share, escrow) if bears else _parts(share, escrow, without_fee=True)
    aside = _aside_by_line(share, escrow)
    txn_id = 0
    if share.from_escrow_minor:
        txn_id = _end(share, escrow, won=False, actor=actor, now=now)
    legs, from_seller = _claim_legs(share, escrow, parts, fee=fee, bears=bears, now=now)
    if legs:
        posted = ledger.post(
            scope="chargeback", key=f"{row.id}:{share.order_id}:lost", kind="CHARGEBACK_LOST", ref=str(share.order_id),
            now=now, legs=legs,
        )  # fmt: skip
        txn_id = posted.txn_id
    whole = {
        ref: Part(aside.get(ref, 0), part.claim, part.fee_back, part.vat_back)
        for ref in {*aside, *parts}
        for part in [parts.get(ref, NOTHING)]
    }
    refunds.record_lost(
        escrow=escrow, charge_id=row.charge_id, parts=whole, from_seller=from_seller, txn_id=txn_id,
        reason=f"Chargeback: {row.reason}", now=now,
    )  # fmt: skip


def _claim_legs(
    share: ChargebackShare, escrow: Escrow, parts: dict[str, Part], *, fee: int, bears: bool, now: datetime
) -> tuple[list[Leg], int]:
    """Legs that settle the part of released money, and what the seller bears of it (without the bank's fee)."""
    rest = sum(part.claim for part in parts.values())
    back, vat = sum(p.fee_back for p in parts.values()), sum(p.vat_back for p in parts.values())
    money, due = escrow.money, Leg(AccountCode.CHARGEBACK_DUE, str(share.order_id), escrow.money(-rest))
    owed = (rest - back if bears else 0) + fee
    open_amount = owed - share.from_seller_minor
    legs = [due, Leg(AccountCode.DISPUTE_HOLD, str(share.seller_id), money(share.from_seller_minor))]
    if open_amount > 0:
        legs += reserves.prepare_claim(seller_id=share.seller_id, amount=money(open_amount)).legs
    elif open_amount < 0:  # commission that came back since it was set aside
        credit = reserves.prepare_credit(seller_id=share.seller_id, amount=money(-open_amount), now=now, reserved=False)
        legs += credit.legs
    legs += [
        Leg(AccountCode.FEE_REVENUE, "", money(back - vat)),
        Leg(AccountCode.VAT_PAYABLE, "", money(vat)),
        Leg(AccountCode.PSP_FEES, "", money(-fee)),
        Leg(AccountCode.CHARGEBACK_LOSS, "", money(0 if bears else rest)),
    ]
    return [leg for leg in legs if leg.amount], max(owed - fee, 0)


def _parts(share: ChargebackShare, escrow: Escrow, *, without_fee: bool = False) -> dict[str, Part]:
    """The share's part of released money by line, with the commission that goes back."""
    rest = share.amount_minor - share.from_escrow_minor
    lines = {ref: line for ref, line in refundable_lines(escrow).items() if _released(line) > 0}
    weights = [_released(line) for line in lines.values()]
    rate = 0 if without_fee else commission_returned(escrow.currency)
    return {
        ref: Part(0, part, line.fee_back(part, rate), line.vat_back(part, rate))
        for (ref, line), part in zip(lines.items(), spread(min(rest, sum(weights)), weights), strict=True)
        if part
    }


def _released(line: Refundable) -> int:
    return line.position.released - line.claimed


def _burden(parts: dict[str, Part]) -> int:
    return sum(part.claim - part.fee_back for part in parts.values())


def _aside_by_line(share: ChargebackShare, escrow: Escrow) -> dict[str, int]:
    """How what was set aside in the escrow divides by line."""
    charged = {ref: line.position.charged_back for ref, line in refundable_lines(escrow).items()}
    refs = [ref for ref, part in charged.items() if part]
    parts = spread(share.from_escrow_minor, [charged[ref] for ref in refs])
    return {ref: part for ref, part in zip(refs, parts, strict=True) if part}


def _end(share: ChargebackShare, escrow: Escrow, *, won: bool, actor: Actor, now: datetime) -> int:
    aside = holds.SetAside(share.from_escrow_minor, share.from_disputed_minor)
    return holds.end_charge_back(
        escrow=escrow, aside=aside, won=won, receivable=str(share.order_id), actor=actor, now=now
    )


def _due_legs(row: Chargeback, shares: Sequence[ChargebackShare], *, sign: int) -> list[Leg]:
    parts = [(str(share.order_id), share.amount_minor) for share in shares] + [(str(row.id), row.excess_minor)]
    return [Leg(AccountCode.CHARGEBACK_DUE, owner, Money(sign * minor, row.currency)) for owner, minor in parts]


def _locked(row: Chargeback) -> dict[UUID, Escrow]:
    return {escrow.order_id: escrow for escrow in lock_escrows_of_purchase(row.charge.purchase_id)}


def _by_seller(share: ChargebackShare) -> tuple[str, str]:
    return str(share.seller_id), str(share.order_id)

"""The receipt of a balance: why the money is held, until when, by which rule, and what would release it sooner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core.money import Money
from payments.contracts import EscrowState, EscrowView

S = EscrowState


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for one part of the money. `rule` names the rule, `sooner` is empty when nothing would help."""

    code: str
    amount: Money
    why: str
    until: datetime | None
    rule: str
    sooner: str


def explain(escrow: EscrowView) -> tuple[Reason, ...]:
    """Reasons for all that is still held; together they are `escrow.held`. Nothing held: empty."""
    found = []
    if escrow.frozen_amount:
        found.append(_charged_back(escrow) if escrow.charged_back else _disputed(escrow))
    rest = escrow.held - escrow.frozen_amount
    if rest:
        found.append(_free(escrow, rest))
    return tuple(found)


def _disputed(escrow: EscrowView) -> Reason:
    return Reason(
        code="DISPUTE", amount=escrow.frozen_amount, until=escrow.decide_by,
        why=_("The buyer reported a problem. Nothing of this moves until it is settled."),
        rule=_("A dispute that nobody decides in time is decided for the buyer."),
        sooner=_("The two sides agree, the buyer withdraws the report, or the operator decides."),
    )  # fmt: skip


def _charged_back(escrow: EscrowView) -> Reason:
    return Reason(
        code="CHARGEBACK", amount=escrow.frozen_amount, until=None,
        why=_("The buyer's bank has taken the payment back and decides about it."),
        rule=_("The rules of the card network. The answer takes weeks, sometimes months."), sooner="",
    )  # fmt: skip


def _free(escrow: EscrowView, rest: Money) -> Reason:
    if escrow.state is S.FUNDED:
        return Reason(
            code="TO_SHIP", amount=rest, until=escrow.ship_by, why=_("The seller has not shipped yet."),
            rule=_("An order that is not shipped in time is refunded by itself."),
            sooner=_("The parcel is handed to the carrier."),
        )  # fmt: skip
    if escrow.state is S.SHIPPED:
        return Reason(
            code="ON_THE_ROAD", amount=rest, until=None, why=_("The parcel is on the road."),
            rule=_("The inspection starts when the carrier delivers."),
            sooner=_("The buyer confirms that everything arrived."),
        )  # fmt: skip
    if escrow.paused:
        return Reason(
            code="RETURN", amount=rest, until=None, why=_("A return is open, so the inspection stands still."),
            rule=_("The inspection runs on when the return ends, at the latest after 30 days."),
            sooner=_("The return is settled."),
        )  # fmt: skip
    if escrow.state is S.DISPUTED and escrow.release_at is None:
        return Reason(
            code="BESIDE_A_DISPUTE", amount=rest, until=None, why=_("The clock stands still while the rest is settled."),
            rule=_("It runs on with the time that was left."), sooner=_("The buyer releases this part."),
        )  # fmt: skip
    return Reason(
        code="INSPECTION", amount=rest, until=escrow.release_at, why=_("The buyer may look at what arrived."),
        rule=_("After the inspection the money goes to the seller by itself, unless the buyer reports a problem."),
        sooner=_("The buyer confirms that everything is all right."),
    )  # fmt: skip

"""Reads of escrow."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import F, Sum

from core.actor import Actor
from core.money import Money
from core.statements import Prepared
from payments.contracts import DeliveryKind, EscrowNotFound, EscrowState, EscrowView, MoneyMovement
from payments.escrow.models import CommissionPlan, Escrow, EscrowEvent, EscrowTimer, InspectionPolicy, Refund
from payments.escrow.rules import DEFAULT_INSPECTION_DAYS, CommissionRate
from payments.escrow.states import OPEN, EscrowAction

MAX_LIST = 500


def get_escrow_view(order_id: UUID) -> EscrowView:
    """Raises EscrowNotFound."""
    views = list_escrow_views([order_id])
    if order_id not in views:
        raise EscrowNotFound()
    return views[order_id]


def get_escrow_view_for(order_id: UUID, actor: Actor) -> EscrowView:
    """For its buyer, its seller and operators. Raises EscrowNotFound for everybody else."""
    view = get_escrow_view(order_id)
    if not (actor.is_operator or actor.acts_for(view.buyer_id) or actor.acts_for(view.seller_id)):
        raise EscrowNotFound()
    return view


def list_escrow_views(order_ids: Iterable[UUID]) -> dict[UUID, EscrowView]:
    """By order id, in two queries."""
    return views_of(list(Escrow.objects.filter(order_id__in=list(order_ids))))


def list_open_escrows(seller_id: UUID, limit: int = 100) -> list[EscrowView]:
    """A seller's money in escrow, newest first."""
    rows = Escrow.objects.filter(seller_id=seller_id, state__in=[s.value for s in OPEN]).order_by("-id")
    return list(views_of(list(rows[: min(limit, MAX_LIST)])).values())


def views_of(escrows: list[Escrow]) -> dict[UUID, EscrowView]:
    """Contracts of rows, with their clocks, in one more query."""
    timers = _clocks(escrows)
    return {escrow.order_id: _view(escrow, *timers.get(escrow.id, ({}, False))) for escrow in escrows}


def _clocks(escrows: list[Escrow]) -> dict[UUID, tuple[dict[str, datetime], bool]]:
    """By escrow: due moments by action of the clocks that run, and whether the buyer used the extension."""
    seqs = {escrow.id: escrow.seq for escrow in escrows if escrow.state in OPEN}
    if not seqs:
        return {}
    rows = EscrowTimer.objects.filter(escrow_id__in=seqs).values_list(
        "escrow_id", "armed_seq", "event", "due_at", "done_at"
    )
    extended = set(
        EscrowEvent.objects.filter(escrow_id__in=seqs, event=EscrowAction.EXTEND.value).values_list(
            "escrow_id", flat=True
        )
    )
    found: dict[UUID, tuple[dict[str, datetime], bool]] = {key: ({}, key in extended) for key in seqs}
    for escrow_id, armed_seq, event, due_at, done_at in rows:
        if armed_seq == seqs[escrow_id] and done_at is None:
            found[escrow_id][0][event] = due_at
    return found


def _view(escrow: Escrow, due: dict[str, datetime], extended: bool) -> EscrowView:
    state = EscrowState(escrow.state)
    return EscrowView(
        order_id=escrow.order_id, seller_id=escrow.seller_id, buyer_id=escrow.buyer_id, state=state,
        amount=escrow.amount, released=escrow.money(escrow.released_minor),
        refunded=escrow.money(escrow.refunded_minor), fee=escrow.money(escrow.fee_minor),
        fee_quoted=escrow.money(escrow.fee_quoted_minor), release_at=due.get(EscrowAction.AUTO_RELEASE.value),
        ship_by=due.get(EscrowAction.SHIP_TIMEOUT.value),
        can_extend=state is EscrowState.DELIVERED and not extended and EscrowAction.AUTO_RELEASE.value in due,
        frozen=state is EscrowState.DISPUTED,
    )  # fmt: skip


def money_timeline(order_id: UUID) -> tuple[MoneyMovement, ...]:
    """Every movement of an order's money, oldest first: into escrow, to the seller, the fee, back to the buyer."""
    events = (
        EscrowEvent.objects.filter(escrow__order_id=order_id, txn__isnull=False)
        .select_related("escrow")
        .order_by("seq")
    )
    moves: list[MoneyMovement] = []
    for event in events:
        moves += _movements(event)
    for refund in Refund.objects.filter(order_id=order_id, done_at__isnull=False):
        if refund.done_at is not None:
            moves.append(MoneyMovement(refund.done_at, "REFUND_PAID", refund.amount, "PROVIDER", "BUYER"))
    return tuple(sorted(moves, key=lambda move: move.at))


def _movements(event: EscrowEvent) -> list[MoneyMovement]:
    money = event.escrow.money
    if event.event == EscrowAction.FUND.value:
        return [MoneyMovement(event.at, "FUND", event.escrow.amount, "BUYER", "ESCROW")]
    parts = [
        ("RELEASE", money(event.released_minor - event.fee_minor), "ESCROW", "SELLER"),
        ("FEE", money(event.fee_minor), "ESCROW", "PLATFORM"),
        ("REFUND", money(event.refunded_minor), "ESCROW", "BUYER"),
    ]
    return [MoneyMovement(event.at, code, amount, source, target) for code, amount, source, target in parts if amount]


def commission_rates() -> dict[str, CommissionRate]:
    """Rates by category code; the empty code is the default."""
    rates = {}
    for plan in _plans.all():
        fixed = Money(plan.fixed_minor, plan.fixed_currency) if plan.fixed_minor and plan.fixed_currency else None
        rates[plan.category_code] = CommissionRate(plan.basis_points, fixed)
    return rates


def inspection_days(kind: DeliveryKind) -> int:
    """Days from delivery until release (policy data)."""
    days = InspectionPolicy.objects.filter(delivery_kind=kind.value).values_list("days", flat=True).first()
    return days if days is not None else DEFAULT_INSPECTION_DAYS[kind]


_locked = Prepared(
    lambda order_id: Escrow.objects.select_for_update(no_key=True, of=("self",)).filter(order_id=order_id)[:1],
    order_id=UUID,
)
_locked_of_purchase = Prepared(
    lambda purchase_id: Escrow.objects.select_for_update(no_key=True).filter(purchase_id=purchase_id).order_by("id"),
    purchase_id=UUID,
)
_plans = Prepared(lambda: CommissionPlan.objects.all())


def lock_escrow(order_id: UUID) -> Escrow:
    """The escrow of an order, locked. Raises EscrowNotFound."""
    escrow = _locked.first(order_id=order_id)
    if escrow is None:
        raise EscrowNotFound()
    return escrow


def lock_escrows_of_purchase(purchase_id: UUID) -> list[Escrow]:
    """Locked in order of id."""
    return _locked_of_purchase.all(purchase_id=purchase_id)


def list_due_timers(now: datetime, limit: int) -> list[int]:
    """Ids of clocks to look at now, the oldest first."""
    due = EscrowTimer.objects.filter(done_at=None, try_at__lte=now).order_by("try_at")
    return list(due.values_list("id", flat=True)[:limit])


def claim_escrow_of_timer(timer_id: int) -> Escrow | None:
    """The timer's escrow, locked; None while somebody else holds it."""
    return (
        Escrow.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        .filter(id__in=EscrowTimer.objects.filter(id=timer_id).values("escrow_id"))
        .first()
    )


def lock_timer(timer_id: int, now: datetime) -> EscrowTimer | None:
    """The timer, locked, if it is still due."""
    return EscrowTimer.objects.select_for_update().filter(id=timer_id, done_at=None, try_at__lte=now).first()


def held_by_seller(seller_id: UUID) -> dict[str, Money]:
    """What is in escrow for a seller, by currency (before commission)."""
    rows = (
        Escrow.objects.filter(seller_id=seller_id, state__in=[s.value for s in OPEN])
        .values("currency")
        .annotate(total=Sum(F("amount_minor") - F("released_minor") - F("refunded_minor")))
    )
    return {row["currency"]: Money(int(row["total"]), row["currency"]) for row in rows}


def total_held(currency: str) -> Money:
    """What is in escrow for all sellers in one currency."""
    held = Sum(F("amount_minor") - F("released_minor") - F("refunded_minor"))
    rows = Escrow.objects.filter(state__in=[s.value for s in OPEN], currency=currency)
    return Money(int(rows.aggregate(total=held)["total"] or 0), currency)

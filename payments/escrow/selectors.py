"""Reads of escrow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, Sum

from core.actor import Actor
from core.money import Money
from core.statements import Prepared
from payments.contracts import (
    DeliveryKind,
    EscrowLineView,
    EscrowNotFound,
    EscrowState,
    EscrowView,
    LineKind,
    MoneyMovement,
    RefundState,
)
from payments.escrow.models import (
    CommissionPlan,
    Escrow,
    EscrowEvent,
    EscrowLineMove,
    EscrowTimer,
    Refund,
)
from payments.escrow.rules import (
    DEFAULT_CLOCK_DAYS,
    DEFAULT_INSPECTION_DAYS,
    ClockPolicy,
    CommissionRate,
    Line,
    Position,
)
from payments.escrow.states import DECISION_DUE, OPEN, EscrowAction

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
    running = _clocks(escrows)
    return {escrow.order_id: _view(escrow, running.get(escrow.id, _Running({}))) for escrow in escrows}


def view_with(escrow: Escrow, clocks: Mapping[str, datetime]) -> EscrowView:
    """The contract of an escrow that was just moved by a step which armed these clocks; no query.

    Only for steps before which no extension and no pause can have been.
    """
    return _view(escrow, _Running(dict(clocks)))


@dataclass
class _Running:
    """What is going on with an escrow: due moments by clock, the extension used, a pause."""

    due: dict[str, datetime]
    extended: bool = False
    paused: bool = False


def _clocks(escrows: list[Escrow]) -> dict[UUID, _Running]:
    """By escrow, for the open ones, in one query."""
    seqs = {escrow.id: escrow.seq for escrow in escrows if escrow.state in OPEN}
    if not seqs:
        return {}
    found = {key: _Running({}) for key in seqs}
    with connection.cursor() as cursor:
        cursor.execute(_RUNNING, [list(seqs), list(seqs), list(seqs.values())])
        for escrow_id, event, due_at in cursor.fetchall():
            if due_at is not None:
                found[escrow_id].due[event] = due_at
            elif event == EscrowAction.EXTEND.value:
                found[escrow_id].extended = True
            else:
                found[escrow_id].paused = event == EscrowAction.PAUSE.value
    return found


#: What was told (in order) and what runs, of open escrows.
_RUNNING = (
    "(SELECT escrow_id, event, NULL::timestamptz FROM payments_escrowevent WHERE escrow_id = ANY(%s::uuid[])"
    " AND event IN ('EXTEND', 'PAUSE', 'RESUME') ORDER BY seq)"
    " UNION ALL SELECT t.escrow_id, t.event, t.due_at FROM unnest(%s::uuid[], %s::int[]) AS s(id, seq)"
    " JOIN payments_escrowtimer t ON t.escrow_id = s.id AND t.armed_seq = s.seq WHERE t.done_at IS NULL"
)


def _view(escrow: Escrow, running: _Running) -> EscrowView:
    state, due = EscrowState(escrow.state), running.due
    return EscrowView(
        order_id=escrow.order_id, seller_id=escrow.seller_id, buyer_id=escrow.buyer_id, state=state,
        amount=escrow.amount, released=escrow.money(escrow.released_minor),
        refunded=escrow.money(escrow.refunded_minor), fee=escrow.money(escrow.fee_minor),
        fee_quoted=escrow.money(escrow.fee_quoted_minor), release_at=due.get(EscrowAction.AUTO_RELEASE.value),
        ship_by=due.get(EscrowAction.SHIP_TIMEOUT.value),
        can_extend=(
            state is EscrowState.DELIVERED and not running.extended and EscrowAction.AUTO_RELEASE.value in due
        ),
        frozen=state is EscrowState.DISPUTED, frozen_amount=escrow.frozen, fee_vat=escrow.money(escrow.fee_vat_minor),
        paused=running.paused and state is EscrowState.DELIVERED, charged_back=escrow.charged_back_minor > 0,
        decide_by=due.get(DECISION_DUE),
    )  # fmt: skip


def lines_frozen(escrow: Escrow) -> list[Line]:
    """The lines as frozen at the sale; an escrow from before lines is one line."""
    stored = [Line(**line) for line in escrow.lines]
    return stored or [
        Line("1", LineKind.GOODS.value, "", 1, escrow.amount_minor, 0, escrow.fee_quoted_minor,
             escrow.fee_vat_quoted_minor)
    ]  # fmt: skip


def positions(escrow: Escrow) -> dict[str, Position]:
    """Where the money of each line is; one query, none while nothing has moved."""
    found = {line.ref: Position(line) for line in lines_frozen(escrow)}
    if escrow.released_minor or escrow.refunded_minor or escrow.disputed_minor or escrow.charged_back_minor:
        moves = EscrowLineMove.objects.filter(escrow_id=escrow.id).order_by().values("line_ref")
        sums = moves.annotate(
            released=Sum("released_minor"), refunded=Sum("refunded_minor"), disputed=Sum("disputed_minor"),
            charged_back=Sum("charged_back_minor"),
        ).values_list("line_ref", "released", "refunded", "disputed", "charged_back")  # fmt: skip
        for ref, released, refunded, disputed, charged_back in sums:
            found[ref] = Position(found[ref].line, int(released), int(refunded), int(disputed), int(charged_back))
    if escrow.state == EscrowState.RELEASED:  # whatever is not told was released in the last step
        return {ref: Position(p.line, p.line.amount - p.refunded, p.refunded) for ref, p in found.items()}
    if escrow.state == EscrowState.REFUNDED:
        return {ref: Position(p.line, 0, p.line.amount) for ref, p in found.items()}
    return found


def list_line_views(order_id: UUID) -> tuple[EscrowLineView, ...]:
    """The lines of an order with where their money is. Raises EscrowNotFound."""
    escrow = Escrow.objects.filter(order_id=order_id).first()
    if escrow is None:
        raise EscrowNotFound()
    return tuple(
        EscrowLineView(
            ref=p.line.ref, kind=LineKind(p.line.kind), amount=escrow.money(p.line.amount),
            released=escrow.money(p.released), refunded=escrow.money(p.refunded),
            frozen=escrow.money(p.disputed + p.charged_back),
        )
        for p in positions(escrow).values()
    )  # fmt: skip


def pause_of(escrow: Escrow) -> EscrowEvent | None:
    """The event that paused the inspection, while it is paused."""
    told = [EscrowAction.PAUSE.value, EscrowAction.RESUME.value]
    last = EscrowEvent.objects.filter(escrow_id=escrow.id, event__in=told).order_by("-seq").first()
    return last if last is not None and last.event == EscrowAction.PAUSE.value else None


def clocks_at(escrow_id: UUID, seq: int) -> dict[str, datetime]:
    """Clocks that counted at `seq`, fired or not: what was set when something stopped them."""
    return {timer.event: timer.due_at for timer in EscrowTimer.objects.filter(escrow_id=escrow_id, armed_seq=seq)}


def stopped_release(escrow: Escrow, *, before_seq: int) -> datetime | None:
    """When the money would have been released, had the event `before_seq` not stopped the clock."""
    return clocks_at(escrow.id, before_seq - 1).get(EscrowAction.AUTO_RELEASE.value)


def get_last_freeze(escrow_id: UUID) -> EscrowEvent:
    """The event that froze the escrow: a dispute or a chargeback."""
    disputed = EscrowState.DISPUTED.value
    events = EscrowEvent.objects.filter(escrow_id=escrow_id, to_state=disputed).exclude(from_state=disputed)
    return events.order_by("-seq")[:1].get()


def find_last_decision(escrow_id: UUID) -> EscrowEvent | None:
    """The last event that carried out somebody's decision: a dispute's, or the last word of a bank."""
    decided = Q(event__startswith="DECIDE") | Q(event__in=["BANK_REFUND", "BANK_SETTLE"])
    return EscrowEvent.objects.filter(decided, escrow_id=escrow_id).order_by("-seq").first()


def way_back(escrow: Escrow, prefix: str) -> EscrowAction:
    """The edge from DISPUTED to where the goods are: <prefix>_DELIVERED, _SHIPPED or _FUNDED."""
    if escrow.delivered_at is not None:
        return EscrowAction(f"{prefix}_DELIVERED")
    shipped = EscrowEvent.objects.filter(escrow_id=escrow.id, event=EscrowAction.SHIP.value).exists()
    return EscrowAction(f"{prefix}_SHIPPED" if shipped else f"{prefix}_FUNDED")


def clock_policy() -> ClockPolicy:
    """Policy data of all clocks, in one query."""
    inspection, days = dict(DEFAULT_INSPECTION_DAYS), dict(DEFAULT_CLOCK_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT true, delivery_kind, days FROM payments_inspectionpolicy"
            " UNION ALL SELECT false, code, days FROM payments_escrowclockpolicy"
        )
        for of_inspection, code, value in cursor.fetchall():
            if of_inspection:
                inspection[DeliveryKind(code)] = value
            else:
                days[code] = value
    return ClockPolicy(inspection, days)


def clock_days() -> Mapping[str, int]:
    """Days of the other clocks (policy data)."""
    return clock_policy().days


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
    for refund in Refund.objects.filter(order_id=order_id):
        moves += _refund_movements(refund)
    return tuple(sorted(moves, key=lambda move: move.at))


def _movements(event: EscrowEvent) -> list[MoneyMovement]:
    money = event.escrow.money
    if event.event == EscrowAction.FUND.value:
        return [MoneyMovement(event.at, "FUND", event.escrow.amount, "BUYER", "ESCROW")]
    parts = [
        ("RELEASE", money(event.released_minor - event.fee_minor), "ESCROW", "SELLER"),
        ("FEE", money(event.fee_minor), "ESCROW", "PLATFORM"),
        ("REFUND", money(event.refunded_minor), "ESCROW", "BUYER"),
        ("FREEZE", money(max(event.disputed_minor, 0)), "ESCROW", "HOLD"),
        ("CHARGEBACK", money(max(event.charged_back_minor, 0)), "ESCROW", "BANK"),
    ]
    if event.event.startswith("UNFREEZE"):
        parts.append(("THAW", money(-event.disputed_minor), "HOLD", "ESCROW"))
    elif event.charged_back_minor < 0 and not event.refunded_minor:
        parts.append(("CHARGEBACK_WON", money(-event.charged_back_minor), "BANK", "ESCROW"))
    return [MoneyMovement(event.at, code, amount, source, target) for code, amount, source, target in parts if amount]


def _refund_movements(refund: Refund) -> list[MoneyMovement]:
    money = partial(Money, currency=refund.currency)
    parts = [
        (refund.created_at, "CLAIM", money(refund.from_seller_minor), "SELLER", "BUYER"),
        (refund.created_at, "FEE_BACK", money(refund.fee_returned_minor), "PLATFORM", "BUYER"),
    ]
    if refund.done_at is not None:
        code, target = ("CREDITED", "CREDIT") if refund.state == RefundState.CREDITED else ("REFUND_PAID", "BUYER")
        parts.append((refund.done_at, code, refund.amount, "PROVIDER", target))
    return [MoneyMovement(at, code, amount, source, target) for at, code, amount, source, target in parts if amount]


def commission_rates() -> dict[str, CommissionRate]:
    """Rates by category code; the empty code is the default."""
    rates = {}
    for plan in _plans.all():
        money = partial(Money, currency=plan.fixed_currency)
        rates[plan.category_code] = CommissionRate(
            plan.basis_points,
            fixed=money(plan.fixed_minor) if plan.fixed_minor and plan.fixed_currency else None,
            per_unit=money(plan.per_unit_minor) if plan.per_unit_minor and plan.fixed_currency else None,
            tiers=tuple((int(start), int(rate)) for start, rate in plan.tiers),
            tier_currency=plan.fixed_currency, vat_basis_points=plan.vat_basis_points,
        )  # fmt: skip
    return rates


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


def claim_escrows_of_timers(timer_ids: list[int]) -> list[Escrow]:
    """The timers' escrows, locked in order of id, without those that somebody else holds."""
    rows = Escrow.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    return list(rows.filter(id__in=EscrowTimer.objects.filter(id__in=timer_ids).values("escrow_id")).order_by("id"))


def lock_timers(timer_ids: list[int], escrow_ids: list[UUID], *, now: datetime) -> list[EscrowTimer]:
    """Those of the timers that are still due and belong to these escrows, locked, in order of their moment."""
    rows = EscrowTimer.objects.select_for_update().filter(
        id__in=timer_ids, escrow_id__in=escrow_ids, done_at=None, try_at__lte=now
    )
    return list(rows.order_by("try_at", "id"))


#: Written into the statement, so that the index of open escrows serves it.
_OPEN = ", ".join(f"'{state.value}'" for state in OPEN)


def held_by_seller(seller_id: UUID) -> dict[str, Money]:
    """What is in escrow for a seller, by currency (before commission)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT currency, sum(amount_minor - released_minor - refunded_minor)::bigint FROM payments_escrow"  # noqa: S608 - states
            f" WHERE seller_id = %s AND state IN ({_OPEN}) GROUP BY currency",
            [seller_id],
        )
        return {currency: Money(minor, currency) for currency, minor in cursor.fetchall()}


def total_held(currency: str) -> Money:
    """What is in escrow for all sellers in one currency."""
    held = Sum(F("amount_minor") - F("released_minor") - F("refunded_minor"))
    rows = Escrow.objects.filter(state__in=[s.value for s in OPEN], currency=currency)
    return Money(int(rows.aggregate(total=held)["total"] or 0), currency)

"""Claims against carriers: opened by a parcel's history or by hand, sent in time, decided, paid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction

from core.actor import Actor
from core.audit.services import record
from core.errors import InvalidInput
from core.events.logistics import ClaimOpened, ClaimPaid
from core.ids import new_id, short_code
from core.money import Money
from core.outbox.services import publish
from core.states import next_state
from logistics.claims import evidence, selectors
from logistics.claims.models import Claim, ClaimTransition
from logistics.claims.rules import (
    ClaimNotFound,
    ClaimType,
    NotClaimable,
    Window,
    choose_window,
    is_found,
    may_qualify,
    moments,
    type_of,
)
from logistics.claims.states import NOT_SENT, TRANSITIONS, ClaimAction, ClaimState
from logistics.promises.selectors import refund_share_bps
from logistics.shipments.models import Shipment, ShipmentLeg
from logistics.shipments.rules import days_late

A, S = ClaimAction, ClaimState
SYSTEM: Final = Actor.system("claims")
REVIEW_BATCH: Final = 500


# ------------------------------------------------------------------------------------------------ opening


def open_claim(*, shipment_id: UUID, kind: ClaimType, note: str, actor: Actor, now: datetime) -> Claim:
    """A claim by hand, by the sender or the operator: a draft until its value is known and its window opens.

    Asking again for the same type returns the open one. Publishes ClaimOpened. Raises ClaimNotFound (not the sender),
    NotClaimable (no window, or it is over).
    """
    with transaction.atomic():
        shipment = (
            Shipment.objects.select_for_update(of=("self",)).select_related("promise").filter(id=shipment_id).first()
        )
        if shipment is None or not (actor.is_operator or actor.is_system or actor.acts_for(shipment.seller_id)):
            raise ClaimNotFound("There is no such parcel.")
        held = Claim.objects.filter(shipment=shipment, claim_type=kind).exclude(state=S.CANCELLED).first()
        if held is not None:
            return held
        leg = selectors.find_liable_leg(shipment)
        window = _window(selectors.windows_for(kind), shipment, leg)
        if window is None or shipment.handed_over_at is None:
            raise NotClaimable()
        return _open(shipment, leg, kind, window, note=note, actor=actor, now=now)


def _window(windows: Iterable[Window], shipment: Shipment, leg: ShipmentLeg | None) -> Window | None:
    """The window of the carrier that answers: the leg's, where several carried the parcel."""
    answers = leg or shipment
    return choose_window(windows, carrier_code=answers.carrier_id, service_code=answers.service_id)


def _open(
    shipment: Shipment,
    leg: ShipmentLeg | None,
    kind: ClaimType,
    window: Window,
    *,
    note: str,
    actor: Actor,
    now: datetime,
) -> Claim:
    opens_at, deadline_at = moments(window, kind, selectors.facts_of(shipment))
    if now >= deadline_at:
        raise NotClaimable("The time to claim this is over.")
    claim_id, amount = new_id(), _known_amount(shipment, kind)
    claim = Claim.objects.create(
        id=claim_id, number=short_code(claim_id, prefix="CL"), shipment=shipment, leg=leg, claim_type=kind,
        state=S.DRAFT,
        currency=shipment.currency, amount_minor=amount.minor if amount else None, note=note.strip()[:2000],
        opened_by=actor.reference, opened_at=now, opens_at=opens_at, deadline_at=deadline_at,
    )  # fmt: skip
    _record(claim, "", actor=actor, now=now, reason="")
    publish(ClaimOpened(**_facts(claim, now), amount=amount), actor=actor, now=now)
    return claim


def _known_amount(shipment: Shipment, kind: ClaimType) -> Money | None:
    """A late parcel is worth what the promise gave back; the value of goods is known above."""
    if kind is not ClaimType.LATE_GUARANTEE or shipment.delivered_at is None:
        return None
    late = days_late(
        delivered_at=shipment.delivered_at, promised_latest=shipment.promise.latest_date,
        time_zone=shipment.destination_time_zone,
    )  # fmt: skip
    minor = shipment.price_minor * refund_share_bps(late) // 10_000
    return Money(minor, shipment.currency) if minor else None


def value_claim(*, claim_id: UUID, amount: Money, actor: Actor, now: datetime) -> None:
    """What the goods are worth, told by those who sold them. A claim that has its value keeps it.

    Raises ClaimNotFound, InvalidInput (nothing, or another currency).
    """
    with transaction.atomic():
        claim = selectors.lock_claim(claim_id)
        if claim.amount_minor is not None or claim.state != S.DRAFT:
            return
        if amount.minor <= 0 or amount.currency != claim.currency:
            raise InvalidInput("The value does not fit the parcel.", field="amount")
        claim.amount_minor = amount.minor
        claim.save(update_fields=["amount_minor"])
        _bring_on(claim, actor=actor, now=now)


# ------------------------------------------------------------------------------------------------ by itself


def review_parcels(*, now: datetime) -> int:
    """What happens by itself: open for what histories tell, qualify when the window opens, call off what was found, and
    write off what nobody sent in time. Returns how many claims were opened."""
    windows = {kind: selectors.windows_for(kind) for kind in ClaimType}
    late = [
        service
        for service, carrier in selectors.services_of_carriers()
        if choose_window(windows[ClaimType.LATE_GUARANTEE], carrier_code=carrier, service_code=service)
    ]
    opened = 0
    for shipment in selectors.list_claimable(late_services=late, now=now, limit=REVIEW_BATCH):
        opened += _open_for(shipment, windows, now=now)
    for claim_id in selectors.list_unsent(REVIEW_BATCH):
        with transaction.atomic():
            _bring_on(selectors.lock_claim(claim_id), actor=SYSTEM, now=now)
    return opened


def _open_for(shipment: Shipment, windows: Mapping[ClaimType, list[Window]], *, now: datetime) -> bool:
    kind = type_of(selectors.facts_of(shipment))
    if kind is None:
        return False
    leg = selectors.find_liable_leg(shipment)
    window = _window(windows[kind], shipment, leg)
    if window is None or shipment.handed_over_at is None:
        return False
    if kind is ClaimType.LATE_GUARANTEE and _known_amount(shipment, kind) is None:
        return False
    try:
        with transaction.atomic():
            _open(shipment, leg, kind, window, note="", actor=SYSTEM, now=now)
    except (NotClaimable, IntegrityError):  # too late, or somebody opened it in the same moment
        return False
    return True


def _bring_on(claim: Claim, *, actor: Actor, now: datetime) -> None:
    """A locked claim that was not sent in: called off, written off or qualified, as its parcel and the day say."""
    if claim.state not in NOT_SENT:
        return
    kind, facts = ClaimType(claim.claim_type), selectors.facts_of(claim.shipment)
    if is_found(kind, facts, by_itself=claim.opened_by == SYSTEM.reference):
        _move(claim, A.CANCEL, actor=actor, now=now, reason="The parcel turned up", closed_at=now)
    elif now >= claim.deadline_at:
        _move(claim, A.WRITE_OFF, actor=actor, now=now, reason="Not sent in time", closed_at=now)
    elif claim.state == S.DRAFT and claim.amount_minor and may_qualify(kind, facts, opens_at=claim.opens_at, now=now):
        _move(claim, A.QUALIFY, actor=actor, now=now)


# ------------------------------------------------------------------------------------------------ the operator's steps


def submit_claim(*, claim_id: UUID, carrier_reference: str, actor: Actor, now: datetime) -> Claim:
    """Sent to the carrier with its evidence, which is frozen now. Operators. Raises ClaimNotFound, InvalidInput,
    NotClaimable (the deadline has passed), TransitionRefused (no value yet, or sent before)."""
    with transaction.atomic():
        claim = _lock_as_operator(claim_id, actor)
        next_state(TRANSITIONS, S(claim.state), A.SUBMIT)
        if now >= claim.deadline_at:
            raise NotClaimable("The time to claim this is over.")
        pack = evidence.build_pack(claim)
        _move(
            claim, A.SUBMIT, actor=actor, now=now, submitted_at=now, pack=pack, pack_digest=evidence.digest_of(pack),
            carrier_reference=carrier_reference.strip()[:60],
        )  # fmt: skip
    return claim


def note_claim(*, claim_id: UUID, action: ClaimAction, reason: str, actor: Actor, now: datetime) -> Claim:
    """The carrier looks at it (REVIEW), wants something (ASK), is asked again (APPEAL); or we give up (WRITE_OFF, CANCEL).

    Operators. Raises ClaimNotFound, InvalidInput (no reason), TransitionRefused.
    """
    if action not in {A.REVIEW, A.ASK, A.APPEAL, A.WRITE_OFF, A.CANCEL}:
        raise InvalidInput("This step needs more than a word.", field="action")
    if action is not A.REVIEW and not reason.strip():
        raise InvalidInput("Say why.", field="reason")
    with transaction.atomic():
        claim = _lock_as_operator(claim_id, actor)
        ends: dict[str, Any] = {"closed_at": now} if action in {A.WRITE_OFF, A.CANCEL} else {}
        _move(claim, action, actor=actor, now=now, reason=reason, answer=reason.strip()[:500], **ends)
    return claim


def answer_claim(*, claim_id: UUID, note: str, actor: Actor, now: datetime) -> Claim:
    """The sender gives what the carrier wants. Raises ClaimNotFound, InvalidInput (nothing said), TransitionRefused."""
    if not note.strip():
        raise InvalidInput("Say what the carrier wants to know.", field="note")
    with transaction.atomic():
        claim = selectors.lock_claim(claim_id)
        if not (actor.is_operator or actor.acts_for(claim.shipment.seller_id)):
            raise ClaimNotFound()
        words = f"{claim.note}\n\n{note.strip()}".strip()[:2000]
        _move(claim, A.ANSWER, actor=actor, now=now, note=words)
    return claim


def decide_claim(*, claim_id: UUID, approved: Money, reason: str, actor: Actor, now: datetime) -> Claim:
    """What the carrier answered: all, a part, or nothing. Less than all needs its reason. Operators.

    Raises ClaimNotFound, InvalidInput (more than claimed, another currency, no reason), TransitionRefused.
    """
    with transaction.atomic():
        claim = _lock_as_operator(claim_id, actor)
        whole = claim.amount
        if whole is None or approved.currency != claim.currency or not 0 <= approved.minor <= whole.minor:
            raise InvalidInput("Between nothing and what was claimed.", field="approved")
        if approved < whole and not reason.strip():
            raise InvalidInput("Say why.", field="reason")
        action = A.APPROVE if approved == whole else A.APPROVE_PART if approved else A.REJECT
        _move(
            claim, action, actor=actor, now=now, reason=reason, answer=reason.strip()[:500],
            approved_minor=approved.minor,
        )  # fmt: skip
    return claim


def pay_claim(*, claim_id: UUID, actor: Actor, now: datetime) -> Claim:
    """The carrier's money is here. Publishes ClaimPaid, once. Operators. Raises ClaimNotFound, TransitionRefused."""
    with transaction.atomic():
        claim = _lock_as_operator(claim_id, actor)
        _move(claim, A.PAY, actor=actor, now=now, closed_at=now)
        publish(ClaimPaid(**_facts(claim, now), number=claim.number, amount=claim.approved), actor=actor, now=now)
    return claim


def _lock_as_operator(claim_id: UUID, actor: Actor) -> Claim:
    if not (actor.is_operator or actor.is_system):
        raise ClaimNotFound()
    return selectors.lock_claim(claim_id)


# ------------------------------------------------------------------------------------------------ shared steps


def _facts(claim: Claim, now: datetime) -> dict[str, Any]:
    shipment = claim.shipment
    return {
        "shipment_id": shipment.id, "order_id": shipment.order_id, "seller_id": shipment.seller_id,
        "carrier_code": claim.carrier.code, "tracking_number": shipment.waybill, "at": now,
        "purpose": str(shipment.purpose), "claim_id": claim.id, "claim_type": str(claim.claim_type),
    }  # fmt: skip


def _move(claim: Claim, action: ClaimAction, *, actor: Actor, now: datetime, reason: str = "", **columns: Any) -> None:
    before = S(claim.state)
    claim.state = next_state(TRANSITIONS, before, action)
    for name, value in columns.items():
        setattr(claim, name, value)
    claim.save(update_fields=["state", *columns])
    _record(claim, before, actor=actor, now=now, reason=reason)


def _record(claim: Claim, before: str, *, actor: Actor, now: datetime, reason: str) -> None:
    ClaimTransition.objects.create(
        claim=claim, from_state=before, to_state=claim.state, actor=actor.reference, reason=reason[:500], at=now
    )
    if actor.is_operator:
        record(
            actor=actor, action="logistics.claim_moved", subject_type="claim", subject_id=claim.id, now=now,
            state=claim.state,
        )  # fmt: skip

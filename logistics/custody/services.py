"""Changing hands: scans of both sides, bags, and following what carriers tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.audit.services import record
from core.errors import DomainError, InvalidInput, NotFound
from core.statements import insert, insert_rows
from logistics.contracts import ShipmentState
from logistics.custody import rules, selectors
from logistics.custody.models import Bag, BagParcel, Custody, HandOverScan
from logistics.custody.rules import Basis, Line, Passage, Side
from logistics.shipments.following import Moving
from logistics.shipments.models import Parcel

MAX_IN_BAG = 1_000


class NotTheHolder(DomainError):
    """The party does not hold the unit, so it cannot give it away."""

    code = "not_the_holder"
    message = "This party does not hold the unit."


class UnitIsBagged(DomainError):
    """The unit is in a closed bag: the bag is scanned, not what is in it."""

    code = "unit_is_bagged"
    message = "The unit is in a closed bag."
    remedy = "Scan the bag, or open it first."


def follow_shipments(*, rows: Sequence[Moving], passages: Mapping[UUID, Passage], now: datetime) -> int:
    """Bring the custody of locked shipments' parcels to where the shipments stand; returns the lines written.

    The first line gives a booked parcel to its seller. `passages`: the ways of those that several carriers carry. Set-based: three
    queries and one insert for all of them.
    """
    wanted = {
        row.id: holder
        for row in rows
        if (holder := rules.holder_in(
            ShipmentState(row.state), seller_id=row.seller_id, buyer_id=row.buyer_id,
            carrier_code=passages[row.id].carrier if row.id in passages else row.carrier_id,
        ))
    }  # fmt: skip
    parcels = selectors.parcels_of(wanted)
    latest = selectors.last_lines(parcel for found in parcels.values() for parcel in found)
    lines: list[Line] = []
    for row in rows:
        for parcel in parcels.get(row.id, ()):
            if row.id in wanted:
                passage = passages.get(row.id)
                lines += _lines_for(row, parcel, wanted[row.id], latest.get(parcel), passage, now=now)
    for number in sorted({line.number for line in lines}):
        insert_rows(Custody, Line._fields, [line for line in lines if line.number == number])
    return len(lines)


def _lines_for(
    row: Moving, parcel: int, holder: str, last: Line | None, passage: Passage | None, *, now: datetime
) -> list[Line]:
    lines: list[Line] = []
    if last is None:
        first = rules.seller(row.seller_id)
        last = Line(parcel, 1, "", first, Basis.CREATED, row.confirmed_at or now, now)
        lines.append(last)
    if passage is not None:
        handed = _handed_on(row, holder, last, passage, now=now)
        lines += handed
        last = handed[-1] if handed else last
        if _is_ahead(last.holder, holder, passage):
            return lines
    if last.holder == holder:
        return lines
    if rules.kind_of(last.holder) == "SELLER" and rules.kind_of(holder) == "BUYER":
        carrier = rules.carrier(row.carrier_id)
        last = Line(parcel, last.number + 1, last.holder, carrier, Basis.TAKER, max(_moment(row, now), last.since), now)
        lines.append(last)
    is_back = rules.kind_of(last.holder) == rules.kind_of(holder) == "CARRIER"
    was_corrected = (
        is_back
        or rules.kind_of(last.holder) == "BUYER"
        or (rules.kind_of(last.holder) == "SELLER" and row.handed_over_at is not None and last.number > 1)
    )
    basis = Basis.CORRECTION if was_corrected else _basis(row, last)
    lines.append(Line(parcel, last.number + 1, last.holder, holder, basis, max(_moment(row, now), last.since), now))
    return lines


def _handed_on(row: Moving, holder: str, last: Line, passage: Passage, *, now: datetime) -> list[Line]:
    """From carrier to carrier as far as they have begun; nothing for a parcel that goes back."""
    lines: list[Line] = []
    if rules.kind_of(holder) == "SELLER" or rules.kind_of(last.holder) == "BUYER":
        return lines
    for step in passage.onward(last.holder):
        taker = rules.carrier(step.carrier)
        if taker == last.holder:
            continue
        is_told = _basis(row, last) is Basis.BOTH or step.was_given
        basis = Basis.BOTH if is_told else Basis.TAKER
        last = Line(last.parcel_id, last.number + 1, last.holder, taker, basis, max(step.since, last.since), now)
        lines.append(last)
    return lines


def _is_ahead(holder: str, wanted: str, passage: Passage) -> bool:
    """A carrier that scanned the parcel in before its own news came keeps it, unless its scans were taken back."""
    if rules.kind_of(holder) != "CARRIER" or rules.kind_of(wanted) != "CARRIER":
        return False
    way = [rules.carrier(code) for code in passage.way]
    return (
        holder in way and way.index(holder) > way.index(wanted) and holder not in map(rules.carrier, passage.corrected)
    )


def _basis(row: Moving, last: Line) -> Basis:
    """A seller who declared the hand-over has scanned too; so both sides say the same."""
    is_declared = rules.kind_of(last.holder) == "SELLER" and row.handover_declared_at is not None
    return Basis.BOTH if is_declared else Basis.TAKER


def _moment(row: Moving, now: datetime) -> datetime:
    """When the shipment came to where it stands, by the carrier's clock as far as it is known."""
    if row.state == ShipmentState.HANDED_OVER:
        return row.handed_over_at or now
    if row.state == ShipmentState.DELIVERED:
        return row.delivered_at or now
    return now


def scan_out(*, sscc: str, party: str, to: str, at: datetime, now: datetime) -> None:
    """A holder says it gives the unit (or bag) to `to`. It stays liable until the other side scans.

    Raises NotFound, NotTheHolder, UnitIsBagged.
    """
    with transaction.atomic():
        for parcel in _units(sscc):
            last = selectors.latest_of([parcel.id]).get(parcel.id)
            if last is None or last.holder != party:
                raise NotTheHolder()
            insert(HandOverScan(
                parcel=parcel, side=Side.GIVE, party=party, other=to, scanned_at=at, recorded_at=now
            ))  # fmt: skip


def scan_in(*, sscc: str, party: str, at: datetime, now: datetime) -> int:
    """A party says it has the unit (or bag): it holds it from `at` on. Twice is harmless; returns units that changed hands.

    The basis is BOTH when the holder had scanned it out to this party, else TAKER. Raises NotFound, UnitIsBagged,
    InvalidInput for a moment before the last change.
    """
    with transaction.atomic():
        parcels = _units(sscc)
        latest = selectors.latest_of(parcel.id for parcel in parcels)
        given = set(
            HandOverScan.objects.filter(
                parcel__in=parcels, side=Side.GIVE, other=party
            ).values_list("parcel_id", "party")
        )  # fmt: skip
        moved = 0
        for parcel in parcels:
            last = latest.get(parcel.id)
            if last is None:
                raise NotFound("Nobody holds this unit yet.")
            if last.holder == party:
                continue
            if at < last.since:
                raise InvalidInput("The unit had not reached its last holder then.", field="at")
            basis = Basis.BOTH if (parcel.id, last.holder) in given else Basis.TAKER
            insert(HandOverScan(
                parcel=parcel, side=Side.TAKE, party=party, other=last.holder, scanned_at=at, recorded_at=now
            ))  # fmt: skip
            insert(Custody(
                parcel=parcel, number=last.number + 1, giver=last.holder, holder=party, basis=basis, since=at,
                recorded_at=now,
            ))  # fmt: skip
            moved += 1
        Bag.objects.filter(sscc=sscc, opened_at=None).update(holder=party)
    return moved


def _units(sscc: str) -> list[Parcel]:
    """The parcel of an SSCC, or the parcels of a closed bag, locked in the order of their ids."""
    bag = Bag.objects.select_for_update().filter(sscc=sscc, opened_at=None).first()
    if bag is not None:
        inside = Parcel.objects.filter(bags__bag=bag, bags__is_inside=True)
        return list(inside.select_for_update(of=("self",)).order_by("id"))
    parcel = Parcel.objects.select_for_update().filter(sscc=sscc).first()
    if parcel is None:
        raise NotFound("There is no unit with this number.")
    if BagParcel.objects.filter(parcel=parcel, is_inside=True).exists():
        raise UnitIsBagged()
    return [parcel]


def close_bag(*, sscc: str, parcel_ssccs: Iterable[str], party: str, actor: Actor, now: datetime) -> Bag:
    """Put units into a bag that is handled as one from now on. Raises InvalidInput, NotTheHolder, UnitIsBagged."""
    wanted = sorted(set(parcel_ssccs))
    if not 1 <= len(wanted) <= MAX_IN_BAG:
        raise InvalidInput(f"A bag holds 1 to {MAX_IN_BAG} units.", field="parcels")
    with transaction.atomic():
        parcels = list(Parcel.objects.select_for_update().filter(sscc__in=wanted).order_by("id"))
        if len(parcels) != len(wanted):
            raise NotFound("There is no unit with this number.")
        latest = selectors.latest_of(parcel.id for parcel in parcels)
        if any(parcel.id not in latest or latest[parcel.id].holder != party for parcel in parcels):
            raise NotTheHolder()
        if BagParcel.objects.filter(parcel__in=parcels, is_inside=True).exists():
            raise UnitIsBagged()
        bag = Bag.objects.create(sscc=sscc, holder=party, closed_at=now)
        BagParcel.objects.bulk_create([BagParcel(bag=bag, parcel=parcel) for parcel in parcels])
        record(
            actor=actor, action="logistics.bag_closed", subject_type="bag", subject_id=sscc, now=now, units=len(parcels)
        )
    return bag


def open_bag(*, sscc: str, party: str, actor: Actor, now: datetime) -> int:
    """Take everything out; returns the units. Raises NotFound, NotTheHolder."""
    with transaction.atomic():
        bag = Bag.objects.select_for_update().filter(sscc=sscc, opened_at=None).first()
        if bag is None:
            raise NotFound("There is no closed bag with this number.")
        if bag.holder != party:
            raise NotTheHolder()
        bag.opened_at = now
        bag.save(update_fields=["opened_at"])
        count = BagParcel.objects.filter(bag=bag, is_inside=True).update(is_inside=False)
        record(actor=actor, action="logistics.bag_opened", subject_type="bag", subject_id=sscc, now=now, units=count)
    return count

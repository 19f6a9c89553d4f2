"""Reads of returns and their policies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from core.actor import Actor
from marketplace.catalog.models import Category
from marketplace.orders.models import OrderLine
from marketplace.returns.models import Return, ReturnLine, ReturnPhoto, ReturnPolicy
from marketplace.returns.rules import FinalSale, Policy, ReturnNotFound
from marketplace.returns.states import CAME_TO_NOTHING, ReturnState


def _returns() -> QuerySet[Return]:
    return Return.objects.select_related("order__buyer", "order__seller", "order__purchase").prefetch_related(
        "lines__line__listing"
    )


def get_return_for(*, return_id: UUID, actor: Actor) -> Return:
    """A return its buyer, its seller or an operator may see. Raises ReturnNotFound for everyone else."""
    found = _returns().filter(id=return_id).first()
    if found is None or not (actor.is_operator or is_party(found, actor)):
        raise ReturnNotFound()
    return found


def is_party(found: Return, actor: Actor) -> bool:
    return actor.acts_for(found.order.buyer_id) or actor.acts_for(found.order.seller_id)


def lock_return(return_id: UUID) -> Return:
    """The row with its order and lines; the order's lock is taken first. Raises ReturnNotFound."""
    found = Return.objects.select_for_update(of=("self",)).select_related("order__seller").filter(id=return_id).first()
    if found is None:
        raise ReturnNotFound()
    return found


def find_order_id(return_id: UUID) -> UUID | None:
    return Return.objects.filter(id=return_id).values_list("order_id", flat=True).first()


def find_by_replacement(replacement_id: UUID) -> UUID | None:
    """The return whose new goods travel under this id."""
    return Return.objects.filter(replacement_id=replacement_id).values_list("id", flat=True).first()


def returns_of_order(order_id: UUID) -> list[Return]:
    """All returns of an order, newest first. The caller checks who asks."""
    return list(_returns().filter(order_id=order_id)[:50])


def returns_of_buyer(buyer_id: UUID) -> QuerySet[Return]:
    """Newest first; page it."""
    return _returns().filter(order__buyer_id=buyer_id)


def returns_to_seller(seller_id: UUID, *, state: str = "") -> QuerySet[Return]:
    """A seller's returns, those with a clock first; page it."""
    found = _returns().filter(order__seller_id=seller_id)
    return (found.filter(state=state) if state else found).order_by("due_at", "-requested_at", "-id")


def returns_of_party(organisation_id: UUID | None, *, role: str = "") -> QuerySet[Return]:
    """Returns an organisation sends or gets; page it."""
    sides = {"buyer": Q(order__buyer_id=organisation_id), "seller": Q(order__seller_id=organisation_id)}
    return _returns().filter(sides.get(role, sides["buyer"] | sides["seller"]))


def count_by_state(seller_id: UUID) -> dict[str, int]:
    """State -> number of a seller's returns."""
    rows = Return.objects.filter(order__seller_id=seller_id).values_list("state").annotate(n=Count("id"))
    return dict(rows.order_by())


def returned_pieces(line_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Order line -> pieces that are on their way back, or back."""
    rows = (
        ReturnLine.objects.filter(line_id__in=list(line_ids)).exclude(of__state__in=CAME_TO_NOTHING)
        .values_list("line_id").annotate(pieces=Sum("quantity")).order_by()
    )  # fmt: skip
    return dict(rows)


def refunded_pieces(line_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Order line -> pieces whose money went back after a return."""
    rows = (
        ReturnLine.objects.filter(line_id__in=list(line_ids), of__state=ReturnState.REFUNDED)
        .values_list("line_id").annotate(pieces=Sum("accepted")).order_by()
    )  # fmt: skip
    return {line_id: pieces or 0 for line_id, pieces in rows}


def reasons_by_listing(seller_id: UUID, *, since: datetime, limit: int = 20) -> list[tuple[str, str, int]]:
    """(title, reason, pieces) of what came back to a seller since a moment, the most first."""
    rows = (
        ReturnLine.objects.filter(of__order__seller_id=seller_id, of__requested_at__gte=since)
        .exclude(of__state__in=CAME_TO_NOTHING)
        .values_list("line__listing__title", "reason").annotate(pieces=Sum("quantity")).order_by("-pieces")
    )  # fmt: skip
    return list(rows[:limit])


def due_returns(*, now: datetime, limit: int = 200) -> list[UUID]:
    """Returns whose clock has run out."""
    return list(Return.objects.filter(due_at__lte=now).order_by("due_at", "id").values_list("id", flat=True)[:limit])


def policies_of(seller_id: UUID) -> QuerySet[ReturnPolicy]:
    """A seller's own policies; page it."""
    return ReturnPolicy.objects.filter(seller_id=seller_id)


def policies_for(seller_id: UUID) -> list[Policy]:
    """The seller's and the house's policies, for the rules."""
    rows = ReturnPolicy.objects.filter(Q(seller_id=seller_id) | Q(seller_id=None))
    return [
        Policy(
            by_seller=row.seller_id is not None, category_code=row.category_code, window_days=row.window_days,
            buyer_pays=row.buyer_pays, final_sale=FinalSale(row.final_sale),
        )
        for row in rows[:500]
    ]  # fmt: skip


def category_paths(lines: Iterable[OrderLine]) -> dict[str, list[str]]:
    """Category code -> itself and those above it, nearest first; one query."""
    parents = dict(Category.objects.values_list("code", "parent_id"))
    paths: dict[str, list[str]] = {}
    for code in {line.category_code for line in lines}:
        path, above = [code], parents.get(code)
        while above and above not in path:
            path.append(above)
            above = parents.get(above)
        paths[code] = path
    return paths


def find_photo(*, return_id: UUID, photo_id: UUID) -> ReturnPhoto | None:
    return ReturnPhoto.objects.filter(of_id=return_id, id=photo_id).first()


def category_codes() -> set[str]:
    return set(Category.objects.values_list("code", flat=True))


def find_return(return_id: UUID) -> Return | None:
    """With its order and both parties. The caller checks who asks."""
    return _returns().filter(id=return_id).first()

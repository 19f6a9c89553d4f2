"""Reads of approvals."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from core.errors import NotFound
from core.statements import Prepared
from marketplace.approvals.models import PurchaseApproval
from marketplace.approvals.states import ApprovalState

_approval = Prepared(lambda purchase_id: PurchaseApproval.objects.filter(purchase_id=purchase_id)[:1], purchase_id=UUID)


class ApprovalNotFound(NotFound):
    message = "There is nothing to approve."


def find_approval(purchase_id: UUID) -> PurchaseApproval | None:
    """The caller checks who asks."""
    return _approval.first(purchase_id=purchase_id)


def lock_approval(purchase_id: UUID) -> PurchaseApproval:
    """Raises ApprovalNotFound."""
    rows = PurchaseApproval.objects.select_for_update(of=("self",)).select_related("purchase")
    found = rows.filter(purchase_id=purchase_id).first()
    if found is None:
        raise ApprovalNotFound()
    return found


def approvals_of(organisation_id: UUID | None) -> QuerySet[PurchaseApproval]:
    """An organisation's approvals, newest first; page it."""
    rows = PurchaseApproval.objects.select_related("purchase")
    return rows.filter(purchase__buyer_id=organisation_id) if organisation_id else rows.none()


def left_behind(*, limit: int = 200) -> list[UUID]:
    """Purchases that were closed while they waited."""
    rows = PurchaseApproval.objects.filter(state=ApprovalState.WAITING, purchase__closed_at__isnull=False)
    return list(rows.order_by("asked_at").values_list("purchase_id", flat=True)[:limit])

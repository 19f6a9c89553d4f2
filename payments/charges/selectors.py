"""Reads of charges."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from core.actor import Actor
from core.statements import Prepared
from payments.charges.models import Charge
from payments.charges.states import LIVE, WAITING
from payments.contracts import ChargeNotFound, ChargeState, ChargeView


def failure_message(code: str) -> str:
    """Words for the buyer, by the provider's code."""
    messages = {
        "": "",
        "card_declined": _("The bank declined the card. Try another one."),
        "insufficient_funds": _("There is not enough money on the card. Try another one."),
        "authentication_failed": _("The bank could not confirm that it was you. Try again."),
        "card_expired": _("The card has expired. Try another one."),
        "incorrect_cvc": _("The security code is wrong. Try again."),
        "processing_error": _("The payment network had a problem. Nothing was taken; try again."),
        "page_expired": _("The payment page was open for too long. Try again."),
        "amount_not_supported": _("This amount cannot be paid by card. Choose another way to pay."),
        "unknown_method": _("This payment method is not known."),
        "transfer_expired": _("The transfer did not arrive in time. Money that still comes is sent back."),
        "not_received": _("The payment never reached the bank. Nothing was taken; try again."),
    }
    return messages.get(code, _("The payment did not go through. Nothing was taken."))


def view_of(charge: Charge) -> ChargeView:
    waiting = charge.state == ChargeState.REQUIRES_ACTION
    return ChargeView(
        charge_id=charge.id, purchase_id=charge.purchase_id, buyer_id=charge.buyer_id,
        state=ChargeState(charge.state), amount=charge.amount,
        redirect_url=charge.redirect_url if waiting and charge.redirect_url else None,
        failure_code=charge.failure_code or None, failure_message=failure_message(charge.failure_code),
    )  # fmt: skip


_charge = Prepared(lambda charge_id: Charge.objects.filter(id=charge_id)[:1], charge_id=UUID)
_locked = Prepared(lambda charge_id: Charge.objects.select_for_update().filter(id=charge_id)[:1], charge_id=UUID)
_live = Prepared(
    lambda purchase_id: Charge.objects.filter(purchase_id=purchase_id, state__in=[s.value for s in LIVE])[:1],
    purchase_id=UUID,
)


def find_live_charge(purchase_id: UUID) -> Charge | None:
    """The attempt of a purchase that is under way or was captured."""
    return _live.first(purchase_id=purchase_id)


def get_charge_view(charge_id: UUID) -> ChargeView:
    """Raises ChargeNotFound."""
    charge = _charge.first(charge_id=charge_id)
    if charge is None:
        raise ChargeNotFound()
    return view_of(charge)


def get_charge_view_for(charge_id: UUID, actor: Actor) -> ChargeView:
    """For its buyer and operators. Raises ChargeNotFound for everybody else."""
    view = get_charge_view(charge_id)
    if not (actor.is_operator or actor.acts_for(view.buyer_id)):
        raise ChargeNotFound()
    return view


def find_charge_for_purchase(purchase_id: UUID) -> ChargeView | None:
    """The latest attempt."""
    charge = Charge.objects.filter(purchase_id=purchase_id).order_by("-created_at", "-id").first()
    return None if charge is None else view_of(charge)


def lock_charge(charge_id: UUID) -> Charge:
    """Raises ChargeNotFound."""
    charge = _locked.first(charge_id=charge_id)
    if charge is None:
        raise ChargeNotFound()
    return charge


def list_charges_to_poll(now: datetime, limit: int) -> list[UUID]:
    """Charges whose answer we still lack, due for a question."""
    due = Charge.objects.filter(state__in=[s.value for s in WAITING], poll_at__lte=now).order_by("poll_at")
    return list(due.values_list("id", flat=True)[:limit])

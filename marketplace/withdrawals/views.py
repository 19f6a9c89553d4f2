"""The withdrawal button: a statement, its confirmation, and the receipt."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.models import User
from core.web.actions import add_error
from core.web.requests import actor_of, member_required
from marketplace.contracts import OrderState
from marketplace.orders.models import Order
from marketplace.orders.rules import may_withdraw
from marketplace.orders.selectors import get_order_for
from marketplace.returns.models import ReturnPolicy
from marketplace.withdrawals import selectors, services
from marketplace.withdrawals.forms import StatementForm
from marketplace.withdrawals.models import Withdrawal


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def order_withdrawal(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Step one: the statement. Step two: the same statement to confirm. Twice the same confirmation is one withdrawal."""
    actor = actor_of(request)
    order = get_order_for(order_id=order_id, actor=actor)
    if not actor.acts_for(order.buyer_id):
        raise Http404
    found = selectors.withdrawable_lines(order)
    form = StatementForm(request.POST or None, found=found, initial=_initial(request))
    is_checked = request.method == "POST" and form.is_valid() and _is_possible(form, order)
    if is_checked and "confirmed" in request.POST:
        made = _withdraw(request, order, form)
        if made is not None:
            return redirect("withdrawal", made.id)
    elif is_checked and "change" not in request.POST:
        chosen = [(one, form.pieces[one.line.id]) for one in found if form.pieces.get(one.line.id)]
        return render(
            request, "marketplace/withdrawal_confirmation.html", {"order": order, "form": form, "chosen": chosen}
        )
    return render(
        request, "marketplace/order_withdrawal.html", _context(order, form, found), status=422 if form.errors else 200
    )


def _initial(request: HttpRequest) -> dict[str, Any]:
    assert isinstance(request.user, User)
    return {"name": request.user.name, "email": request.user.email, "key": str(uuid4())}


def _is_possible(form: StatementForm, order: Order) -> bool:
    try:
        services.check_statement(order=order, statement=form.statement(), now=utc_now())
    except DomainError as error:
        known = selectors.withdrawals_of_order(order.id)
        if any(one.key == form.cleaned_data["key"] for one in known):
            return True  # the same confirmation again: it finds its withdrawal
        add_error(form, error)
        return False
    return True


def _withdraw(request: HttpRequest, order: Order, form: StatementForm) -> Withdrawal | None:
    try:
        return services.withdraw(
            order_id=order.id, statement=form.statement(), key=form.cleaned_data["key"], actor=actor_of(request),
            now=utc_now(),
        )  # fmt: skip
    except NotFound:
        raise
    except DomainError as error:
        add_error(form, error)
        return None


def _context(order: Order, form: StatementForm, found: list[selectors.Withdrawable]) -> dict[str, Any]:
    return {
        "order": order, "form": form, "past": selectors.withdrawals_of_order(order.id),
        "can_withdraw": bool(form.names)
        and may_withdraw(state=OrderState(order.state), received_at=order.received_at, now=utc_now()),
        "final": [(one.line, ReturnPolicy.FinalSales(one.ground).label) for one in found if one.ground],
    }  # fmt: skip


@member_required
@require_safe
def withdrawal(request: HttpRequest, withdrawal_id: UUID) -> HttpResponse:
    """The receipt: the statement with its day and time, and what came of it. For both parties, to keep and to print."""
    actor = actor_of(request)
    found = selectors.get_withdrawal_for(withdrawal_id=withdrawal_id, actor=actor)
    context = {"withdrawal": found, "order": found.order, "is_buyer": actor.acts_for(found.order.buyer_id)}
    return render(request, "marketplace/withdrawal.html", context)

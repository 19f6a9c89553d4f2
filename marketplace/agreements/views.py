"""Pages of agreements: asking, the plan, and its steps for both sides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.money import Money
from core.web.actions import add_error, attempt
from core.web.requests import actor_of, member_required
from marketplace.agreements import selectors, services
from marketplace.agreements.forms import PlanForm, ProofForm, RequestForm
from marketplace.agreements.models import Agreement, AgreementStep
from marketplace.catalog.selectors import get_public_listing
from marketplace.contracts import AgreementNotFound, AgreementState
from marketplace.sellers.selectors import find_seller
from payments import facade as payments
from payments.contracts import ChargeState, EscrowState, MilestoneTrigger, MilestoneView

PAGE_SIZE = 20
TONES = {
    AgreementState.REQUESTED: "moving", AgreementState.PROPOSED: "held", AgreementState.ACCEPTED: "available",
    AgreementState.DECLINED: "neutral", AgreementState.WITHDRAWN: "neutral",
}  # fmt: skip


def state_label(state: str) -> str:
    return {
        "REQUESTED": _("Asked for"), "PROPOSED": _("Offered"), "ACCEPTED": _("Agreed"), "DECLINED": _("Declined"),
        "WITHDRAWN": _("Withdrawn"),
    }.get(state, state)  # fmt: skip


def decorated(found: Agreement) -> dict[str, Any]:
    total = getattr(found, "total_minor", None)
    return {
        "agreement": found, "label": state_label(found.state), "tone": TONES[AgreementState(found.state)],
        "total": Money(total, found.currency) if total else None,
    }  # fmt: skip


def step_row(step: AgreementStep, milestone: MilestoneView | None, *, may_pay: bool) -> dict[str, Any]:
    """A step with where its money is and what can be done about it now."""
    escrow = milestone.escrow if milestone else None
    state = escrow.state if escrow else EscrowState.CREATED
    paid = state not in (EscrowState.CREATED, EscrowState.CANCELLED)
    words = {
        EscrowState.CREATED: (_("Not paid yet"), "neutral"), EscrowState.CANCELLED: (_("Not paid yet"), "neutral"),
        EscrowState.FUNDED: (_("Paid, held safely"), "held"), EscrowState.SHIPPED: (_("Paid, held safely"), "held"),
        EscrowState.DELIVERED: (_("Done, to be looked at"), "moving"), EscrowState.DISPUTED: (_("In dispute"), "owed"),
        EscrowState.RELEASED: (_("Released"), "available"), EscrowState.SETTLED: (_("Settled"), "available"),
        EscrowState.REFUNDED: (_("Refunded"), "neutral"),
    }  # fmt: skip
    label, tone = words[state]
    return {
        "step": step, "milestone": milestone, "escrow": escrow, "label": label, "tone": tone, "is_paid": paid,
        "can_pay": may_pay and not paid,
        "can_prove": milestone is not None and not milestone.proof and state in (EscrowState.FUNDED, EscrowState.SHIPPED),
        "can_accept": state in (EscrowState.FUNDED, EscrowState.SHIPPED, EscrowState.DELIVERED),
        "is_deposit": step.trigger == MilestoneTrigger.FUNDING.value,
    }  # fmt: skip


def step_rows(found: Agreement) -> list[dict[str, Any]]:
    """All steps; the first unpaid one can be paid."""
    milestones, rows, all_paid = selectors.milestones_of(found), [], found.state == AgreementState.ACCEPTED
    for step in found.steps.all():
        row = step_row(step, milestones.get(step.id), may_pay=all_paid)
        all_paid = all_paid and row["is_paid"]
        rows.append(row)
    return rows


def _listed(request: HttpRequest, found: QuerySet[Agreement], *, is_seller: bool) -> HttpResponse:
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "rows": [decorated(one) for one in page], "is_seller": is_seller}
    return render(request, "marketplace/agreements.html", context)


@member_required
@require_GET
def agreements(request: HttpRequest) -> HttpResponse:
    """What this organisation asked to have made."""
    organisation_id = actor_of(request).organisation_id
    assert organisation_id is not None
    return _listed(request, selectors.agreements_of_buyer(organisation_id), is_seller=False)


@member_required
@require_GET
def seller_agreements(request: HttpRequest) -> HttpResponse:
    """What this seller was asked to make."""
    seller = find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    return _listed(request, selectors.agreements_of_seller(seller.pk), is_seller=True)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_agreement(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """Ask the seller of a listing for something made to order."""
    actor, listing = actor_of(request), get_public_listing(listing_id)
    form = RequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.request_agreement(
                listing_id=listing_id, wish=form.cleaned_data["wish"], actor=actor, now=utc_now()
            )
            return redirect("agreement", made.id)
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
    context = {"listing": listing, "form": form}
    return render(request, "marketplace/new_agreement.html", context, status=422 if form.errors else 200)


@member_required
@require_GET
def agreement(request: HttpRequest, agreement_id: UUID) -> HttpResponse:
    """What was asked, what is offered, and every step with its money."""
    actor = actor_of(request)
    found = selectors.get_agreement_for(agreement_id=agreement_id, actor=actor)
    is_buyer, is_seller = actor.acts_for(found.buyer_id), actor.acts_for(found.seller_id)
    open_ = found.state in (AgreementState.REQUESTED, AgreementState.PROPOSED)
    context = {
        **decorated(found), "total": selectors.total_of(found), "steps": step_rows(found), "is_buyer": is_buyer,
        "is_seller": is_seller, "can_accept": is_buyer and found.state == AgreementState.PROPOSED, "is_open": open_,
        "can_plan": is_seller and open_, "proof_form": ProofForm(),
    }  # fmt: skip
    return render(request, "marketplace/agreement.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, agreement_id: UUID) -> HttpResponse:
    """The seller's offer with its payment plan."""
    actor = actor_of(request)
    found = selectors.get_agreement_for(agreement_id=agreement_id, actor=actor)
    if not actor.acts_for(found.seller_id):
        raise AgreementNotFound()
    form = PlanForm(request.POST or None, currency=found.currency, initial=PlanForm.values_of(found))
    if request.method == "POST" and form.is_valid():
        try:
            services.propose_plan(
                agreement_id=agreement_id,
                terms=form.cleaned_data["terms"],
                steps=form.steps,
                actor=actor,
                now=utc_now(),
            )
            return redirect("agreement", agreement_id)
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
    context = {**decorated(found), "form": form, "rows": form.rows()}
    return render(request, "marketplace/agreement_plan.html", context, status=422 if form.errors else 200)


@member_required
@require_POST
def acceptance(request: HttpRequest, agreement_id: UUID) -> HttpResponse:
    """The buyer accepts the plan with the total they saw."""
    actor = actor_of(request)
    found = selectors.get_agreement_for(agreement_id=agreement_id, actor=actor)
    seen = request.POST.get("total", "")
    total = Money(int(seen), found.currency) if seen.isascii() and seen.isdigit() and len(seen) < 18 else None
    attempt(
        request,
        lambda: services.accept_plan(
            agreement_id=agreement_id, expected_total=total or Money.zero(found.currency), actor=actor, now=utc_now()
        ),
        done=_("Agreed. Pay the first step so that the seller can begin."),
    )
    return redirect("agreement", agreement_id)


@member_required
@require_POST
def closing(request: HttpRequest, agreement_id: UUID) -> HttpResponse:
    """Either side ends it before it is accepted."""
    actor, reason = actor_of(request), request.POST.get("reason", "")[:500]
    attempt(
        request,
        lambda: services.close_agreement(agreement_id=agreement_id, reason=reason, actor=actor, now=utc_now()),
        done=_("It is over; nothing was paid."),
    )
    return redirect("agreement", agreement_id)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def step_payment(request: HttpRequest, agreement_id: UUID, step_id: UUID) -> HttpResponse:
    """Pay a step, on the provider's page or with a kept card."""
    actor = actor_of(request)
    step = selectors.get_step_of(agreement_id=agreement_id, step_id=step_id, actor=actor)
    if not actor.acts_for(step.agreement.buyer_id):
        raise AgreementNotFound()
    if request.method == "POST":
        return _pay(request, step)
    charge = payments.find_charge_for_purchase(step_id)
    if charge is not None and charge.state is ChargeState.CAPTURED:
        return redirect("agreement", agreement_id)
    waits = charge is not None and charge.state is ChargeState.REQUIRES_ACTION
    saved = [] if waits else payments.list_saved_methods(buyer_id=step.agreement.buyer_id, now=utc_now())
    context = {"step": step, "agreement": step.agreement, "charge": charge, "saved_methods": saved}
    return render(request, "marketplace/agreement_payment.html", context)


def _pay(request: HttpRequest, step: AgreementStep) -> HttpResponse:
    back = reverse("agreement_payment_return", args=[step.agreement_id, step.id])
    charge = None

    def act() -> None:
        nonlocal charge
        charge = services.pay_step(
            agreement_id=step.agreement_id, step_id=step.id, method_token=None, saved_method_id=_saved_method(request),
            return_url=request.build_absolute_uri(back), actor=actor_of(request), now=utc_now(),
        )  # fmt: skip

    if not attempt(request, act) or charge is None:
        return redirect("agreement", step.agreement_id)
    if charge.redirect_url and charge.state is ChargeState.REQUIRES_ACTION:
        return redirect(charge.redirect_url)
    if charge.state is ChargeState.FAILED:
        return redirect("agreement_payment", step.agreement_id, step.id)
    return redirect("agreement", step.agreement_id)


def _saved_method(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST["saved"]) if "saved" in request.POST else None
    except ValueError:
        raise NotFound("There is no such payment method.") from None


@member_required
@require_GET
def step_return(request: HttpRequest, agreement_id: UUID, step_id: UUID) -> HttpResponse:
    """Back from the provider: ask how it went."""
    charge = services.refresh_step(
        agreement_id=agreement_id, step_id=step_id, actor=actor_of(request), now=utc_now()
    )  # fmt: skip
    if charge is not None and charge.state is ChargeState.FAILED:
        return redirect("agreement_payment", agreement_id, step_id)
    return redirect("agreement", agreement_id)


@member_required
@require_POST
def step_proof(request: HttpRequest, agreement_id: UUID, step_id: UUID) -> HttpResponse:
    """The seller shows that a step is done."""
    actor, form = actor_of(request), ProofForm(request.POST)
    selectors.get_step_of(agreement_id=agreement_id, step_id=step_id, actor=actor)
    proof = form.cleaned_data["proof"] if form.is_valid() else ""
    attempt(
        request,
        lambda: services.prove_step(
            agreement_id=agreement_id, step_id=step_id, proof=proof, actor=actor, now=utc_now()
        ),
        done=_("Shown. The buyer looks at it now; without an answer the money comes by itself."),
    )
    return redirect("agreement", agreement_id)


@member_required
@require_POST
def step_release(request: HttpRequest, agreement_id: UUID, step_id: UUID) -> HttpResponse:
    """The buyer accepts a step."""
    actor = actor_of(request)
    attempt(
        request,
        lambda: services.accept_step(agreement_id=agreement_id, step_id=step_id, actor=actor, now=utc_now()),
        done=_("Thank you. The money of this step goes to the seller."),
    )
    return redirect("agreement", agreement_id)

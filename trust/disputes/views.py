"""Pages of disputes: the panel in an order, the seller's list, the files."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.identity.selectors import organisation_names
from core.web.actions import add_error, attempt, form_problems
from core.web.requests import actor_of, member_required
from marketplace import facade as marketplace
from trust.contracts import DisputeNotFound, DisputeReason, DisputeState, DisputeWish
from trust.disputes import evidence, selectors, services
from trust.disputes.forms import DisputeForm, EvidenceForm
from trust.disputes.labels import REASONS, STATES, TONES
from trust.disputes.models import Dispute
from trust.disputes.presentation import line_choices, page_context

PAGE_SIZE = 25


def wants_panel(request: HttpRequest) -> bool:
    """The order page asks for the inner part only."""
    return request.GET.get("panel") == "1" or request.headers.get("HX-Request") == "true"


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def order_dispute(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The dispute of an order, or the form to open one (its buyer, while that is possible)."""
    actor = actor_of(request)
    order = marketplace.get_order_for(order_id=order_id, actor=actor)
    form = DisputeForm(request.POST or None, lines=line_choices(order))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.open_dispute(
                order_id=order_id, reason=DisputeReason(data["reason"]), wish=DisputeWish(data["wish"]),
                description=data["description"], lines=form.chosen_lines, actor=actor, now=utc_now(),
            )  # fmt: skip
            return redirect("order_dispute", order_id)
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
    dispute = selectors.find_dispute_of_order_for(order_id=order_id, actor=actor)
    context = {**page_context(order, dispute), "is_buyer": actor.acts_for(order.buyer_id), "form": form,
               "is_seller": actor.acts_for(order.seller_id), "is_panel": wants_panel(request)}  # fmt: skip
    name = "trust/dispute_panel.html" if wants_panel(request) else "trust/dispute.html"
    return render(request, name, context)


def _dispute_of(request: HttpRequest, order_id: UUID) -> Dispute:
    dispute = selectors.find_dispute_of_order_for(order_id=order_id, actor=actor_of(request))
    if dispute is None:
        raise DisputeNotFound()
    return dispute


@member_required
@require_POST
def dispute_messages(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Say something."""
    actor, dispute = actor_of(request), _dispute_of(request, order_id)
    text = request.POST.get("text", "")
    attempt(
        request, lambda: services.post_message(dispute_id=dispute.id, text=text, actor=actor, now=utc_now()),
        done=_("Sent."),
    )  # fmt: skip
    return redirect("order_dispute", order_id)


@member_required
@require_POST
def dispute_evidence(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Add a file."""
    actor, dispute = actor_of(request), _dispute_of(request, order_id)
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, form_problems(form))
        return redirect("order_dispute", order_id)
    upload = form.cleaned_data["file"]
    attempt(
        request, lambda: evidence.add_evidence(dispute_id=dispute.id, upload=upload, actor=actor, now=utc_now()),
        done=_("Added."),
    )  # fmt: skip
    return redirect("order_dispute", order_id)


@require_GET
def dispute_file(request: HttpRequest, order_id: UUID, evidence_id: UUID) -> HttpResponseBase:
    """A file, for the parties and the operator; always a download."""
    actor = actor_of(request)
    if not actor.is_authenticated:
        return redirect_to_login(request.get_full_path())
    try:
        found = selectors.get_evidence_for(evidence_id=evidence_id, order_id=order_id, actor=actor)
        return evidence.download_of(found)
    except NotFound as error:
        raise Http404 from error


@member_required
@require_POST
def dispute_withdrawal(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The buyer gives up."""
    actor, dispute = actor_of(request), _dispute_of(request, order_id)
    attempt(request, lambda: services.withdraw_dispute(dispute_id=dispute.id, actor=actor, now=utc_now()),
            done=_("Withdrawn. The order goes on."))  # fmt: skip
    return redirect("order_dispute", order_id)


@member_required
@require_POST
def dispute_acceptance(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The seller gives everything back."""
    actor, dispute = actor_of(request), _dispute_of(request, order_id)
    attempt(request, lambda: services.accept_refund(dispute_id=dispute.id, actor=actor, now=utc_now()),
            done=_("Done. The whole amount goes back to the buyer."))  # fmt: skip
    return redirect("order_dispute", order_id)


@member_required
@require_GET
def disputes(request: HttpRequest) -> HttpResponse:
    """The seller's disputes, newest first."""
    seller = marketplace.find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    state = request.GET.get("state", "")
    state = state if state in DisputeState.__members__ else ""
    found = selectors.disputes_of_seller(seller.seller_id, state=state)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    names = organisation_names(dispute.buyer_id for dispute in page)
    rows = [
        {"dispute": d, "buyer": names.get(d.buyer_id, ""), "reason": REASONS[DisputeReason(d.reason)],
         "label": STATES[DisputeState(d.state)], "tone": TONES[DisputeState(d.state)]}
        for d in page
    ]  # fmt: skip
    states = [(s.value, label) for s, label in STATES.items()]
    context = {"page_obj": page, "rows": rows, "state": state, "states": states}
    return render(request, "trust/disputes.html", context)

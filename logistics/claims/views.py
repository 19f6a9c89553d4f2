"""The sender's pages of claims: all of them, one with its evidence, and how to make one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.web.actions import add_error, attempt, form_problems
from core.web.requests import actor_of, member_required
from logistics.claims import evidence, selectors, services
from logistics.claims.forms import AnswerForm, ClaimForm, PhotoForm
from logistics.claims.models import Claim
from logistics.claims.rules import MAX_PHOTOS, ClaimType
from logistics.claims.states import TERMINAL, ClaimState
from logistics.claims.words import STATES, TONES, TYPES, next_of
from logistics.shipments.selectors import get_shipment_for

PAGE_SIZE = 20


def decorated(found: Claim) -> dict[str, Any]:
    """What a list row shows."""
    state = ClaimState(found.state)
    kind = TYPES[ClaimType(found.claim_type)]
    return {"claim": found, "kind": kind, "label": STATES[state], "tone": TONES[state]}


@member_required
@require_safe
def claims(request: HttpRequest) -> HttpResponse:
    """Claims about the parcels this organisation sent."""
    page = Paginator(selectors.list_claims(actor_of(request)), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "logistics/claims.html", {"page_obj": page, "rows": [decorated(row) for row in page]})


@member_required
@require_safe
def claim(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """One claim: what happens next, its evidence, and what the sender can add."""
    found = selectors.get_claim_for(claim_id, actor=actor_of(request))
    state, photos = ClaimState(found.state), list(found.photos.all())
    steps = [(STATES[ClaimState(step.to_state)], step) for step in found.transitions.all()]
    context = {
        **decorated(found), "next": next_of(ClaimType(found.claim_type), state), "photos": photos, "steps": steps,
        "form": AnswerForm() if state is ClaimState.NEEDS_ACTION else None,
        "photo_form": PhotoForm() if state not in TERMINAL and len(photos) < MAX_PHOTOS else None,
    }  # fmt: skip
    return render(request, "logistics/claim.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def shipment_claims(request: HttpRequest, shipment_id: UUID) -> HttpResponse:
    """Claims about one parcel, and the form to make one; for its sender."""
    actor = actor_of(request)
    shipment = get_shipment_for(shipment_id, actor=actor, seller_only=True)
    form = ClaimForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.open_claim(
                shipment_id=shipment_id, kind=ClaimType(form.cleaned_data["claim_type"]),
                note=form.cleaned_data["note"], actor=actor, now=utc_now(),
            )  # fmt: skip
            return redirect("logistics:claim", made.id)
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
    rows = [decorated(row) for row in selectors.claims_of(shipment_id)]
    return render(request, "logistics/shipment_claims.html", {"shipment": shipment, "form": form, "rows": rows})


@member_required
@require_POST
def answer(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """What the carrier wanted to know."""
    found = selectors.get_claim_for(claim_id, actor=actor_of(request))
    note = request.POST.get("note", "")
    attempt(
        request,
        lambda: services.answer_claim(claim_id=found.id, note=note, actor=actor_of(request), now=utc_now()),
        done=_("Thank you. The carrier goes on with it."),
    )
    return redirect("logistics:claim", claim_id)


@member_required
@require_POST
def claim_photos(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """The sender adds a picture."""
    found, form = selectors.get_claim_for(claim_id, actor=actor_of(request)), PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, form_problems(form))
        return redirect("logistics:claim", claim_id)
    photo = form.cleaned_data["photo"]
    attempt(
        request,
        lambda: evidence.add_photo(claim_id=found.id, upload=photo, actor=actor_of(request), now=utc_now()),
        done=_("Added."),
    )
    return redirect("logistics:claim", claim_id)


@member_required
@require_safe
def claim_photo(request: HttpRequest, claim_id: UUID, photo_id: UUID) -> HttpResponse:
    found = selectors.get_claim_for(claim_id, actor=actor_of(request))
    return evidence.picture_of(claim_id=found.id, photo_id=photo_id)


@member_required
@require_safe
def claim_evidence(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """The evidence as a file: as it was sent in, or as it stands now."""
    found = selectors.get_claim_for(claim_id, actor=actor_of(request))
    response = JsonResponse(evidence.pack_of(found), json_dumps_params={"indent": 2})
    response["Content-Disposition"] = f'attachment; filename="claim-{found.number}.json"'
    response["Cache-Control"] = "private, no-store"
    return response

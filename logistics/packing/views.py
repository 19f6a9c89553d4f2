"""The seller's own cartons."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import InvalidInput
from core.web.actions import add_error
from core.web.requests import actor_of, member_required
from logistics.packing import services
from logistics.packing.forms import CartonForm
from logistics.packing.selectors import boxes_for, list_cartons


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def cartons(request: HttpRequest) -> HttpResponse:
    """What orders of several pieces are packed into; without own cartons the platform's are used."""
    actor = actor_of(request)
    assert actor.organisation_id is not None, "members act for an organisation"
    form = CartonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_carton(**form.cleaned_data, actor=actor)
        except InvalidInput as error:
            add_error(form, error)
        else:
            messages.success(request, _("Added. Orders are packed into it from now on."))
            return redirect("logistics:cartons")
    own = list_cartons(actor.organisation_id)
    context = {"form": form, "own": own, "usual": [] if own else boxes_for(None)}
    return render(request, "logistics/cartons.html", context, status=422 if form.errors else 200)


@member_required
@require_POST
def carton_removal(request: HttpRequest, carton_id: UUID) -> HttpResponse:
    services.remove_carton(carton_id=carton_id, actor=actor_of(request))
    messages.success(request, _("Removed."))
    return redirect("logistics:cartons")

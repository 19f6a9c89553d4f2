"""Pages of one's own account: profile, organisation, members, API tokens."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from core.actor import Role
from core.clock import utc_now
from core.errors import DomainError, InvalidInput, NotAllowed
from core.identity import services
from core.identity.forms import MemberForm, OrganisationForm, ProfileForm, TokenForm
from core.identity.models import User
from core.identity.selectors import get_organisation, is_member, list_memberships, list_tokens
from core.web.context import THEME_COOKIE
from core.web.middleware import ORGANISATION_SESSION_KEY
from core.web.requests import actor_of, member_required
from core.web.views import back_to, page_not_found, set_preference_cookie


def show_refusal(form: Form, error: DomainError) -> None:
    """Put a refusal where it belongs: beside its field, else on top of the form."""
    text = f"{_(error.message)} {_(error.remedy) if error.remedy else ''}".strip()
    form.add_error(error.field if error.field in form.fields else None, text)


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Name, language and colours."""
    assert isinstance(request.user, User)
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method != "POST" or not form.is_valid():
        return render(request, "identity/profile.html", {"form": form}, status=422 if form.errors else 200)
    form.save()
    messages.success(request, _("Saved."))
    response = redirect("account")
    set_preference_cookie(response, settings.LANGUAGE_COOKIE_NAME, request.user.language)
    set_preference_cookie(response, THEME_COOKIE, request.user.theme)
    return response


@require_POST
@login_required
def switch(request: HttpRequest) -> HttpResponse:
    """Act for another organisation one belongs to; others do not exist."""
    try:
        chosen = UUID(request.POST.get("organisation", ""))
    except ValueError:
        return page_not_found(request)
    assert isinstance(request.user, User)
    if not is_member(request.user.id, chosen):
        return page_not_found(request)
    request.session[ORGANISATION_SESSION_KEY] = str(chosen)
    return redirect(back_to(request))


@member_required
def organisation(request: HttpRequest) -> HttpResponse:
    """Name and country of the organisation, and its members. Two forms: `action` says which was sent."""
    actor = actor_of(request)
    assert actor.organisation_id is not None
    found = get_organisation(actor.organisation_id)
    action = request.POST.get("action", "")
    details = OrganisationForm(
        request.POST if action == "details" else None, initial={"name": found.name, "country": found.country}
    )
    member = MemberForm(request.POST if action == "member" else None, prefix="member")
    if action == "details" and details.is_valid() and _save_details(request, details):
        return redirect("account_organisation")
    if action == "member" and member.is_valid() and _add_member(request, member):
        return redirect("account_organisation")
    return render(
        request, "identity/organisation.html",
        {"organisation": found, "details_form": details, "member_form": member,
         "members": list_memberships(actor.organisation_id), "may_manage": actor.role in (Role.OWNER, Role.MANAGER)},
        status=422 if details.errors or member.errors else 200,
    )  # fmt: skip


def _save_details(request: HttpRequest, form: OrganisationForm) -> bool:
    try:
        services.update_organisation(
            actor=actor_of(request), name=form.cleaned_data["name"], country=form.cleaned_data["country"], now=utc_now()
        )
    except (InvalidInput, NotAllowed) as error:
        show_refusal(form, error)
        return False
    messages.success(request, _("Saved."))
    return True


def _add_member(request: HttpRequest, form: MemberForm) -> bool:
    data = form.cleaned_data
    try:
        services.add_member(actor=actor_of(request), email=data["email"], role=Role(data["role"]), now=utc_now())
    except (InvalidInput, NotAllowed) as error:
        show_refusal(form, error)
        return False
    messages.success(request, _("%(email)s can now act for your organisation.") % {"email": data["email"]})
    return True


@require_POST
@member_required
def membership(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """Remove a member."""
    try:
        services.remove_member(actor=actor_of(request), membership_id=membership_id, now=utc_now())
    except (InvalidInput, NotAllowed) as error:
        messages.error(request, f"{_(error.message)} {_(error.remedy) if error.remedy else ''}".strip())
    else:
        messages.success(request, _("Removed. Their API tokens no longer work."))
    return redirect("account_organisation")


@never_cache
@member_required
def tokens(request: HttpRequest) -> HttpResponse:
    """API tokens; a new one is shown once, in the answer to its own form."""
    actor = actor_of(request)
    assert actor.organisation_id is not None
    form = TokenForm(request.POST or None)
    plain = ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            _token, plain = services.issue_token(actor=actor, name=data["name"], scopes=data["scopes"], now=utc_now())
            form = TokenForm()
        except InvalidInput as error:
            show_refusal(form, error)
    context = {"form": form, "plain": plain, "tokens": list_tokens(actor.organisation_id)}
    return render(request, "identity/tokens.html", context, status=422 if form.errors else 200)


@member_required
def token_revocation(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """Asks first; on POST the token stops working at once."""
    actor = actor_of(request)
    assert actor.organisation_id is not None
    if request.method == "POST":
        services.revoke_token(actor=actor, token_id=token_id, now=utc_now())
        messages.success(request, _("The token no longer works."))
        return redirect("account_tokens")
    token = next((one for one in list_tokens(actor.organisation_id) if one.id == token_id), None)
    if token is None:
        return page_not_found(request)
    return render(request, "identity/token_revocation.html", {"token": token})

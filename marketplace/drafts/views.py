"""A listing made in steps; what was typed is kept at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.web.actions import add_error, attempt, form_problems, told
from core.web.requests import actor_of, member_required
from marketplace.catalog.forms import ScheduleForm
from marketplace.catalog.models import Category
from marketplace.catalog.photos import MAX_BYTES, photo_url
from marketplace.catalog.rules import quality_tips
from marketplace.catalog.selectors import leaf_categories
from marketplace.catalog.views import told_of_publication
from marketplace.drafts import services
from marketplace.drafts.forms import PicturesForm, WholeForm, form_of, typed_in
from marketplace.drafts.models import ListingDraft
from marketplace.drafts.selectors import drafts_of, get_own_draft
from marketplace.drafts.services import Ending
from marketplace.drafts.steps import Step, step_after, steps_of
from marketplace.drafts.words import attributes_shown, step_title, tip_with_step
from marketplace.sellers.selectors import find_seller

PAGE_SIZE = 20


@member_required
@require_http_methods(["GET", "POST"])
def new_listing(request: HttpRequest) -> HttpResponse:
    """Choose a category; that begins a draft."""
    seller = find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    if request.method == "POST":
        try:
            draft = services.start_draft(
                category_code=request.POST.get("category", ""), actor=actor_of(request), now=utc_now()
            )
            return redirect("draft_step", draft.id, Step.WHAT)
        except DomainError as error:
            messages.error(request, told(error))
    begun = [(draft, _title_of(draft)) for draft in drafts_of(seller.pk)[:3]]
    context = {"groups": _grouped_leaves(), "begun": begun}
    return render(request, "marketplace/choose_category.html", context)


def _grouped_leaves() -> list[tuple[str, list[Category]]]:
    groups: dict[str, list[Category]] = {}
    for category in leaf_categories():
        groups.setdefault(category.parent.name if category.parent else "", []).append(category)
    return list(groups.items())


def _title_of(draft: ListingDraft) -> str:
    return str(draft.values.get("title") or _("Without a title yet"))


@member_required
@require_GET
def drafts(request: HttpRequest) -> HttpResponse:
    """What was begun and not finished."""
    seller = find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    page = Paginator(drafts_of(seller.pk), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(draft, _title_of(draft)) for draft in page]
    return render(request, "marketplace/drafts.html", {"page_obj": page, "rows": rows})


@member_required
@require_POST
def draft_removal(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    services.discard_draft(draft_id=draft_id, actor=actor_of(request))
    messages.success(request, _("Discarded."))
    return redirect("drafts")


@member_required
@require_http_methods(["GET", "POST"])
def draft_step(request: HttpRequest, draft_id: UUID, step: str) -> HttpResponse:
    """One step; POST keeps it and goes on when nothing is wrong with it."""
    draft = get_own_draft(draft_id=draft_id, seller_id=actor_of(request).organisation_id)
    here = _step(draft, step)
    if here is Step.CHECK:
        return _check_page(request, draft)
    if here is Step.PICTURES:
        return _pictures_page(request, draft)
    form = form_of(draft, here, is_checked=False)
    if request.method == "POST":
        typed = typed_in(request.POST, draft, here)
        saved = services.save_step(draft_id=draft.id, typed=typed, actor=actor_of(request), now=utc_now())
        draft.values = saved.values
        form = form_of(draft, here, is_checked=True)
        if form.is_valid():
            return redirect("draft_step", draft.id, step_after(here, needs_safety=draft.category.needs_safety))
    return _page(request, draft, here, form)


def _step(draft: ListingDraft, step: str) -> Step:
    if step not in steps_of(needs_safety=draft.category.needs_safety):
        raise Http404
    return Step(step)


def _page(request: HttpRequest, draft: ListingDraft, here: Step, form: forms.Form, **more: Any) -> HttpResponse:
    steps = steps_of(needs_safety=draft.category.needs_safety)
    place = steps.index(here)
    shown = [
        {"label": step_title(step), "state": "done" if i < place else "now" if i == place else "todo"}
        for i, step in enumerate(steps)
    ]
    context = {
        "draft": draft, "here": here.value, "title": step_title(here), "form": form, "steps": shown,
        "number": place + 1, "count": len(steps), "back": steps[place - 1].value if place else "", **more,
    }  # fmt: skip
    return render(request, f"marketplace/draft_{here if here in (Step.CHECK, Step.PICTURES) else 'step'}.html", context)


def _pictures_page(request: HttpRequest, draft: ListingDraft) -> HttpResponse:
    form, actor, now = PicturesForm(request.POST or None, request.FILES or None), actor_of(request), utc_now()
    if request.method == "POST" and form.is_valid():
        alts = request.POST.getlist("alt")
        first, removed = _number(request, "first"), _number(request, "remove")
        services.arrange_pictures(draft_id=draft.id, alts=alts, first=first, removed=removed, actor=actor, now=now)
        files = [file.read(MAX_BYTES + 1) for file in form.cleaned_data["pictures"]]
        try:
            services.add_pictures(draft_id=draft.id, files=files, actor=actor, now=now)
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error, {"photo": "pictures"})
        else:
            goes_on = "go_on" in request.POST and not files
            step = step_after(Step.PICTURES, needs_safety=draft.category.needs_safety) if goes_on else Step.PICTURES
            return redirect("draft_step", draft.id, step)
    photos = [(photo, photo_url(photo["name"], "s")) for photo in draft.photos]
    return _page(request, draft, Step.PICTURES, form, photos=photos)


def _number(request: HttpRequest, name: str) -> int | None:
    typed = request.POST.get(name, "")
    return int(typed) if typed.isdigit() and len(typed) < 3 else None


def _check_page(request: HttpRequest, draft: ListingDraft) -> HttpResponse:
    form = WholeForm(draft)
    problems = [(step.value, step_title(step), label, text) for step, label, text in form.problems()]
    values, schema = draft.values, draft.category.attributes
    shown = attributes_shown(schema, values)
    score, tips = quality_tips(
        title=str(values.get("title", "")), description=str(values.get("description", "")), photo_count=len(draft.photos),
        described=sum(bool(photo["alt"]) for photo in draft.photos), filled_attributes=len(shown),
        attribute_count=len(schema), has_gtin=bool(values.get("gtin")),
    )  # fmt: skip
    more = {
        "problems": problems, "score": score, "tips": [tip_with_step(tip) for tip in tips], "attributes": shown,
        "price": form.cleaned_data.get("price"),
        "photos": [(photo, photo_url(photo["name"], "m")) for photo in draft.photos], "schedule_form": ScheduleForm(),
    }  # fmt: skip
    return _page(request, draft, Step.CHECK, form, **more)


@member_required
@require_POST
def draft_autosave(request: HttpRequest, draft_id: UUID, step: str) -> HttpResponse:
    """Keep what is typed while it is typed; answers with when it was kept."""
    draft = get_own_draft(draft_id=draft_id, seller_id=actor_of(request).organisation_id)
    here, now = _step(draft, step), utc_now()
    services.save_step(draft_id=draft.id, typed=typed_in(request.POST, draft, here), actor=actor_of(request), now=now)
    return HttpResponse(_("Kept at %(time)s") % {"time": timezone.localtime(now).strftime("%H:%M:%S")})


@member_required
@require_POST
def draft_end(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Make it a listing: on sale, later (`publish_at`), or off sale for now."""
    actor = actor_of(request)
    draft = get_own_draft(draft_id=draft_id, seller_id=actor.organisation_id)
    form, when = WholeForm(draft), ScheduleForm(request.POST)
    named = request.POST.get("ending", "")
    ending = Ending(named) if named in set(Ending) else Ending.OFF_SALE
    if not form.is_valid():
        return redirect("draft_step", draft.id, Step.CHECK)
    if ending is Ending.LATER and not when.is_valid():
        messages.error(request, form_problems(when))
        return redirect("draft_step", draft.id, Step.CHECK)
    made: list[Any] = []

    def finish() -> None:
        at = when.cleaned_data["publish_at"] if ending is Ending.LATER else None
        made.append(services.finish_draft(
            draft_id=draft.id, listing=form.listing_input(), ending=ending, at=at, actor=actor, now=utc_now()
        ))  # fmt: skip

    if not attempt(request, finish):
        return redirect("draft_step", draft.id, Step.CHECK)
    done = {Ending.LATER: _("Planned."), Ending.OFF_SALE: _("Saved. It is not on sale yet.")}
    messages.success(request, done.get(ending) or told_of_publication(made[0]))
    return redirect("edit_listing", made[0].id)

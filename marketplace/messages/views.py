"""Pages of conversations. Live by asking every few seconds (ADR 30); everything works without scripts too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.web import attachments
from core.web.actions import add_error, attempt
from core.web.requests import actor_of, member_required
from marketplace.contracts import MessageSide, ReportReason, ThreadKind
from marketplace.messages import selectors, services
from marketplace.messages.forms import MessageForm, QuickReplyForm, ReportForm
from marketplace.messages.models import Message, Thread
from marketplace.messages.ports import translator
from marketplace.messages.rules import Caution
from marketplace.messages.subjects import get_subject, url_of
from marketplace.sellers.selectors import find_seller

PAGE_SIZE = 20


def unread_badge(request: HttpRequest) -> dict[str, Any]:
    """The bar's count of unread messages (shell provider): mostly from the cache, nothing for visitors."""
    if not hasattr(request, "session") or not hasattr(request, "actor"):
        return {}
    organisation_id = actor_of(request).organisation_id
    return {"unread_count": selectors.count_unread(organisation_id) if organisation_id else 0}


def kind_label(kind: str) -> str:
    return {
        "LISTING": _("About a listing"), "ORDER": _("About an order"), "QUOTE": _("About a price"),
        "SHOP": _("To the shop"),
    }.get(kind, kind)  # fmt: skip


def caution_label(code: str) -> str:
    return {
        Caution.EMAIL: _("an e-mail address"), Caution.PHONE: _("a telephone number"),
        Caution.MESSENGER: _("another messenger"), Caution.LINK: _("a link to another site"),
        Caution.PAYMENT: _("paying outside of Lonja"),
    }[Caution(code)]  # fmt: skip


@member_required
@require_GET
def threads(request: HttpRequest) -> HttpResponse:
    """All conversations of this organisation, as buyer and as seller."""
    actor, only_unread = actor_of(request), request.GET.get("unread") == "1"
    found = selectors.threads_of(actor.organisation_id, only_unread=only_unread)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [_row(one, selectors.side_of(one, actor)) for one in page]
    context = {
        "page_obj": page, "rows": rows, "only_unread": only_unread, "is_seller": find_seller(actor.organisation_id),
    }  # fmt: skip
    return render(request, "marketplace/threads.html", context)


def _row(thread: Thread, side: MessageSide) -> dict[str, Any]:
    is_buyer = side is MessageSide.BUYER
    return {
        "thread": thread, "other": thread.seller.name if is_buyer else thread.buyer.name, "is_buyer": is_buyer,
        "unread": thread.buyer_unread if is_buyer else thread.seller_unread, "kind": kind_label(thread.kind),
    }  # fmt: skip


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_thread(request: HttpRequest, kind: str, subject_id: UUID) -> HttpResponse:
    """Write about something; where a conversation about it exists, that is shown."""
    if kind.upper() not in ThreadKind.__members__:
        raise Http404
    actor, about = actor_of(request), ThreadKind(kind.upper())
    subject = get_subject(kind=about, subject_id=subject_id, actor=actor)
    form = MessageForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = _sent(form, lambda **said: services.begin_thread(
            kind=about, subject_id=subject_id, actor=actor, now=utc_now(), **said))  # fmt: skip
        if sent is not None:
            return redirect("thread", sent.thread_id)
    known = selectors.find_thread(kind=about, subject_id=subject_id, buyer_id=subject.buyer_id)
    if known is not None and not form.errors:
        return redirect("thread", known.id)
    context = {"subject": subject, "form": form, "kind": kind_label(about), "back": _back(about, subject_id, subject)}
    return render(request, "marketplace/new_thread.html", context, status=422 if form.errors else 200)


def _back(kind: ThreadKind, subject_id: UUID, subject: Any) -> str:
    seller = find_seller(subject.seller_id)
    return url_of(kind=kind, subject_id=subject_id, slug=seller.slug if seller else "")


def _sent(form: MessageForm, send: Callable[..., Message]) -> Message | None:
    """The message; None with the errors in the form."""
    try:
        return send(text=form.cleaned_data["text"], uploads=form.cleaned_data["attachments"])
    except NotFound:
        raise
    except DomainError as error:
        add_error(form, error)
        return None


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: HttpRequest, thread_id: UUID) -> HttpResponse:
    """A conversation; looking at it is reading it."""
    actor = actor_of(request)
    selectors.get_thread_for(thread_id=thread_id, actor=actor)
    form = MessageForm(request.POST or None, request.FILES or None, initial=_prefilled(request))
    if request.method == "POST" and form.is_valid():
        sent = _sent(form, lambda **said: services.post_message(
            thread_id=thread_id, actor=actor, now=utc_now(), **said))  # fmt: skip
        if sent is not None:
            return redirect("thread", thread_id)
    services.mark_read(thread_id=thread_id, actor=actor, now=utc_now())
    found = selectors.get_thread_for(thread_id=thread_id, actor=actor)
    side = selectors.side_of(found, actor)
    is_seller = side is MessageSide.SELLER
    other_id = found.buyer_id if is_seller else found.seller_id
    assert actor.organisation_id is not None
    context = {
        **_row(found, side), **_talk(request, found, side), "form": form, "is_seller": is_seller,
        "subject_url": url_of(kind=found.kind, subject_id=found.subject_id, slug=found.seller.slug),
        "quick_replies": selectors.quick_replies_of(found.seller_id) if is_seller else [],
        "has_blocked": selectors.has_blocked(blocker_id=actor.organisation_id, blocked_id=other_id),
        "can_translate": translator().is_available,
    }  # fmt: skip
    return render(request, "marketplace/thread.html", context, status=422 if form.errors else 200)


def _prefilled(request: HttpRequest) -> dict[str, str]:
    """The text of the quick reply the address names."""
    try:
        reply = selectors.get_quick_reply(reply_id=UUID(request.GET.get("reply", "")), actor=actor_of(request))
    except (ValueError, NotFound):
        return {}
    return {"text": reply.text}


def _talk(request: HttpRequest, found: Thread, side: MessageSide) -> dict[str, Any]:
    """What the list of messages needs."""
    wants_translation = request.GET.get("translate") == "1"
    read_at = found.seller_read_at if side is MessageSide.BUYER else found.buyer_read_at
    items = []
    for message in selectors.last_messages(found):
        is_mine, is_down = message.side == side, selectors.is_taken_down(message)
        items.append({
            "message": message, "is_mine": is_mine, "is_down": is_down,
            "cautions": [caution_label(code) for code in message.warnings],
            "is_read": is_mine and read_at is not None and read_at >= message.at,
            "translation": _translated(message.text) if wants_translation and not is_mine and not is_down else None,
        })  # fmt: skip
    return {"items": items, "thread": found, "translate": wants_translation}


def _translated(text: str) -> str | None:
    return translator().translate(text, to=get_language() or "en") if text else None


@member_required
@require_GET
def thread_latest(request: HttpRequest, thread_id: UUID) -> HttpResponse:
    """The list of messages for a page that is open; 204 when it shows everything already."""
    actor = actor_of(request)
    found = selectors.get_thread_for(thread_id=thread_id, actor=actor)
    if request.GET.get("seen") == str(found.version):
        return HttpResponse(status=204)
    services.mark_read(thread_id=thread_id, actor=actor, now=utc_now())
    found = selectors.get_thread_for(thread_id=thread_id, actor=actor)
    side = selectors.side_of(found, actor)
    return render(request, "marketplace/talk.html", {**_row(found, side), **_talk(request, found, side)})


@require_GET
def thread_file(request: HttpRequest, thread_id: UUID, file_id: UUID) -> HttpResponseBase:
    """A file of a message for the two sides and operators; always a download."""
    actor = actor_of(request)
    if not actor.is_authenticated:
        return redirect_to_login(request.get_full_path())
    try:
        found = selectors.get_file_for(thread_id=thread_id, file_id=file_id, actor=actor)
        kept = attachments.Attachment(found.name, found.stored_as, found.media_type, found.size)
        return attachments.download(services.FOLDER, kept)
    except NotFound as error:
        raise Http404 from error


@member_required
@require_POST
def thread_block(request: HttpRequest, thread_id: UUID) -> HttpResponse:
    """No more messages from the other side, or again."""
    actor = actor_of(request)
    if request.POST.get("open") == "1":
        attempt(request, lambda: services.unblock(thread_id=thread_id, actor=actor, now=utc_now()),
                done=_("You can write to each other again."))  # fmt: skip
    else:
        attempt(request, lambda: services.block(thread_id=thread_id, actor=actor, now=utc_now()),
                done=_("Blocked. Only conversations about orders stay open."))  # fmt: skip
    return redirect("thread", thread_id)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def message_report(request: HttpRequest, thread_id: UUID, said_id: UUID) -> HttpResponse:
    """Show a message to the operator."""
    actor = actor_of(request)
    message = selectors.get_message_for(thread_id=thread_id, message_id=said_id, actor=actor)
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if attempt(request, lambda: services.report_message(
            thread_id=thread_id, message_id=said_id, reason=ReportReason(data["reason"]), note=data["note"],
            actor=actor, now=utc_now()), done=_("Thank you. Lonja looks at it.")):  # fmt: skip
            return redirect("thread", thread_id)
    context = {"message": message, "thread_id": thread_id, "form": form}
    return render(request, "marketplace/message_report.html", context, status=422 if form.errors else 200)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def quick_replies(request: HttpRequest) -> HttpResponse:
    """The answers this seller gives often."""
    actor = actor_of(request)
    if find_seller(actor.organisation_id) is None:
        return redirect("sell")
    assert actor.organisation_id is not None
    form = QuickReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_quick_reply(**form.cleaned_data, actor=actor, now=utc_now())
            return redirect("quick_replies")
        except DomainError as error:
            add_error(form, error)
    context = {"replies": selectors.quick_replies_of(actor.organisation_id), "form": form}
    return render(request, "marketplace/quick_replies.html", context, status=422 if form.errors else 200)


@member_required
@require_POST
def quick_reply_removal(request: HttpRequest, reply_id: UUID) -> HttpResponse:
    services.remove_quick_reply(reply_id=reply_id, actor=actor_of(request))
    return redirect("quick_replies")

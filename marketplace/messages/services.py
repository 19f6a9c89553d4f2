"""Writes of conversations. Locks the thread; files are written to the disk before their rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import F

from core.actor import Actor
from core.audit.services import record
from core.errors import InvalidInput, NotAllowed
from core.events.marketplace import MessageSent
from core.outbox.services import publish
from core.states import next_state
from core.web import attachments
from core.web.attachments import Attachment
from marketplace.contracts import (
    Blocked,
    MessageSide,
    ReportReason,
    ReportState,
    ThreadKind,
    TooManyMessages,
)
from marketplace.messages.models import Block, Message, MessageFile, MessageReport, QuickReply, Thread
from marketplace.messages.rules import (
    MAX_FILES,
    MAX_NEW_PER_DAY,
    MAX_PER_HOUR,
    MAX_QUICK_REPLIES,
    checked_text,
    snippet,
    warnings_of,
)
from marketplace.messages.selectors import (
    count_begun_since,
    count_sent_since,
    find_thread,
    get_message_for,
    get_quick_reply,
    get_thread_for,
    is_blocked_between,
    lock_report,
    lock_thread,
    side_of,
    unread_key,
)
from marketplace.messages.states import TRANSITIONS, ReportAction
from marketplace.messages.subjects import Subject, get_subject
from marketplace.sellers.selectors import get_seller

FOLDER = "messages"


def begin_thread(
    *, kind: ThreadKind, subject_id: UUID, text: str, actor: Actor, now: datetime, uploads: Sequence[File[Any]] = ()
) -> Message:
    """Write about a listing, a shop or an order; a conversation about it that is there goes on. Publishes MessageSent.

    Raises NotFound (not public, a stranger), OwnGoods, Blocked, TooManyMessages, InvalidInput (nothing said), BadUpload.
    """
    subject = get_subject(kind=kind, subject_id=subject_id, actor=actor)
    words = checked_text(text, may_be_empty=bool(uploads))
    _check_blocks(subject.kind, subject.buyer_id, subject.seller_id)
    _check_files(uploads)
    with attachments.kept(FOLDER, uploads) as files, transaction.atomic():
        thread = _thread_about(subject, actor, now=now)
        return _post(lock_thread(thread.id), words, files, actor=actor, now=now)


def post_message(
    *, thread_id: UUID, text: str, actor: Actor, now: datetime, uploads: Sequence[File[Any]] = ()
) -> Message:
    """Say something in a conversation. Publishes MessageSent; what leads away from the house is marked, never held back.

    Raises ThreadNotFound (a stranger), Blocked, TooManyMessages, InvalidInput (nothing said, too many files), BadUpload.
    """
    thread = get_thread_for(thread_id=thread_id, actor=actor)
    words = checked_text(text, may_be_empty=bool(uploads))
    _check_blocks(thread.kind, thread.buyer_id, thread.seller_id)
    _check_files(uploads)
    with attachments.kept(FOLDER, uploads) as files, transaction.atomic():
        return _post(lock_thread(thread_id), words, files, actor=actor, now=now)


def _thread_about(subject: Subject, actor: Actor, *, now: datetime) -> Thread:
    known = find_thread(kind=subject.kind, subject_id=subject.subject_id, buyer_id=subject.buyer_id)
    if known is not None:
        return known
    if actor.acts_for(subject.buyer_id):
        begun = count_begun_since(buyer_id=subject.buyer_id, since=now - timedelta(days=1))
        if begun >= MAX_NEW_PER_DAY:
            raise TooManyMessages()
    thread, _created = Thread.objects.get_or_create(
        kind=subject.kind, subject_id=subject.subject_id, buyer_id=subject.buyer_id,
        defaults={"seller_id": subject.seller_id, "title": subject.title[:160], "created_at": now, "last_message_at": now},
    )  # fmt: skip
    return thread


def _post(thread: Thread, words: str, files: list[Attachment], *, actor: Actor, now: datetime) -> Message:
    side = side_of(thread, actor)
    sender, other = (
        (thread.buyer_id, MessageSide.SELLER) if side is MessageSide.BUYER else (thread.seller_id, MessageSide.BUYER)
    )
    if count_sent_since(sender_id=sender, since=now - timedelta(hours=1)) >= MAX_PER_HOUR:
        raise TooManyMessages()
    message = Message.objects.create(
        thread=thread, side=side, sender_id=sender, actor=actor.reference, text=words,
        warnings=[code.value for code in warnings_of(words, own_host=urlsplit(settings.SITE_URL).netloc)], at=now,
    )  # fmt: skip
    MessageFile.objects.bulk_create(
        MessageFile(
            message=message, name=kept.name, stored_as=kept.stored_as, media_type=kept.media_type, size=kept.size
        )
        for kept in files
    )
    thread.version += 1
    thread.last_message_at, thread.snippet = now, snippet(words or files[0].name)
    unread, own = f"{other.value.lower()}_unread", side.value.lower()
    setattr(thread, unread, getattr(thread, unread) + 1)
    setattr(thread, f"{own}_unread", 0)  # who answers has read
    setattr(thread, f"{own}_read_at", now)
    if side is MessageSide.BUYER and thread.asked_at is None and thread.answered_at is None:
        thread.asked_at = now
    if side is MessageSide.SELLER and thread.answered_at is None:
        thread.answered_at = now
    thread.save(
        update_fields=[
            "version",
            "last_message_at",
            "snippet",
            unread,
            f"{own}_unread",
            f"{own}_read_at",
            "asked_at",
            "answered_at",
        ],
    )
    _forget_unread(thread)
    event = MessageSent(
        thread_id=thread.id, message_id=message.id, kind=thread.kind, subject_id=thread.subject_id,
        buyer_id=thread.buyer_id, seller_id=thread.seller_id, by=side.value, at=now,
    )  # fmt: skip
    publish(event, actor=actor, now=now)
    return message


def mark_read(*, thread_id: UUID, actor: Actor, now: datetime) -> None:
    """The actor's side has seen everything so far; nothing new: nothing changes. Raises ThreadNotFound."""
    with transaction.atomic():
        thread = lock_thread(thread_id)
        side = side_of(thread, actor).value.lower()
        if not getattr(thread, f"{side}_unread"):
            return
        setattr(thread, f"{side}_unread", 0)
        setattr(thread, f"{side}_read_at", now)
        thread.version += 1
        thread.save(update_fields=["version", f"{side}_unread", f"{side}_read_at"])
        _forget_unread(thread)


def mark_told(*, thread_id: UUID, side: MessageSide, now: datetime) -> bool:
    """A letter about unread messages is about to go to this side; False when it was read in between."""
    name = side.value.lower()
    rows = Thread.objects.filter(id=thread_id, **{f"{name}_unread__gt": 0})
    return bool(rows.update(**{f"{name}_told_at": now}))


# ------------------------------------------------------------------------------------------------ blocks


def block(*, thread_id: UUID, actor: Actor, now: datetime) -> None:
    """No more messages between the two, except about orders; twice changes nothing. Raises ThreadNotFound."""
    blocker, blocked = _two_of(thread_id, actor)
    Block.objects.get_or_create(blocker_id=blocker, blocked_id=blocked, defaults={"at": now})


def unblock(*, thread_id: UUID, actor: Actor, now: datetime) -> None:
    """Take one's own block back; the other side's stays. Raises ThreadNotFound."""
    blocker, blocked = _two_of(thread_id, actor)
    Block.objects.filter(blocker_id=blocker, blocked_id=blocked).delete()


def _two_of(thread_id: UUID, actor: Actor) -> tuple[UUID, UUID]:
    thread = get_thread_for(thread_id=thread_id, actor=actor)
    is_buyer = side_of(thread, actor) is MessageSide.BUYER
    return (thread.buyer_id, thread.seller_id) if is_buyer else (thread.seller_id, thread.buyer_id)


def _check_blocks(kind: str, buyer_id: UUID, seller_id: UUID) -> None:
    if kind != ThreadKind.ORDER and is_blocked_between(buyer_id, seller_id):
        raise Blocked()


# ------------------------------------------------------------------------------------------------ reports


def report_message(
    *, thread_id: UUID, message_id: UUID, reason: ReportReason, note: str, actor: Actor, now: datetime
) -> MessageReport:
    """Show a message of the other side to the operator. Reported already: that report. Raises ThreadNotFound, InvalidInput."""
    message = get_message_for(thread_id=thread_id, message_id=message_id, actor=actor)
    assert actor.organisation_id is not None, "one of the two sides"
    if actor.acts_for(message.sender_id):
        raise InvalidInput("This is your own message.", field="message")
    made, _created = MessageReport.objects.get_or_create(
        message=message,
        defaults={
            "reporter_id": actor.organisation_id, "reason": reason, "note": note.strip()[:500],
            "state": ReportState.OPEN, "reported_at": now,
        },
    )  # fmt: skip
    return made


def uphold_report(*, report_id: UUID, reason: str, actor: Actor, now: datetime) -> MessageReport:
    """The operator takes the message down; both sides read that and why. Raises NotAllowed, InvalidInput (no reason),
    ReportNotFound, TransitionRefused."""
    return _decide(report_id, ReportAction.UPHOLD, reason, actor=actor, now=now)


def dismiss_report(*, report_id: UUID, reason: str, actor: Actor, now: datetime) -> MessageReport:
    """The message stays. Errors as `uphold_report`."""
    return _decide(report_id, ReportAction.DISMISS, reason, actor=actor, now=now)


def _decide(report_id: UUID, action: ReportAction, reason: str, *, actor: Actor, now: datetime) -> MessageReport:
    if not actor.is_operator:
        raise NotAllowed("Only the operator decides this.")
    if not reason.strip():
        raise InvalidInput("A reason is needed.", field="reason")
    with transaction.atomic():
        report = lock_report(report_id)
        report.state = next_state(TRANSITIONS, ReportState(report.state), action)
        report.decided_at, report.decided_by, report.decision = now, actor.reference, reason.strip()[:500]
        report.save(update_fields=["state", "decided_at", "decided_by", "decision"])
        Thread.objects.filter(id=report.message.thread_id).update(version=F("version") + 1)
        record(
            actor=actor, action=f"message.report_{report.state.lower()}", subject_type="message",
            subject_id=report.message_id, now=now, reason=report.decision,
        )  # fmt: skip
    return report


# ------------------------------------------------------------------------------------------------ quick replies


def add_quick_reply(*, title: str, text: str, actor: Actor, now: datetime) -> QuickReply:
    """Keep an answer the seller gives often. Raises InvalidInput (empty, taken name, too many), NotFound (no seller)."""
    if actor.organisation_id is None:
        raise NotAllowed("Only a seller has quick replies.")
    seller = get_seller(actor.organisation_id)
    name, words = title.strip(), checked_text(text)
    if not name or len(name) > 60:
        raise InvalidInput("It needs a name of at most 60 characters.", field="title")
    if len(words) > 2000:
        raise InvalidInput("The text is too long.", field="text")
    if seller.quick_replies.count() >= MAX_QUICK_REPLIES:
        raise InvalidInput("There are enough quick replies.", field="title", remedy="Remove one first.")
    try:
        with transaction.atomic():
            return QuickReply.objects.create(seller=seller, title=name, text=words, created_at=now)
    except IntegrityError:
        raise InvalidInput("There is one of this name already.", field="title") from None


def remove_quick_reply(*, reply_id: UUID, actor: Actor) -> None:
    """Raises QuickReplyNotFound (not this seller's)."""
    get_quick_reply(reply_id=reply_id, actor=actor).delete()


# ------------------------------------------------------------------------------------------------ shared


def _check_files(uploads: Sequence[File[Any]]) -> None:
    if len(uploads) > MAX_FILES:
        raise InvalidInput("Too many files.", field="attachments", remedy="At most 5 with one message.")


def _forget_unread(thread: Thread) -> None:
    keys = [unread_key(thread.buyer_id), unread_key(thread.seller_id)]
    transaction.on_commit(partial(cache.delete_many, keys))

"""Reads of conversations; strangers get ThreadNotFound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.db.models import F, Q, QuerySet

from core.actor import Actor
from marketplace.contracts import (
    MessageSide,
    QuickReplyNotFound,
    ReportNotFound,
    ReportState,
    SaidView,
    ThreadKind,
    ThreadNotFound,
)
from marketplace.messages.models import Block, Message, MessageFile, MessageReport, QuickReply, Thread
from marketplace.messages.rules import MIN_REPLIES, REPLY_GOAL, REPLY_WINDOW, TELL_AFTER

SHOWN_MESSAGES = 200
UNREAD_LIFE_SECONDS = 60


def side_of(thread: Thread, actor: Actor) -> MessageSide:
    """Which of the two the actor is. Raises ThreadNotFound for everyone else."""
    if actor.acts_for(thread.buyer_id):
        return MessageSide.BUYER
    if actor.acts_for(thread.seller_id):
        return MessageSide.SELLER
    raise ThreadNotFound()


def get_thread_for(*, thread_id: UUID, actor: Actor) -> Thread:
    """A conversation of the actor's organisation. Raises ThreadNotFound."""
    found = Thread.objects.select_related("buyer", "seller").filter(id=thread_id).first()
    if found is None:
        raise ThreadNotFound()
    side_of(found, actor)
    return found


def lock_thread(thread_id: UUID) -> Thread:
    found = Thread.objects.select_for_update().filter(id=thread_id).first()
    if found is None:
        raise ThreadNotFound()
    return found


def find_thread(*, kind: str, subject_id: UUID, buyer_id: UUID) -> Thread | None:
    return Thread.objects.filter(kind=kind, subject_id=subject_id, buyer_id=buyer_id).first()


def threads_of(organisation_id: UUID | None, *, only_unread: bool = False) -> QuerySet[Thread]:
    """Conversations of both sides, the last written in first; page it."""
    found = Thread.objects.select_related("buyer", "seller")
    if organisation_id is None:
        return found.none()
    if only_unread:
        found = found.filter(
            Q(buyer_id=organisation_id, buyer_unread__gt=0) | Q(seller_id=organisation_id, seller_unread__gt=0)
        )
    else:
        found = found.filter(Q(buyer_id=organisation_id) | Q(seller_id=organisation_id))
    return found.order_by("-last_message_at", "-id")


def messages_of(thread: Thread) -> QuerySet[Message]:
    """Newest first, with files and what the operator decided; page it."""
    return (
        Message.objects.filter(thread=thread).select_related("report").prefetch_related("files").order_by("-at", "-id")
    )


def last_messages(thread: Thread) -> list[Message]:
    """The last 200 in the order they were said."""
    return list(messages_of(thread)[:SHOWN_MESSAGES])[::-1]


def said_about_order(order_id: UUID) -> tuple[SaidView, ...]:
    """What both sides wrote about an order, the last 200 in the order they were said; what was taken down is left out."""
    found = Message.objects.filter(thread__kind=ThreadKind.ORDER, thread__subject_id=order_id).select_related("report")
    kept = [message for message in found.order_by("-at", "-id")[:SHOWN_MESSAGES] if not is_taken_down(message)]
    return tuple(SaidView(one.at, MessageSide(one.side), one.text) for one in reversed(kept))


def get_file_for(*, thread_id: UUID, file_id: UUID, actor: Actor) -> MessageFile:
    """A file of a conversation, unless its message was taken down. Operators see those too. Raises ThreadNotFound."""
    found = MessageFile.objects.select_related("message__thread", "message__report").filter(id=file_id).first()
    if found is None or found.message.thread_id != thread_id:
        raise ThreadNotFound()
    if not actor.is_operator:
        side_of(found.message.thread, actor)
        if is_taken_down(found.message):
            raise ThreadNotFound()
    return found


def is_taken_down(message: Message) -> bool:
    report = getattr(message, "report", None)
    return report is not None and report.state == ReportState.UPHELD


def get_message_for(*, thread_id: UUID, message_id: UUID, actor: Actor) -> Message:
    """Raises ThreadNotFound."""
    thread = get_thread_for(thread_id=thread_id, actor=actor)
    found = Message.objects.select_related("report").filter(id=message_id, thread=thread).first()
    if found is None:
        raise ThreadNotFound()
    return found


def count_sent_since(*, sender_id: UUID, since: datetime) -> int:
    return Message.objects.filter(sender_id=sender_id, at__gt=since).count()


def count_begun_since(*, buyer_id: UUID, since: datetime) -> int:
    return Thread.objects.filter(buyer_id=buyer_id, created_at__gt=since).count()


def is_blocked_between(one: UUID, other: UUID) -> bool:
    """Whether either of the two does not want to hear from the other."""
    return Block.objects.filter(Q(blocker_id=one, blocked_id=other) | Q(blocker_id=other, blocked_id=one)).exists()


def has_blocked(*, blocker_id: UUID, blocked_id: UUID) -> bool:
    return Block.objects.filter(blocker_id=blocker_id, blocked_id=blocked_id).exists()


def quick_replies_of(seller_id: UUID) -> list[QuickReply]:
    return list(QuickReply.objects.filter(seller_id=seller_id)[:100])


def get_quick_reply(*, reply_id: UUID, actor: Actor) -> QuickReply:
    """Raises QuickReplyNotFound (not this seller's)."""
    found = QuickReply.objects.filter(id=reply_id, seller_id=actor.organisation_id).first()
    if found is None:
        raise QuickReplyNotFound()
    return found


def lock_report(report_id: UUID) -> MessageReport:
    found = MessageReport.objects.select_for_update(of=("self",)).select_related("message").filter(id=report_id).first()
    if found is None:
        raise ReportNotFound()
    return found


def count_open_reports() -> int:
    return MessageReport.objects.filter(state=ReportState.OPEN).count()


# ------------------------------------------------------------------------------------------------ the badge


def count_unread(organisation_id: UUID) -> int:
    """Messages nobody of the organisation has read; remembered for a minute, forgotten when it changes."""
    known = cache.get(unread_key(organisation_id))
    if known is None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT coalesce(sum(buyer_unread), 0) FROM marketplace_thread"
                " WHERE buyer_id = %s AND buyer_unread > 0) + (SELECT coalesce(sum(seller_unread), 0)"
                " FROM marketplace_thread WHERE seller_id = %s AND seller_unread > 0)",
                [organisation_id, organisation_id],
            )
            known = int(cursor.fetchone()[0])
        cache.set(unread_key(organisation_id), known, UNREAD_LIFE_SECONDS)
    return int(known)


def unread_key(organisation_id: UUID) -> str:
    return f"unread-messages:{organisation_id}"


# ------------------------------------------------------------------------------------------------ figures


@dataclass(frozen=True)
class ReplyFigures:
    """How fast a shop answers: of the conversations buyers began in three months. `share` in whole per cent."""

    conversations: int
    median_seconds: int | None
    share: int | None


_FIGURES = """
SELECT count(*) FILTER (WHERE answered_at IS NOT NULL OR asked_at <= %(goal)s),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - asked_at))
           FILTER (WHERE answered_at IS NOT NULL),
       count(*) FILTER (WHERE answered_at <= asked_at + %(day)s)
FROM marketplace_thread WHERE seller_id = %(seller)s AND asked_at > %(since)s
"""


def reply_figures(*, seller_id: UUID, now: datetime) -> ReplyFigures:
    """One query. A question of the last day that has no answer yet counts neither way; too few say nothing."""
    with connection.cursor() as cursor:
        facts: dict[str, Any] = {
            "goal": now - REPLY_GOAL, "day": REPLY_GOAL, "seller": seller_id, "since": now - REPLY_WINDOW
        }  # fmt: skip
        cursor.execute(_FIGURES, facts)
        counted, median, in_time = cursor.fetchone()
    if counted < MIN_REPLIES:
        return ReplyFigures(counted, None, None)
    return ReplyFigures(counted, None if median is None else round(median), round(100 * in_time / counted))


# ------------------------------------------------------------------------------------------------ letters


def untold_threads(*, now: datetime, limit: int = 200) -> list[tuple[UUID, MessageSide]]:
    """(conversation, side) that has waited to be read and was not told since it last looked."""
    waiting: list[tuple[UUID, MessageSide]] = []
    for side in MessageSide:
        name = side.value.lower()
        found = Thread.objects.filter(**{f"{name}_unread__gt": 0}, last_message_at__lte=now - TELL_AFTER).filter(
            Q(**{f"{name}_told_at": None}) | Q(**{f"{name}_told_at__lt": F(f"{name}_read_at")})
        )
        waiting += [(one, side) for one in found.order_by("last_message_at").values_list("id", flat=True)[:limit]]
    return waiting

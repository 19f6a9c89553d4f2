"""Conversations between buyers and sellers, their files, quick replies, blocks and reports."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.database import append_only
from core.ids import new_id
from core.models import Organisation
from core.personal import personal
from marketplace.contracts import MessageSide, ReportReason, ReportState, ThreadKind
from marketplace.sellers.models import Seller

SIDES = [(side.value, side.value.title()) for side in MessageSide]


class Thread(models.Model):
    """What a buyer and a seller write each other about one thing. `version` counts everything a reader could see change."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value.title()) for kind in ThreadKind])
    subject_id = models.UUIDField()
    title = models.CharField(max_length=160)
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    last_message_at = models.DateTimeField()
    snippet = personal(models.CharField(max_length=140, blank=True))
    version = models.PositiveIntegerField(default=0)
    buyer_unread = models.PositiveIntegerField(default=0)
    seller_unread = models.PositiveIntegerField(default=0)
    buyer_read_at = models.DateTimeField(null=True)
    seller_read_at = models.DateTimeField(null=True)
    buyer_told_at = models.DateTimeField(null=True)
    seller_told_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-last_message_at", "-id")
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = (models.UniqueConstraint(fields=["kind", "subject_id", "buyer"], name="one_thread_a_subject"),)
        indexes = (
            models.Index(fields=["buyer", "-last_message_at"], name="thread_of_buyer"),
            models.Index(fields=["seller", "-last_message_at"], name="thread_of_seller"),
            models.Index(fields=["buyer"], name="thread_buyer_unread", condition=Q(buyer_unread__gt=0)),
            models.Index(fields=["seller"], name="thread_seller_unread", condition=Q(seller_unread__gt=0)),
            models.Index(fields=["seller", "asked_at"], name="thread_asked"),
        )

    def __str__(self) -> str:
        return self.title


class Message(models.Model):
    """What one side said; append-only. `warnings` are the codes of rules.Caution."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    side = models.CharField(max_length=6, choices=SIDES)
    sender = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    actor = models.CharField(max_length=120)
    text = personal(models.TextField(blank=True))
    warnings = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        triggers = append_only()
        indexes = (
            models.Index(fields=["thread", "at", "id"], name="message_of_thread"),
            models.Index(fields=["sender", "-at"], name="message_of_sender"),
        )


class MessageFile(models.Model):
    """A document or picture of a message; `stored_as` is its name below MEDIA_ROOT/messages."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="files")
    name = personal(models.CharField(max_length=120))
    stored_as = models.CharField(max_length=60)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()

    class Meta:
        ordering = ("id",)


class QuickReply(models.Model):
    """An answer a seller gives often."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="quick_replies")
    title = models.CharField(_("name"), max_length=60)
    text = models.TextField(_("text"), max_length=2000)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("title", "id")
        constraints = (models.UniqueConstraint(fields=["seller", "title"], name="one_quick_reply_a_name"),)


class Block(models.Model):
    """An organisation that does not want to hear from another one. Conversations about orders stay open."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    blocker = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    blocked = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["blocker", "blocked"], name="blocked_once"),)


class MessageReport(models.Model):
    """A message somebody shows to the operator, and the decision. An upheld one is taken down, and both sides see that."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="report")
    reporter = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=[(r.value, r.value.title()) for r in ReportReason])
    note = personal(models.CharField(max_length=500, blank=True))
    state = models.CharField(max_length=10, choices=[(s.value, s.value.title()) for s in ReportState])
    reported_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=120, blank=True)
    decision = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-reported_at", "-id")
        verbose_name = _("reported message")
        verbose_name_plural = _("reported messages")
        indexes = (models.Index(fields=["state", "-reported_at"], name="message_report_state"),)

    def __str__(self) -> str:
        return f"{self.reason}: {self.message_id}"

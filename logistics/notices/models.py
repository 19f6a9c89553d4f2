"""What organisations were told about parcels, what people want to be told, and how far events were followed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from logistics.notices.rules import Side, Stage
from logistics.shipments.models import Shipment

STAGES = [(stage.value, stage.value) for stage in Stage]
SIDES = [(side.value, side.value) for side in Side]


class Notice(models.Model):
    """One organisation is told of one stage of a parcel, once. The words are made when it is read, in the reader's language."""

    id = models.BigAutoField(primary_key=True)
    organisation_id = models.UUIDField()
    side = models.CharField(max_length=10, choices=SIDES)
    stage = models.CharField(max_length=20, choices=STAGES)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mail_due_at = models.DateTimeField(null=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-at", "-id")
        constraints = (models.UniqueConstraint(fields=["shipment", "stage", "side"], name="told_once"),)
        indexes = (
            models.Index(fields=["organisation_id", "-at", "-id"], name="notice_of_organisation"),
            models.Index(fields=["organisation_id"], name="notice_unread", condition=Q(read_at=None)),
            models.Index(fields=["mail_due_at"], name="notice_mail", condition=Q(mail_due_at__isnull=False)),
            models.Index(fields=["made_at"], name="notice_made"),
        )


class NoticePreference(models.Model):
    """What a person chose for one stage on one side; without a row the house's choice counts."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=10, choices=SIDES)
    stage = models.CharField(max_length=20, choices=STAGES)
    by_mail = models.BooleanField()
    in_app = models.BooleanField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "side", "stage"], name="one_notice_preference"),)


class NoticeCursor(models.Model):
    """Up to where events were turned into notices."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    xid = models.BigIntegerField()
    event_number = models.BigIntegerField()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="one_notice_cursor"),)

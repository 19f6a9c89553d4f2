"""Who did what, when, to which thing."""

from __future__ import annotations

from django.db import models

from core.database import append_only


class AuditEntry(models.Model):
    """One act of a person or the system; append-only."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=120)
    organisation_id = models.UUIDField(null=True)
    action = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "audit entries"
        indexes = (models.Index(fields=["subject_type", "subject_id"], name="audit_subject"),)
        triggers = append_only()

"""What search keeps in PostgreSQL beside the listings: the operator's synonyms and people's saved searches."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import new_id
from core.models import User


class SynonymGroup(models.Model):
    """Words that mean the same to shoppers, separated by commas; added to those shipped with the house."""

    id = models.BigAutoField(primary_key=True)
    words = models.CharField(_("words"), max_length=400, help_text=_("Separated by commas; one or two words each."))
    is_active = models.BooleanField(_("in use"), default=True)
    author = models.CharField(max_length=120)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("group of synonyms")
        verbose_name_plural = _("groups of synonyms")
        ordering = ("words",)

    def __str__(self) -> str:
        return self.words


class SavedSearch(models.Model):
    """A search somebody wants to come back to. `address`: its query string; `alerted_at`: up to when new goods were told."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=600)
    with_alert = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    alerted_at = models.DateTimeField()

    class Meta:
        ordering = ("-created_at",)
        constraints = (models.UniqueConstraint(fields=["user", "address"], name="saved_search_once"),)
        indexes = (
            models.Index(fields=["alerted_at"], name="saved_search_alert", condition=models.Q(with_alert=True)),
        )  # fmt: skip

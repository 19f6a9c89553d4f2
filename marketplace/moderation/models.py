"""Rules of what may be sold, the cases they open, and what was decided."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.database import append_only
from core.ids import new_id
from core.personal import personal
from marketplace.catalog.models import Category, Listing
from marketplace.screening import CaseState
from marketplace.sellers.models import Seller


class ModerationRule(models.Model):
    """What may not be sold, or not without a look. `words`: any of them makes it fit; none: its whole category does."""

    class Kind(models.TextChoices):
        PROHIBITED = "PROHIBITED", _("Never sold")
        DOCUMENTS = "DOCUMENTS", _("Only with documents")
        REVIEW = "REVIEW", _("A person looks at each")

    code = models.SlugField(primary_key=True, max_length=60)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("category")
    )  # fmt: skip
    words = models.JSONField(_("words"), default=list, blank=True)
    title_en = models.CharField(_("what it says (English)"), max_length=160)
    title_es = models.CharField(_("what it says (Spanish)"), max_length=160)
    remedy_en = models.CharField(_("what to do (English)"), max_length=300)
    remedy_es = models.CharField(_("what to do (Spanish)"), max_length=300)
    is_active = models.BooleanField(_("in force"), default=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("code",)
        verbose_name = _("rule of what may be sold")
        verbose_name_plural = _("rules of what may be sold")

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.title_es if (get_language() or "en").startswith("es") else self.title_en

    @property
    def remedy(self) -> str:
        return self.remedy_es if (get_language() or "en").startswith("es") else self.remedy_en


class ModerationCase(models.Model):
    """A listing that waits for a person. `findings`: [{rule, version, kind, words}] as the rules were then."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=12, choices=[(s.value, s.value.title()) for s in CaseState])
    findings = models.JSONField(_("found"))
    opened_at = models.DateTimeField(_("opened"))
    decided_at = models.DateTimeField(_("decided"), null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        ordering = ("-opened_at", "-id")
        verbose_name = _("listing to check")
        verbose_name_plural = _("listings to check")
        constraints = (
            models.UniqueConstraint(fields=["listing"], condition=Q(state="OPEN"), name="one_open_case_a_listing"),
        )  # fmt: skip
        indexes = (
            models.Index(fields=["opened_at"], name="case_open", condition=Q(state="OPEN")),
            models.Index(fields=["listing", "-opened_at"], name="case_of_listing"),
        )

    def __str__(self) -> str:
        return self.listing.title


class CaseTransition(models.Model):
    """A step of a case; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(ModerationCase, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        triggers = append_only()


class CaseDocument(models.Model):
    """A paper a seller sent about held goods; `stored_as` is its name below MEDIA_ROOT/moderation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(ModerationCase, on_delete=models.PROTECT, related_name="documents")
    name = personal(models.CharField(max_length=120))
    stored_as = models.CharField(max_length=60)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)


class Clearance(models.Model):
    """What a decision allows from then on: a shop's goods of a rule about documents (no listing), or one listing with the
    words it was found by; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(ModerationCase, on_delete=models.PROTECT, related_name="clearances")
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="+")
    rule = models.ForeignKey(ModerationRule, on_delete=models.PROTECT, related_name="+")
    listing = models.ForeignKey(Listing, null=True, on_delete=models.PROTECT, related_name="+")
    words = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["seller", "listing"], name="clearance_of_seller"),)
        triggers = append_only()

"""The address book of a buyer."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import new_id
from core.models import Organisation
from core.personal import personal
from marketplace.contracts import Place


class SavedAddress(models.Model):
    """An entry of a buyer's address book."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = personal(models.CharField(_("recipient"), max_length=120))
    street = personal(models.CharField(_("street and number"), max_length=160))
    city = personal(models.CharField(_("town"), max_length=80, blank=True))
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    region = models.CharField(_("region"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2)
    phone = personal(models.CharField(_("telephone"), max_length=32, blank=True))
    company = models.CharField(_("company"), max_length=120, blank=True)
    district = models.CharField(_("part of the town"), max_length=80, blank=True)
    used_at = models.DateTimeField()

    class Meta:
        ordering = ("-used_at", "id")

    @property
    def place(self) -> Place:
        return Place(**{name: getattr(self, name) for name in Place.__dataclass_fields__})

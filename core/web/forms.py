"""How forms render: one column, label above, help before the field, errors beside it and at the top."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from core.money import Money, MoneyError, currency_exponent
from core.web.money_format import format_plain, parse_money
from core.web.uploads import MAX_IMAGE_BYTES, BadUpload, check_image


class ShellFormRenderer(TemplatesSetting):
    """Renders forms through the shell's templates."""

    form_template_name = "components/form_fields.html"
    field_template_name = "components/field.html"


class MoneyWidget(forms.TextInput):
    """A decimal keyboard on phones, the currency beside the field."""

    template_name = "components/money_input.html"

    def __init__(self, currency: str, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", **(attrs or {})})
        self.currency = currency

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["currency"] = self.currency
        return context


class MoneyField(forms.Field):
    """An amount of one currency; cleans to Money (None when empty and not required), never rounds.

    `minimum` is the smallest amount allowed, one minor unit unless given. Set `field.currency` in a form's
    __init__ when the currency is known only then.
    """

    default_error_messages = {
        "invalid": _("Write the amount in figures, for example %(example)s."),
        "decimals": _("%(currency)s has %(digits)s decimals: write for example %(example)s."),
        "small": _("The amount must be at least %(minimum)s."),
    }

    def __init__(self, *, currency: str = "EUR", minimum_minor: int | None = 1, **kwargs: Any) -> None:
        kwargs.setdefault("widget", MoneyWidget(currency))
        super().__init__(**kwargs)
        self.minimum_minor = minimum_minor
        self._currency = currency

    @property
    def currency(self) -> str:
        return self._currency

    @currency.setter
    def currency(self, value: str) -> None:
        self._currency = value
        if isinstance(self.widget, MoneyWidget):
            self.widget.currency = value

    def prepare_value(self, value: Any) -> Any:
        return format_plain(value) if isinstance(value, Money) else value

    def to_python(self, value: Any) -> Money | None:
        text = str(value or "").strip()
        if not text:
            return None
        facts = {"example": format_plain(Money(1234 * 10, self.currency)), "currency": self.currency}
        try:
            return parse_money(text, self.currency)
        except MoneyError as error:
            digits = currency_exponent(self.currency)
            code = "decimals" if "decimals" in str(error) else "invalid"
            raise forms.ValidationError(
                self.error_messages[code], code=code, params={**facts, "digits": digits}
            ) from error

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and self.minimum_minor is not None and value.minor < self.minimum_minor:
            minimum = format_plain(Money(self.minimum_minor, self.currency))
            raise forms.ValidationError(self.error_messages["small"], code="small", params={"minimum": minimum})

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "")


class ImageUploadField(forms.FileField):
    """A JPEG, PNG or WebP of at most `max_bytes`, judged by content. Store what uploads.read_image gives."""

    widget = forms.ClearableFileInput

    def __init__(self, *, max_bytes: int = MAX_IMAGE_BYTES, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}))
        kwargs.setdefault("help_text", gettext_lazy("JPEG, PNG or WebP, up to 8 MB."))
        super().__init__(**kwargs)
        self.max_bytes = max_bytes

    def to_python(self, data: Any) -> Any:
        upload = super().to_python(data)
        if upload is not None:
            try:
                check_image(upload, max_bytes=self.max_bytes)
            except BadUpload as error:
                raise forms.ValidationError(f"{error.message} {error.remedy}".strip(), code="invalid_image") from error
        return upload


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files of one field; each is judged by its content where it is kept."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", FilesInput(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}))
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        several = data if isinstance(data, list | tuple) else [data] if data else []
        if self.required and not several:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(FilesField, self).clean(one, initial) for one in several]

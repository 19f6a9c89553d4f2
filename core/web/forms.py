"""How forms render: one column, label above, help before the field, errors beside it and at the top."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class ShellFormRenderer(TemplatesSetting):
    """Renders forms through the shell's templates."""

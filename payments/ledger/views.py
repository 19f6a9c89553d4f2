"""The public page of the hash chain's head."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from payments.ledger import explorer

SHOWN = 20


@require_safe
def ledger_head(request: HttpRequest) -> HttpResponse:
    """What anyone may write down today, to check tomorrow that nothing before it was changed."""
    blocks = [explorer.head_of(block) for block in explorer.chain_blocks()[:SHOWN]]
    return render(request, "payments/ledger_head.html", {"head": blocks[0] if blocks else None, "blocks": blocks})

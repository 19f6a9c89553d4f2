"""Keeping, choosing and forgetting payment methods. Only tokens are kept; card data never touches us."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from core.actor import Actor
from core.audit import services as audit
from payments.contracts import SavedMethodNotFound
from payments.providers.port import KeptMethod
from payments.providers.registry import ensure_outside_transaction, get_provider
from payments.wallet import selectors
from payments.wallet.models import SavedMethod
from payments.wallet.rules import MAX_LABEL, SavedMethodView

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
FIRST_RETRY = timedelta(minutes=1)
MAX_DOUBLINGS = 10


def keep_method(
    *, buyer_id: UUID, provider: str, charge_id: UUID, method: KeptMethod, actor: Actor, now: datetime
) -> None:
    """The buyer agreed, on the provider's page, to keep the card that paid this charge; told again it changes nothing.

    The same card kept twice is one method with the newest token, the old one is let go of. The first becomes the
    default. Locks the wallet. Audited.
    """
    with transaction.atomic():
        rows = selectors.lock_methods(buyer_id)
        if SavedMethod.objects.filter(charge_id=charge_id).exists():
            return
        if any(row.provider == provider and row.token == method.token for row in rows):
            return
        old = next((r for r in rows if r.provider == provider and r.fingerprint == method.fingerprint), None)
        label, was_default = (old.label, old.is_default) if old is not None else ("", not rows)
        if old is not None:
            _drop(old, now=now)
        row = SavedMethod.objects.create(
            buyer_id=buyer_id, provider=provider, token=method.token, fingerprint=method.fingerprint,
            brand=method.brand, last4=method.last4, exp_month=method.exp_month or None,
            exp_year=method.exp_year or None, is_default=was_default, label=label, charge_id=charge_id, kept_at=now,
        )  # fmt: skip
        _note("kept", row, actor=actor, now=now)


def use_method(*, method_id: UUID, buyer_id: UUID, actor: Actor, now: datetime) -> tuple[str, str]:
    """(provider, token) to pay for `buyer_id` with. Raises SavedMethodNotFound unless the actor is the buyer."""
    row = SavedMethod.objects.filter(id=method_id, buyer_id=buyer_id, forgotten_at=None).first()
    if row is None or not actor.acts_for(buyer_id):
        raise SavedMethodNotFound()
    SavedMethod.objects.filter(id=row.id).update(last_used_at=now)
    return row.provider, row.token


def change_method(
    *, method_id: UUID, actor: Actor, now: datetime, label: str | None = None, make_default: bool = False
) -> SavedMethodView:
    """Name it, or offer it first from now on. Locks the wallet. Raises SavedMethodNotFound."""
    with transaction.atomic():
        rows = _own_wallet(actor)
        row = _pick(rows, method_id)
        if label is not None:
            row.label = label.strip()[:MAX_LABEL]
        if make_default and not row.is_default:
            SavedMethod.objects.filter(id__in=[one.id for one in rows]).update(is_default=False)
            row.is_default = True
            _note("default", row, actor=actor, now=now)
        row.save(update_fields=["label", "is_default"])
    return selectors.view_of(row, now=now)


def forget_method(*, method_id: UUID, actor: Actor, now: datetime) -> None:
    """It cannot be used from now on; the provider is told afterwards. Another one becomes the default.

    Locks the wallet. Audited. Raises SavedMethodNotFound (also the second time).
    """
    with transaction.atomic():
        rows = _own_wallet(actor)
        row = _pick(rows, method_id)
        was_default = row.is_default
        _drop(row, now=now)
        _note("forgotten", row, actor=actor, now=now)
        others = [one for one in rows if one.id != row.id]
        if was_default and others:
            SavedMethod.objects.filter(id=max(others, key=lambda one: one.kept_at).id).update(is_default=True)


def forget_due_methods(*, now: datetime, limit: int = 50) -> int:
    """Have the providers let go of forgotten tokens, then erase them here; returns how many were tried.

    Rows are leased before the call; what fails comes again with growing delay.
    """
    ensure_outside_transaction()
    with transaction.atomic():
        due = SavedMethod.objects.select_for_update(skip_locked=True).filter(forget_at__lte=now).order_by("forget_at")
        rows = list(due[:limit])
        for row in rows:
            row.forget_attempts = min(row.forget_attempts + 1, 1000)
            row.forget_at = now + LEASE
            row.save(update_fields=["forget_attempts", "forget_at"])
    for row in rows:
        _let_go(row, now=now)
    return len(rows)


def _let_go(row: SavedMethod, *, now: datetime) -> None:
    mine = SavedMethod.objects.filter(id=row.id)
    try:
        get_provider(row.provider).forget(token=row.token, now=now)
    except Exception:
        log.exception("method_not_forgotten", method=str(row.id))
        mine.update(forget_at=now + FIRST_RETRY * 2 ** min(row.forget_attempts, MAX_DOUBLINGS))
    else:
        mine.update(token="", forget_at=None)


def _own_wallet(actor: Actor) -> list[SavedMethod]:
    if actor.organisation_id is None:
        raise SavedMethodNotFound()
    return selectors.lock_methods(actor.organisation_id)


def _pick(rows: list[SavedMethod], method_id: UUID) -> SavedMethod:
    row = next((row for row in rows if row.id == method_id), None)
    if row is None:
        raise SavedMethodNotFound()
    return row


def _drop(row: SavedMethod, *, now: datetime) -> None:
    """Nothing of the card stays but the token, which is due to go."""
    row.forgotten_at = row.forget_at = now
    row.is_default = False
    row.fingerprint = row.brand = row.last4 = row.label = ""
    row.exp_month = row.exp_year = None
    row.save()


def _note(what: str, row: SavedMethod, *, actor: Actor, now: datetime) -> None:
    audit.record(
        actor=actor, action=f"payment_method.{what}", subject_type="payment_method", subject_id=row.id, now=now,
        buyer=str(row.buyer_id),
    )  # fmt: skip

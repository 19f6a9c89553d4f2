"""Writes of sellers: business profile, verification, shop, standing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.audit.services import record
from core.errors import InvalidInput, NotAllowed
from core.events.marketplace import SellerProfileSubmitted, ShopOpened
from core.models import Organisation
from core.outbox.services import publish
from core.states import next_state
from marketplace.contracts import AwayMode, ProfileInput, SellerNotVerified, SellerStanding, SellerState
from marketplace.sellers.models import OldSlug, Seller, SellerTransition, Standing
from marketplace.sellers.rules import MAX_HANDLING_DAYS, is_good_slug, missing_for_verification
from marketplace.sellers.selectors import find_seller, lock_seller
from marketplace.sellers.states import TRANSITIONS, SellerAction


def save_profile(*, profile: ProfileInput, actor: Actor, now: datetime) -> Seller:
    """Create or change the business profile of the actor's organisation. Raises InvalidInput on a bad or taken slug.

    What was verified (legal name, registration, country) cannot be changed silently while verified: NotAllowed.
    """
    if actor.organisation_id is None:
        raise NotAllowed("Only an organisation can sell.")
    if not is_good_slug(profile.slug):
        raise InvalidInput(
            "The shop address is not usable.", field="slug", remedy="Use 3 to 60 small letters, digits and hyphens."
        )
    if not 0 <= profile.handling_days <= MAX_HANDLING_DAYS:
        raise InvalidInput(
            "This number is out of range.",
            field="handling_days",
            remedy=_("Between %(low)s and %(high)s.") % {"low": 0, "high": MAX_HANDLING_DAYS},
        )
    try:
        with transaction.atomic():
            organisation = Organisation.objects.select_for_update().get(id=actor.organisation_id)
            seller = find_seller(actor.organisation_id)
            if seller is None:
                seller = Seller(organisation=organisation, created_at=now, currency=organisation.currency)
            _refuse_changes_of_verified_facts(seller, profile)
            _keep_old_slug(seller, profile.slug)
            for name, value in asdict(profile).items():
                setattr(seller, name, value)
            seller.save()
            Standing.objects.get_or_create(seller=seller)
    except IntegrityError:
        raise InvalidInput("This shop address is taken.", field="slug", remedy="Choose another one.") from None
    return seller


def _keep_old_slug(seller: Seller, slug: str) -> None:
    """The former address of an open shop leads to the new one; an address that was another shop's is taken."""
    taken = OldSlug.objects.filter(slug=slug).first()
    if taken is not None and taken.seller_id != seller.pk:
        raise InvalidInput("This shop address is taken.", field="slug", remedy="Choose another one.")
    if taken is not None:
        taken.delete()
    if seller.opened_at is not None and seller.slug != slug:
        OldSlug.objects.create(slug=seller.slug, seller=seller)


def set_away(*, mode: AwayMode, days: int, until: date | None, note: str, actor: Actor, now: datetime) -> Seller:
    """The actor's shop goes on holiday, sends later, or is back. Locks the seller. The caller has checked the values."""
    with transaction.atomic():
        seller = lock_seller(_own(actor))
        is_back = mode is AwayMode.OPEN
        seller.away_mode, seller.away_days = mode, days if mode is AwayMode.LONGER else 0
        seller.away_until, seller.away_note = (None, "") if is_back else (until, note.strip())
        seller.save(update_fields=["away_mode", "away_days", "away_until", "away_note"])
    return seller


def end_holidays(*, today: date) -> int:
    """Open shops whose day of return has come; returns how many."""
    over = Seller.objects.filter(away_until__lte=today).exclude(away_mode=AwayMode.OPEN)
    return over.update(away_mode=AwayMode.OPEN, away_days=0, away_until=None, away_note="")


def _refuse_changes_of_verified_facts(seller: Seller, profile: ProfileInput) -> None:
    if seller.state not in {SellerState.VERIFIED, SellerState.SUBMITTED}:
        return
    for field in ("kind", "legal_name", "registration_number", "country"):
        if getattr(seller, field) != getattr(profile, field):
            raise InvalidInput(
                "This was verified and cannot be changed here.", field=field, remedy="Ask the operator to change it."
            )


def submit_profile(*, actor: Actor, now: datetime) -> Seller:
    """Ask the operator to verify the profile. Locks the seller; publishes SellerProfileSubmitted.

    Raises InvalidInput naming the first missing field, TransitionRefused when already submitted or verified.
    """
    with transaction.atomic():
        seller = lock_seller(_own(actor))
        missing = missing_for_verification(
            kind=seller.kind, legal_name=seller.legal_name, registration_number=seller.registration_number,
            street=seller.street, city=seller.city, postcode=seller.postcode,
        )  # fmt: skip
        if missing:
            raise InvalidInput("The operator needs this to verify you.", field=missing[0], remedy="Fill it in.")
        _move(seller, SellerAction.SUBMIT, actor=actor, reason="", now=now)
        seller.submitted_at = now
        seller.save(update_fields=["state", "submitted_at"])
        publish(
            SellerProfileSubmitted(seller_id=seller.organisation_id, submitted_at=now), actor=actor, now=now
        )  # fmt: skip
    return seller


def decide_verification(*, seller_id: UUID, approved: bool, reason: str, actor: Actor, now: datetime) -> Seller:
    """Record the operator's decision on a submitted profile (called by trust). Locks the seller."""
    return _move_seller(seller_id, SellerAction.VERIFY if approved else SellerAction.REJECT, reason, actor, now)


def suspend_seller(*, seller_id: UUID, reason: str, actor: Actor, now: datetime) -> Seller:
    """Close a shop against its will; its listings leave the search. Raises InvalidInput without a reason."""
    _require_reason(reason)
    return _move_seller(seller_id, SellerAction.SUSPEND, reason, actor, now)


def reinstate_seller(*, seller_id: UUID, reason: str, actor: Actor, now: datetime) -> Seller:
    """Open a suspended shop again; its listings return to the search. Raises InvalidInput without a reason."""
    _require_reason(reason)
    return _move_seller(seller_id, SellerAction.REINSTATE, reason, actor, now)


def open_shop(*, actor: Actor, now: datetime) -> Seller:
    """Make the shop page public. Raises SellerNotVerified. Opening twice changes nothing."""
    with transaction.atomic():
        seller = lock_seller(_own(actor))
        if seller.state != SellerState.VERIFIED:
            raise SellerNotVerified()
        if seller.opened_at is None:
            seller.opened_at = now
            seller.save(update_fields=["opened_at"])
            event = ShopOpened(seller_id=seller.organisation_id, slug=seller.slug, opened_at=now)
            publish(event, actor=actor, now=now)
    return seller


def record_standing(*, standing: SellerStanding, now: datetime) -> None:
    """Store the reputation figures trust computed; writes only when a figure changed (each write re-indexes a shop)."""
    values = asdict(standing)
    seller_id = values.pop("seller_id")
    current = Standing.objects.filter(seller_id=seller_id).first()
    if current is None or all(getattr(current, name) == value for name, value in values.items()):
        return
    Standing.objects.filter(seller_id=seller_id).update(**values, computed_at=now)


def _own(actor: Actor) -> UUID:
    if actor.organisation_id is None:
        raise NotAllowed("Only an organisation can sell.")
    return actor.organisation_id


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput("A reason is needed.", field="reason", remedy="Say why; the seller can read it.")


def _move_seller(seller_id: UUID, action: SellerAction, reason: str, actor: Actor, now: datetime) -> Seller:
    if not (actor.is_operator or actor.is_system):
        raise NotAllowed("Only the operator decides this.")
    with transaction.atomic():
        seller = lock_seller(seller_id)
        _move(seller, action, actor=actor, reason=reason, now=now)
        seller.save(update_fields=["state"])
        record(
            actor=actor, action=f"seller.{action.lower()}", subject_type="seller", subject_id=seller_id, now=now,
            reason=reason,
        )  # fmt: skip
    return seller


def _move(seller: Seller, action: SellerAction, *, actor: Actor, reason: str, now: datetime) -> None:
    before = SellerState(seller.state)
    after = next_state(TRANSITIONS, before, action)
    seller.state = after
    SellerTransition.objects.create(
        seller=seller, from_state=before, to_state=after, actor=actor.reference, reason=reason, at=now
    )

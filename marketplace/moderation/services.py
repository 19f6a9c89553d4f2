"""Writes of moderation: cases opened by rules, decided by the operator; papers sellers send; the rules themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core.files.base import File
from django.db import transaction

from core.actor import Actor
from core.audit.services import record
from core.errors import InvalidInput, NotAllowed, NotFound, TransitionRefused
from core.events.marketplace import ListingHeld, ListingReviewed, ModerationRuleChanged
from core.outbox.services import publish, publish_all
from core.states import next_state
from core.web import attachments
from marketplace.catalog.holding import decide_held_listing
from marketplace.catalog.selectors import lock_own_listing
from marketplace.moderation.models import CaseDocument, CaseTransition, Clearance, ModerationCase, ModerationRule
from marketplace.moderation.rules import MAX_WORDS, needle_of
from marketplace.moderation.selectors import find_last_case, get_case, lock_case
from marketplace.moderation.states import TRANSITIONS, CaseAction
from marketplace.screening import CaseState, Finding, RuleKind

FOLDER: Final = "moderation"
MAX_DOCUMENTS: Final = 10


def hold_listings(
    *, held: Mapping[UUID, Sequence[Finding]], seller_id: UUID, actor: Actor, now: datetime
) -> list[ModerationCase]:
    """Open a case for each listing of one seller, in the caller's transaction. Publishes ListingHeld for each."""
    cases = [
        ModerationCase(
            listing_id=listing_id, seller_id=seller_id, state=CaseState.OPEN, opened_at=now,
            findings=[
                {"rule": f.rule, "version": f.version, "kind": f.kind.value, "words": list(f.words)} for f in findings
            ],
        )
        for listing_id, findings in held.items()
    ]  # fmt: skip
    ModerationCase.objects.bulk_create(cases)
    CaseTransition.objects.bulk_create(
        CaseTransition(case=case, to_state=CaseState.OPEN, actor=actor.reference, at=now) for case in cases
    )
    publish_all(
        [ListingHeld(listing_id=c.listing_id, seller_id=seller_id, at=now, case_id=c.id) for c in cases],
        actor=actor, now=now,
    )  # fmt: skip
    return cases


def decide_case(*, case_id: UUID, approve: bool, reason: str, actor: Actor, now: datetime) -> ModerationCase:
    """The operator lets a held listing go on sale, or refuses it so that its seller can change it.

    What was looked at is cleared from then on: the listing with these words, the whole shop where documents were asked for.
    Locks the listing, then the case; publishes ListingReviewed. Raises NotAllowed, NotFound, InvalidInput (no reason),
    TransitionRefused.
    """
    if not actor.is_operator:
        raise NotAllowed("Only the operator decides this.")
    if not reason.strip():
        raise InvalidInput("A reason is needed.", field="reason", remedy="Say why; the seller can read it.")
    listing_id = get_case(case_id).listing_id
    with transaction.atomic():
        decide_held_listing(listing_id=listing_id, approve=approve, reason=reason.strip(), actor=actor, now=now)
        case = lock_case(case_id)
        case.reason = reason.strip()[:500]
        _move(case, CaseAction.APPROVE if approve else CaseAction.REFUSE, actor=actor, now=now)
        if approve:
            Clearance.objects.bulk_create(_clearance(case, finding, now=now) for finding in case.findings)
        publish(
            ListingReviewed(
                listing_id=case.listing_id, seller_id=case.seller_id, at=now, case_id=case.id, approved=approve
            ),
            actor=actor, now=now,
        )  # fmt: skip
    return case


def _clearance(case: ModerationCase, finding: Mapping[str, Any], *, now: datetime) -> Clearance:
    for_shop = finding["kind"] == RuleKind.DOCUMENTS
    return Clearance(
        case=case, seller_id=case.seller_id, rule_id=finding["rule"], words=finding["words"], at=now,
        listing_id=None if for_shop else case.listing_id,
    )  # fmt: skip


def take_back(*, listing_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Close the open cases of listings their seller took back, in the caller's transaction. Locks them in id order."""
    found = ModerationCase.objects.filter(listing_id__in=listing_ids, state=CaseState.OPEN)
    for case in found.select_for_update().order_by("id"):
        _move(case, CaseAction.TAKE_BACK, actor=actor, now=now)


def send_document(*, listing_id: UUID, upload: File[Any], actor: Actor, now: datetime) -> CaseDocument:
    """A seller sends a paper about a listing that is being checked. Raises ListingNotFound, NotFound, BadUpload,
    TransitionRefused (decided already), InvalidInput (too many)."""
    with attachments.kept(FOLDER, [upload]) as kept, transaction.atomic():
        lock_own_listing(listing_id, actor)
        case = find_last_case(listing_id)
        if case is None:
            raise NotFound("There is no such case.")
        if case.state != CaseState.OPEN:
            raise TransitionRefused("This check is over.")
        if case.documents.count() >= MAX_DOCUMENTS:
            raise InvalidInput("Too many files.", field="file", remedy="Put them into one PDF.")
        file = kept[0]
        return CaseDocument.objects.create(
            case=case, name=file.name, stored_as=file.stored_as, media_type=file.media_type, size=file.size, sent_at=now
        )


def keep_rule(*, rule: ModerationRule, actor: Actor, now: datetime) -> None:
    """Write a rule the operator typed, as a new version; what is held already keeps the version it was held by.

    Publishes ModerationRuleChanged: what is on sale is screened anew. Raises InvalidInput (words).
    """
    if len(rule.words) > MAX_WORDS or not all(needle_of(word).strip() for word in rule.words):
        raise InvalidInput("These are no words.", field="words", remedy="Write one a line.")
    with transaction.atomic():
        known = ModerationRule.objects.select_for_update().filter(pk=rule.pk).first()
        rule.version = known.version + 1 if known else 1
        rule.updated_at = now
        rule.save()
        record(
            actor=actor, action="moderation.rule", subject_type="moderation_rule", subject_id=rule.pk, now=now,
            reason=f"version {rule.version}",
        )  # fmt: skip
        publish(ModerationRuleChanged(code=rule.pk, version=rule.version, at=now), actor=actor, now=now)


def _move(case: ModerationCase, action: CaseAction, *, actor: Actor, now: datetime) -> None:
    before = CaseState(case.state)
    case.state, case.decided_at = next_state(TRANSITIONS, before, action), now
    case.save(update_fields=["state", "decided_at", "reason"])
    CaseTransition.objects.create(
        case=case, from_state=before, to_state=case.state, actor=actor.reference, reason=case.reason, at=now
    )

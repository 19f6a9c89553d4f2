"""Reads of moderation: the rules in force, what is cleared, and the cases."""

from __future__ import annotations

from functools import cached_property
from uuid import UUID

from django.db.models import Q

from core.errors import NotFound
from core.statements import Prepared
from marketplace.catalog.models import Listing, ListingRevision
from marketplace.catalog.states import ListingState
from marketplace.moderation.models import CaseDocument, Clearance, ModerationCase, ModerationRule
from marketplace.moderation.rules import Rulebook
from marketplace.screening import CaseState, Finding, Goods, ReviewNotice, RuleKind

_in_force = Prepared(lambda: ModerationRule.objects.filter(is_active=True).order_by("code"))


class RulesInForce:
    """Implements the catalogue's port Screening: reads the rules once, and a shop's clearances when something was found."""

    def __init__(self, seller_id: UUID) -> None:
        self._seller_id = seller_id
        self._rules = Rulebook(_in_force.all())

    def findings(self, goods: Goods, *, listing_id: UUID | None = None) -> tuple[Finding, ...]:
        found = self._rules.findings(goods)
        return tuple(one for one in found if not self._is_cleared(one, listing_id))

    def _is_cleared(self, finding: Finding, listing_id: UUID | None) -> bool:
        if finding.kind is RuleKind.PROHIBITED:
            return False
        if (None, finding.rule) in self._cleared:
            return True
        return set(finding.words) <= self._cleared.get((listing_id, finding.rule), set()) if listing_id else False

    @cached_property
    def _cleared(self) -> dict[tuple[UUID | None, str], set[str]]:
        """(listing, None: all of the shop; rule) -> the words that were looked at."""
        cleared: dict[tuple[UUID | None, str], set[str]] = {}
        found = Clearance.objects.filter(seller_id=self._seller_id)
        for listing_id, rule, words in found.values_list("listing_id", "rule_id", "words"):
            cleared.setdefault((listing_id, rule), set()).update(words)
        return cleared


def find_last_case(listing_id: UUID) -> ModerationCase | None:
    """The last case of a listing in any state."""
    return ModerationCase.objects.filter(listing_id=listing_id).order_by("-opened_at", "-id").first()


def lock_case(case_id: UUID) -> ModerationCase:
    """Raises NotFound."""
    case = ModerationCase.objects.select_for_update().filter(id=case_id).first()
    if case is None:
        raise NotFound("There is no such case.")
    return case


def get_case(case_id: UUID) -> ModerationCase:
    """With its listing. Raises NotFound."""
    case = ModerationCase.objects.select_related("listing").filter(id=case_id).first()
    if case is None:
        raise NotFound("There is no such case.")
    return case


def asked_of(case: ModerationCase) -> tuple[tuple[str, str], ...]:
    """(rule, what to do) in the active language."""
    codes = [finding["rule"] for finding in case.findings]
    known = ModerationRule.objects.in_bulk(codes)
    return tuple((known[code].title, known[code].remedy) for code in codes)


def notice_of(listing_id: UUID) -> ReviewNotice | None:
    """How the last check of a listing stands; None when it never was checked, its seller took it back, or it went on sale since."""
    case = find_last_case(listing_id)
    if case is None or case.state == CaseState.TAKEN_BACK:
        return None
    later = ListingRevision.objects.filter(listing_id=listing_id, at__gt=case.decided_at or case.opened_at)
    if case.state == CaseState.REFUSED and later.filter(changes__state__1="PUBLISHED").exists():
        return None
    return ReviewNotice(CaseState(case.state), asked_of(case), case.reason)


def documents_of(case: ModerationCase) -> list[CaseDocument]:
    return list(case.documents.all()[:50])


def find_document(*, document_id: UUID, seller_id: UUID | None, is_operator: bool) -> CaseDocument:
    """A paper of a case of this seller; the operator's is any. Raises NotFound."""
    document = CaseDocument.objects.select_related("case").filter(id=document_id).first()
    if document is None or not (is_operator or document.case.seller_id == seller_id):
        raise NotFound("There is no such document.")
    return document


def find_rule_in_force(code: str) -> ModerationRule | None:
    return ModerationRule.objects.filter(code=code, is_active=True).first()


def listings_under(rule: ModerationRule, *, after: UUID | None, limit: int) -> list[Listing]:
    """What is on sale in a rule's category, or anywhere, in id order, a page at a time, with its category."""
    found = Listing.objects.select_related("category").filter(state=ListingState.PUBLISHED)
    if rule.category_id is not None:
        found = found.filter(Q(category=rule.category_id) | Q(category__parent=rule.category_id))
    return list((found.filter(id__gt=after) if after else found).order_by("id")[:limit])


def count_open_cases() -> int:
    return ModerationCase.objects.filter(state=CaseState.OPEN).count()

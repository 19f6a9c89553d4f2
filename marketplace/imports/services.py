"""Writes of imports: take a file, check it (the dry run), run it in pieces, undo it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor, ActorKind
from core.errors import InvalidInput
from core.states import next_state
from marketplace.catalog.imports import (
    CheckedRow,
    Taken,
    check_row,
    copy_in,
    importing_seller,
    withdraw_listings,
    write_rows,
)
from marketplace.catalog.models import Category
from marketplace.catalog.ports import moderation
from marketplace.catalog.selectors import leaves_by_code
from marketplace.imports.files import UnreadableFile, read_table
from marketplace.imports.models import ImportedListing, ImportTransition, ListingImport
from marketplace.imports.rules import MAX_BYTES, MAX_ERRORS, CellError, RowError, listing_of
from marketplace.imports.selectors import content_of, get_own_import, listings_made_by, lock_import
from marketplace.imports.states import TRANSITIONS, ImportAction, ImportState
from marketplace.sellers.models import Seller

CHUNK = 500
Table = list[tuple[int, dict[str, str]]]


def take_file(*, file_name: str, content: bytes, actor: Actor, now: datetime) -> ListingImport:
    """Keep a file for checking; a worker does that within seconds. Raises UnreadableFile (too large), NotAllowed,
    SellerNotVerified."""
    seller = importing_seller(actor)
    if not 0 < len(content) <= MAX_BYTES:
        raise UnreadableFile("The file is empty or too large.", field="file", remedy="At most 20 MB; split it.")
    return ListingImport.objects.create(
        seller=seller, file_name=file_name[-120:], content=content, actor=actor.reference, user_id=actor.user_id,
        created_at=now, updated_at=now,
    )  # fmt: skip


def check_import(*, import_id: UUID, now: datetime) -> ListingImport:
    """The dry run: read every row, write down what is wrong; nothing reaches the catalogue. Locks the import."""
    with transaction.atomic():
        row = lock_import(import_id)
        if row.state != ImportState.UPLOADED:
            return row
        try:
            table = read_table(content_of(import_id))
        except UnreadableFile as error:
            row.errors, row.errors_total = [asdict(RowError(1, "file", error.message, error.remedy))], 1
            _move(row, ImportAction.REFUSE, actor=_worker(row), now=now)
            return row
        _good, errors = _checked(table, seller=row.seller, leaves=leaves_by_code())
        row.rows_total, row.errors_total = len(table), len(errors)
        row.errors = [asdict(error) for error in errors[:MAX_ERRORS]]
        _move(row, ImportAction.CHECK, actor=_worker(row), now=now)
    return row


def start_import(*, import_id: UUID, actor: Actor, now: datetime) -> ListingImport:
    """Have the good rows become listings; a worker does it in pieces. Raises NotFound, TransitionRefused, InvalidInput."""
    with transaction.atomic():
        get_own_import(import_id=import_id, seller_id=actor.organisation_id)
        row = lock_import(import_id)
        if row.state == ImportState.CHECKED and row.rows_total == row.errors_total:
            raise InvalidInput(
                "No row can be imported.", field="file", remedy="Correct the rows and send the file again."
            )
        _move(row, ImportAction.START, actor=actor, now=now)
    return row


def run_import(*, import_id: UUID, now: datetime) -> int:
    """Write the rows of a running import, CHUNK rows a transaction; returns how many listings were made.

    A worker that dies leaves whole pieces behind; the next one goes on after them. Of two at once, one stops.
    """
    if not ListingImport.objects.filter(id=import_id, state=ImportState.RUNNING).exists():
        return 0
    table = read_table(content_of(import_id))
    leaves, made = leaves_by_code(), 0
    for _ in range(0, len(table) + CHUNK, CHUNK):
        with transaction.atomic():
            row = lock_import(import_id)
            if row.state != ImportState.RUNNING:
                break
            made += _run_piece(row, table[row.rows_done : row.rows_done + CHUNK], leaves=leaves, now=now)
            if row.rows_done >= len(table):
                _move(row, ImportAction.FINISH, actor=_worker(row), now=now)
    return made


def _run_piece(row: ListingImport, piece: Table, *, leaves: dict[str, Category], now: datetime) -> int:
    good, _errors = _checked(piece, seller=row.seller, leaves=leaves)
    ids = write_rows(good, seller=row.seller, actor=_worker(row), now=now)
    copy_in(ImportedListing, [{"listing_id": i, "listing_import_id": row.id} for i in ids])
    row.rows_done += len(piece)
    row.listings_made += len(ids)
    row.updated_at = now
    row.save(update_fields=["rows_done", "listings_made", "updated_at"])
    return len(ids)


def undo_import(*, import_id: UUID, actor: Actor, now: datetime) -> int:
    """Take everything an import made off sale again; returns how many listings that were. What was sold meanwhile is
    delivered all the same. Raises NotFound, TransitionRefused."""
    with transaction.atomic():
        get_own_import(import_id=import_id, seller_id=actor.organisation_id)
        row = lock_import(import_id)
        _move(row, ImportAction.UNDO, actor=actor, now=now)
        withdrawn, after = 0, None
        while ids := listings_made_by(import_id, after=after, limit=CHUNK):
            withdrawn += withdraw_listings(listing_ids=ids, actor=actor, now=now)
            after = ids[-1]
    return withdrawn


def _checked(
    table: Table, *, seller: Seller, leaves: dict[str, Category]
) -> tuple[Sequence[CheckedRow], Sequence[RowError]]:
    good: list[CheckedRow] = []
    errors, read = [], []
    for number, cells in table:
        try:
            read.append((number, listing_of(cells, currency=seller.currency)))
        except CellError as error:
            errors.append(RowError(number, error.column, error.message, error.remedy))
    screening = moderation().screening(seller.pk)
    taken = Taken([row for _number, row in read], seller=seller)
    for number, row in read:
        try:
            one = check_row(row, seller=seller, leaves=leaves, screening=screening)
            taken.add(one)
            good.append(one)
        except InvalidInput as error:
            errors.append(RowError(number, (error.field or "").rpartition(".")[2], error.message, error.remedy))
    return good, sorted(errors, key=lambda error: error.row)


def _worker(row: ListingImport) -> Actor:
    """The person who sent the file, acting for the shop."""
    return Actor(ActorKind.MEMBER, user_id=row.user_id, organisation_id=row.seller_id)


def _move(row: ListingImport, action: ImportAction, *, actor: Actor, now: datetime) -> None:
    before = ImportState(row.state)
    row.state = next_state(TRANSITIONS, before, action)
    row.updated_at = now
    row.save(update_fields=["state", "updated_at", "rows_total", "errors_total", "errors"])
    ImportTransition.objects.create(
        listing_import=row, from_state=before, to_state=row.state, actor=actor.reference, at=now
    )

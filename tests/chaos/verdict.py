"""After the crashes: work everything off, then compare our books, the network's tables and the clients' journals."""

from __future__ import annotations

import contextlib
import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.management import CommandError, call_command
from django.db import connection

from payments import facade
from payments.contracts import DeliveryKind
from payments.escrow.models import Escrow
from tests.chaos import stories
from tests.chaos.journal import Story, notes, read
from tests.chaos.workers import Setting, tasks_of

#: Which event of the escrow a verb leaves behind, at most once in a story.
EVENTS = {"ship": ("SHIP",), "deliver": ("DELIVER",), "confirm": ("CONFIRM",), "freeze": ("FREEZE",),
          "pause": ("PAUSE",), "resume": ("RESUME",), "extend": ("EXTEND",),
          "release_part": ("RELEASE_PART", "RELEASE_REST")}  # fmt: skip
#: Days to let pass, so that every clock has had its moment: inspections, evidence, verdicts, disputes, pauses.
DAYS = (0, 0, 0, 1, 2, 3, 6, 8, 9, 15, 16, 32, 33, 48, 64, 100, 101, 102)

#: Each query names rows that must not be: (what is wrong, SQL giving one text column).
WRONG: tuple[tuple[str, str], ...] = (
    ("a charge was taken twice or with another amount at the network",
     "SELECT c.id::text FROM payments_charge c JOIN payments_sandboxintent i ON i.idempotency_key = c.id::text"
     " WHERE i.amount_minor <> c.amount_minor OR i.currency <> c.currency"),
    ("the network took money that we do not know of",
     "SELECT i.idempotency_key FROM payments_sandboxintent i LEFT JOIN payments_charge c"
     " ON c.id::text = i.idempotency_key WHERE i.status = 'SUCCEEDED' AND coalesce(c.state, '') NOT IN"
     " ('CAPTURED', 'RETURNED')"),
    ("we count money that the network did not take",
     "SELECT c.id::text FROM payments_charge c LEFT JOIN payments_sandboxintent i ON i.idempotency_key = c.id::text"
     " WHERE c.state IN ('CAPTURED', 'RETURNED') AND c.provider <> 'bank' AND coalesce(i.status, '') <> 'SUCCEEDED'"),
    ("we count a transfer that did not come whole",
     "SELECT c.id::text FROM payments_charge c LEFT JOIN payments_bankintent i ON i.idempotency_key = c.id::text"
     " WHERE c.state = 'CAPTURED' AND c.provider = 'bank' AND coalesce(i.received_minor, 0) <> c.amount_minor"),
    ("a bank order is not at its end, or not what was ordered",
     "SELECT o.id::text || ' ' || o.purpose || ' ' || o.state FROM payments_bankorder o"
     " LEFT JOIN payments_payout p ON p.id = o.id LEFT JOIN payments_refund r ON r.id = o.id"
     " WHERE o.state NOT IN ('EXECUTED', 'RETURNED')"
     " OR o.purpose = 'PAYOUT' AND (p.id IS NULL OR p.amount_minor <> o.amount_minor"
     "   OR p.state NOT IN ('PAID', 'RETURNED', 'FAILED') OR (o.state = 'RETURNED') <> (p.state <> 'PAID'))"
     " OR o.purpose = 'REFUND' AND (r.id IS NULL OR r.amount_minor <> o.amount_minor OR r.state <> 'DONE')"),
    ("a bank line explains itself to nobody",
     "SELECT amount_minor || ' ' || state || ' ' || end_to_end_id FROM payments_bankline WHERE state IN ('OPEN', 'PARTIAL')"),
    ("an entry of the bank was booked twice",
     "SELECT servicer_ref FROM payments_bankline GROUP BY account_id, servicer_ref HAVING count(*) > 1"),
    ("document numbers have a gap",
     "SELECT issuer_id::text || ' ' || kind FROM payments_document GROUP BY issuer_id, kind, year"
     " HAVING count(*) <> max(sequence)"),
    ("credit notes are not what was refunded",
     "SELECT i.number FROM payments_document i WHERE i.kind = 'INVOICE' AND (SELECT coalesce(-sum(c.gross_minor), 0)"
     " FROM payments_document c WHERE c.corrects_id = i.id) NOT BETWEEN least(i.gross_minor, (SELECT"
     " coalesce(sum(r.amount_minor), 0) FROM payments_refund r WHERE r.order_id = i.order_id)) AND i.gross_minor"),
    ("a quote was used by two payouts",
     "SELECT quote_id::text FROM payments_payout WHERE quote_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1"),
    ("a purchase was paid twice",
     "SELECT purchase_id::text FROM payments_charge WHERE state = 'CAPTURED' GROUP BY 1 HAVING count(*) > 1"),
    ("a captured charge did not fund all its orders",
     "SELECT c.id::text FROM payments_charge c WHERE c.state = 'CAPTURED' AND c.amount_minor <>"
     " (SELECT coalesce(sum(e.amount_minor), 0) FROM payments_escrow e WHERE e.charge_id = c.id"
     "  AND e.state NOT IN ('CREATED', 'CANCELLED'))"),
    ("the network sent a refund that is not ours, or another amount",
     "SELECT s.idempotency_key FROM payments_sandboxrefund s LEFT JOIN payments_refund r"
     " ON r.id::text = s.idempotency_key WHERE r.id IS NULL OR r.amount_minor <> s.amount_minor OR r.state <> 'DONE'"),
    ("a refund counts as done and the network did not send it",
     "SELECT r.id::text FROM payments_refund r LEFT JOIN payments_sandboxrefund s ON s.idempotency_key = r.id::text"
     " LEFT JOIN payments_bankorder o ON o.id = r.id"
     " WHERE r.state = 'DONE' AND r.provider_ref <> '' AND s.id IS NULL AND coalesce(o.state, '') <> 'EXECUTED'"),
    ("a refund is not settled",
     "SELECT id::text || ' ' || state || ' ' || last_error FROM payments_refund WHERE state <> 'DONE'"),
    ("more was refunded than paid",
     "SELECT c.id::text FROM payments_charge c JOIN payments_refund r ON r.charge_id = c.id"
     " GROUP BY c.id HAVING sum(r.amount_minor) > c.amount_minor"),
    ("money for a charge that was given up did not go back",
     "SELECT c.id::text FROM payments_charge c WHERE c.state = 'RETURNED' AND c.amount_minor <>"
     " (SELECT coalesce(sum(r.amount_minor), 0) FROM payments_refund r WHERE r.charge_id = c.id)"),
    ("the bank was told to pay something else than our payout",
     "SELECT s.idempotency_key FROM payments_sandboxpayout s LEFT JOIN payments_payout p"
     " ON p.id::text = s.idempotency_key WHERE p.id IS NULL OR p.amount_minor <> s.amount_minor"
     " OR p.state <> CASE s.status WHEN 'SUCCEEDED' THEN 'PAID' ELSE 'FAILED' END"),
    ("a payout is not settled, or was never sent",
     "SELECT p.id::text || ' ' || p.state FROM payments_payout p LEFT JOIN payments_sandboxpayout s"
     " ON s.idempotency_key = p.id::text LEFT JOIN payments_bankorder o ON o.id = p.id"
     " WHERE p.state NOT IN ('PAID', 'FAILED', 'RETURNED') OR s.id IS NULL AND o.id IS NULL"),
    ("an escrow is not at its end", "SELECT order_id::text || ' ' || state FROM payments_escrow"
     " WHERE state NOT IN ('RELEASED', 'REFUNDED', 'SETTLED', 'CANCELLED') AND charge_id IS NOT NULL"),
    ("a charge waits for ever",
     "SELECT id::text || ' ' || state FROM payments_charge WHERE state IN"
     " ('SUBMITTED', 'REQUIRES_ACTION', 'PENDING', 'UNKNOWN', 'CREATED')"),
    ("a clock failed",
     "SELECT id::text || ' ' || event || ' ' || last_error FROM payments_escrowtimer WHERE done_at IS NULL"
     " AND last_error <> ''"),
    ("a chargeback differs from the bank's word",
     "SELECT d.id::text || ' ' || d.status || ' ' || coalesce(b.state, 'unknown') FROM payments_sandboxdispute d"
     " LEFT JOIN payments_chargeback b ON b.provider_ref = d.id::text"
     " WHERE coalesce(b.state, '') NOT IN ('WON', 'LOST', 'WARNING_CLOSED')"),
    ("an event was parked or never delivered",
     "SELECT e.name || ' ' || d.attempts || ' ' || d.last_error FROM core_delivery d"
     " JOIN core_eventrecord e ON e.id = d.event_id"),
    ("the network gave up a notice, or still has it",
     "SELECT event_id || ' ' || attempts FROM payments_sandboxwebhook WHERE delivered_at IS NULL OR attempts >= 10"),
    ("a notice counted twice",
     "SELECT event_id FROM payments_pspevent GROUP BY provider, event_id HAVING count(*) > 1"),
    ("money is stuck on an account that must be empty",
     "SELECT a.kind || ' ' || a.owner || ' ' || b.posted FROM payments_account a JOIN payments_balance_now b"
     " ON b.account_id = a.id WHERE b.posted <> 0 AND a.kind IN"
     " ('ESCROW', 'DISPUTE_HOLD', 'REFUND_DUE', 'PAYOUT_IN_TRANSIT', 'CHARGEBACK_DUE', 'SELLER_RESERVE', 'BANK_SUSPENSE')"),
    ("one ledger transaction for each key is not kept",
     "SELECT idem_key FROM payments_txn GROUP BY idem_scope, idem_key HAVING count(*) > 1"),
)  # fmt: skip
#: What a process may say when the server or its connection was killed, or another has the lock.
AWAY = ("OperationalError", "InterfaceError", "DeadlockDetected", "AdminShutdown", "ConnectionTimeout")
FLOWS = (
    "SELECT (SELECT coalesce(sum(amount_minor), 0) FROM payments_sandboxintent WHERE status = 'SUCCEEDED'),"
    " (SELECT coalesce(sum(amount_minor), 0) FROM payments_sandboxrefund),"
    " (SELECT coalesce(sum(amount_minor), 0) FROM payments_sandboxpayout WHERE status = 'SUCCEEDED'),"
    " (SELECT coalesce(sum(CASE WHEN b.state = 'LOST' THEN b.amount_minor ELSE 0 END"
    "  + CASE WHEN b.taken_at IS NULL THEN 0 ELSE b.fee_minor END), 0) FROM payments_chargeback b),"
    " (SELECT coalesce(sum(n.posted), 0) FROM payments_account a JOIN payments_balance_now n ON n.account_id = a.id"
    "  WHERE a.kind IN ('PSP_CLEARING', 'BANK')),"
    " (SELECT coalesce(-sum(n.posted), 0) FROM payments_account a JOIN payments_balance_now n ON n.account_id = a.id"
    "  WHERE a.kind NOT IN ('PSP_CLEARING', 'BANK')),"
    " (SELECT coalesce(sum(amount_minor), 0) FROM payments_bankline)"
)


def judge(setting: Setting, *, clients: int) -> tuple[dict[str, Any], list[str]]:
    """(figures, findings). Nothing else runs any more."""
    work_off(setting)
    findings = [*_journals(setting, clients), *_rows(), *_money(), *_verify_ledger(), *_logged(setting)]
    return _figures(setting, clients), findings


def work_off(setting: Setting) -> None:
    """All periodic tasks until nothing moves, at ever later days: every clock gets its moment."""
    base, clock = setting.now(), [setting.now()]
    tasks = tasks_of(lambda: clock[0])
    for days in DAYS:
        clock[0] = base + timedelta(days=days)
        _deliver_charged_back(clock[0])
        for _ in range(60):
            clock[0] += timedelta(minutes=6)  # beyond every lease
            if not _round(tasks):
                break


def _deliver_charged_back(now: datetime) -> None:
    """Orders that came back from the buyer's bank after their story had ended: the goods arrive."""
    late = Escrow.objects.filter(events__event="CHARGEBACK", state__in=["FUNDED", "SHIPPED"]).distinct()
    for order_id in list(late.values_list("order_id", flat=True)):
        facade.mark_delivered(
            order_id=order_id, delivery_kind=DeliveryKind.DIGITAL, delivered_at=now, actor=stories.CARRIER, now=now
        )


def _round(tasks: list[Any]) -> bool:
    """Whether anything moved: something was written that is not a mere question at the provider."""
    before = _written()
    for task in dict.fromkeys(tasks):
        task()
    return _written() != before


def _written() -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT max(id) FROM payments_txn), (SELECT max(id) FROM core_eventrecord),"
            " (SELECT max(id) FROM payments_escrowevent), (SELECT count(*) FROM core_delivery),"
            " (SELECT max(id) FROM core_consumption), (SELECT max(id) FROM payments_chargetransition),"
            " (SELECT count(*) FROM payments_sandboxwebhook WHERE delivered_at IS NULL AND due_at <= now()),"
            " (SELECT max(id) FROM payments_refundtransition), (SELECT max(id) FROM payments_payouttransition),"
            " (SELECT count(*) FROM payments_pspevent)"
        )
        return tuple(cursor.fetchone())


def _rows() -> Iterator[str]:
    with connection.cursor() as cursor:
        for what, sql in WRONG:
            cursor.execute(sql)
            found = [str(row[0]) for row in cursor.fetchall()]
            if found:
                yield f"{what}: {len(found)} ({'; '.join(found[:3])})"


def _money() -> Iterator[str]:
    taken, refunded, paid_out, lost, at_network, held, at_bank = _flows()
    if taken + at_bank - refunded - paid_out - lost != at_network:
        yield (
            f"money in {taken} and at our bank {at_bank} is not out (refunds {refunded}, payouts {paid_out}, banks {lost})"
            f" and held {at_network}"
        )
    if at_network != held:
        yield f"the network holds {at_network} and our accounts say {held}"


def _flows() -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute(FLOWS)
        return tuple(int(value) for value in cursor.fetchone())


def _logged(setting: Setting) -> Iterator[str]:
    """Errors of workers that are not the database being away: they were tried again, but nothing may raise them."""
    text = (setting.folder / "processes.log").read_text(errors="replace")
    names = Counter(name for name in re.findall(r"^([A-Za-z_.]+): ", text, re.MULTILINE) if name[-1:] != ".")
    for name, count in names.items():
        last = name.rpartition(".")[2]
        if last.endswith(("Error", "Exception", "Violation", "Conflict", "Refused")) and last not in AWAY:
            yield f"{name} was raised {count} times; see processes.log"


def _verify_ledger() -> Iterator[str]:
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            call_command("verify_ledger", stdout=said)
    except CommandError as error:
        wrong = [line for line in said.getvalue().splitlines() if line.startswith("WRONG")]
        yield f"verify_ledger: {error} {'; '.join(wrong[:3])}"


# ------------------------------------------------------------------------------------------------ journals


def _journals(setting: Setting, clients: int) -> Iterator[str]:
    """Each accepted request has its one effect; none has two; no request failed in an unknown way."""
    for client in range(clients):
        yield from (f"client {client}: {note}" for note in dict.fromkeys(notes(setting.journal(client))))
        for story in read(setting.journal(client)).values():
            if not story.ended:
                yield f"client {client} could not finish story {story.number}"
            yield from _story(stories.plan(setting.seed, client, story.number), story)


def _story(plan: stories.Plan, story: Story) -> Iterator[str]:
    answered = list(zip(plan.steps, story.answers, strict=False))
    if any(verb == "open" and not answer.startswith("refused") for (verb, _), answer in answered):
        yield from _opened(plan)
    for (verb, args), answer in answered:
        accepted = not answer.startswith("refused")
        if verb in EVENTS:
            effects = _events(plan, args, EVENTS[verb])
            if effects > 1 or (accepted and not effects and not _overtaken(plan, args, verb)):
                yield f"{verb} of order {stories._order(plan, args)} was answered {answer!r} and happened {effects} times"
        elif verb == "refund":
            yield from _refunded(plan, args, answer if accepted else "")


def _opened(plan: stories.Plan) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM payments_escrow WHERE purchase_id = %s", [plan.purchase_id])
        if (count := int(cursor.fetchone()[0])) != len(plan.requests):
            yield f"purchase {plan.purchase_id} was accepted with {len(plan.requests)} orders and has {count}"


def _events(plan: stories.Plan, args: dict[str, Any], names: tuple[str, ...]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM payments_escrowevent v JOIN payments_escrow e ON e.id = v.escrow_id"
            " WHERE e.order_id = %s AND v.event = ANY(%s)",
            [stories._order(plan, args), list(names)],
        )
        return int(cursor.fetchone()[0])


def _overtaken(plan: stories.Plan, args: dict[str, Any], verb: str) -> bool:
    """A request that changes nothing because what it asks for is so already: the clock or the bank was first."""
    first = {
        "confirm": ("AUTO_RELEASE", "RELEASE_REST", "DECIDE_RELEASE"), "freeze": ("CHARGEBACK",),
        "ship": ("DELIVER", "AUTO_RELEASE", "DECIDE_RELEASE", "DECIDE_SPLIT"), "resume": ("CHARGEBACK",),
        "deliver": ("AUTO_RELEASE", "CONFIRM", "DECIDE_RELEASE", "DECIDE_SPLIT", "BANK_SETTLE"),
    }.get(verb, ())  # fmt: skip
    return _events(plan, args, first) > 0


def _refunded(plan: stories.Plan, args: dict[str, Any], answer: str) -> Iterator[str]:
    order = stories._order(plan, args)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id::text, amount_minor FROM payments_refund WHERE idem_key = %s", [f"{order}:{args['key']}"]
        )
        rows = cursor.fetchall()
    if len(rows) > 1:
        yield f"the refund {args['key']} of order {order} happened {len(rows)} times"
    if answer and [f"done: {refund} {amount}" for refund, amount in rows] != [answer]:
        yield f"the refund {args['key']} of order {order} was answered {answer!r}; we have {rows}"


def _figures(setting: Setting, clients: int) -> dict[str, Any]:
    told = [(client, story) for client in range(clients) for story in read(setting.journal(client)).values()]
    answers = Counter(
        answer.split(":")[0] if answer.startswith("refused") else "accepted"
        for _, story in told for answer in story.answers
    )  # fmt: skip
    taken, refunded, paid_out, lost, at_network, _, at_bank = _flows()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM payments_txn), (SELECT count(*) FROM payments_sandboxrefund),"
            " (SELECT count(*) FROM payments_sandboxpayout), (SELECT count(*) FROM payments_chargeback),"
            " (SELECT count(*) FROM payments_pspevent), (SELECT count(*) FROM core_eventrecord)"
        )
        txns, refunds, payouts, chargebacks, notices, events = cursor.fetchone()
        cursor.execute(
            "SELECT (SELECT count(*) FROM payments_paymentfile), (SELECT count(*) FROM payments_bankline),"
            " (SELECT count(*) FROM payments_document), (SELECT count(*) FROM payments_milestone),"
            " (SELECT count(*) FROM payments_payout WHERE quote_id IS NOT NULL)"
        )
        files, lines, documents, milestones, exchanged = cursor.fetchone()
    return {
        "purchases": len(told), "requests_accepted": answers["accepted"], "requests_refused": answers["refused"],
        "ledger_transactions": txns, "refunds": refunds, "payouts": payouts, "chargebacks": chargebacks,
        "notices": notices, "events": events, "money_in": taken, "money_refunded": refunded, "money_paid_out": paid_out,
        "money_to_banks": lost, "money_held": at_network, "net_at_our_bank": at_bank, "payment_files": files,
        "bank_lines": lines, "documents": documents, "milestones": milestones, "exchanged_payouts": exchanged,
    }  # fmt: skip

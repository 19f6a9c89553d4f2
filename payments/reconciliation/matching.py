"""Explaining bank lines: what each rule does when it fits. Callers hold the line's lock and a transaction.

A booked line stands in BANK against its own BANK_SUSPENSE account. Explaining it moves it on to PSP_CLEARING, where
payouts, refunds and captures already wait from the other side.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.ids import new_id
from core.money import Money
from core.states import next_state
from payments.charges.models import Charge
from payments.charges.services import apply_result
from payments.charges.states import WAITING as CHARGE_WAITING
from payments.contracts import ChargeState
from payments.ledger import services as ledger
from payments.ledger.rules import AccountCode, Leg
from payments.payouts.services import record_payout_result, record_payout_return
from payments.providers import bank
from payments.providers.bank_models import BankIntent, BankOrder
from payments.providers.port import Outcome, ProviderResult
from payments.reconciliation import selectors
from payments.reconciliation.models import BankLine, LineTransition
from payments.reconciliation.rules import order_id_of, reference_candidates
from payments.reconciliation.states import TRANSITIONS, LineAction, LineState
from payments.refunds import submission as refunding

A = LineAction
STATEMENTS = Actor.provider("bank")
IBAN_LENGTH = 15


def move(line: BankLine, action: LineAction, *, actor: Actor, now: datetime, rule: str = "", reason: str = "") -> None:
    """The line's step with its transition record. Raises TransitionRefused."""
    before, line.state = line.state, next_state(TRANSITIONS, LineState(line.state), action).value
    line.rule = rule or line.rule
    line.settled_at = None if line.state in (LineState.OPEN, LineState.PARTIAL) else now
    line.save()
    LineTransition.objects.create(
        line=line, from_state=before, action=action.value, to_state=line.state, actor=actor.reference[:120],
        reason=(reason or rule)[:500], at=now,
    )  # fmt: skip


def book(line: BankLine, *, now: datetime) -> None:
    """The bank moved money: BANK against the line's own suspense account, once."""
    ledger.post(
        scope="bank_line", key=str(line.id), kind="BANK_LINE", ref=str(line.id), now=now,
        legs=[
            Leg(AccountCode.BANK, str(line.account_id), line.amount),
            Leg(AccountCode.BANK_SUSPENSE, str(line.id), -line.amount),
        ],
    )  # fmt: skip


def explain(
    line: BankLine, target: AccountCode, *, key: str, now: datetime, amount: Money | None = None, owner: str = ""
) -> None:
    """Move the line (or a part of it) out of suspense, once per key."""
    moved = line.amount if amount is None else amount
    ledger.post(
        scope="bank_line", key=f"{line.id}:{key}", kind=f"BANK_{key}", ref=str(line.subject_id or line.id), now=now,
        legs=[Leg(AccountCode.BANK_SUSPENSE, str(line.id), moved), Leg(target, owner, -moved)],
    )  # fmt: skip


def match(line: BankLine, *, now: datetime) -> bool:
    """Try the rules in order of certainty: our own id, the buyer's reference, a whole file, amount with account."""
    order_id = order_id_of(line.end_to_end_id)
    order = selectors.lock_order(order_id) if order_id else None
    if order is not None:
        return match_order(line, order, rule="END_TO_END_ID", actor=STATEMENTS, now=now)
    if line.amount_minor > 0 and not line.is_reversal:
        for reference in reference_candidates([line.reference, line.text, line.end_to_end_id]):
            intent = selectors.lock_intent_by_reference(reference)
            if intent is not None:
                return receive(line, intent, rule="REFERENCE", actor=STATEMENTS, now=now)
        return _match_return(line, now=now)
    return _match_file(line, now=now) or _match_by_account(line, now=now)


def match_order(line: BankLine, order: BankOrder, *, rule: str, actor: Actor, now: datetime) -> bool:
    """A transfer of ours left (exactly its amount), or came back. Anything else waits for a person."""
    if line.currency != order.currency or abs(line.amount_minor) != order.amount_minor:
        return False
    if line.amount_minor > 0:
        return _come_back(line, order, rule=rule, actor=actor, now=now)
    if line.is_reversal or order.state not in ("SENT", "WAITING"):
        return False
    _settle(line, order, rule=rule, actor=actor, now=now)
    _executed(order, now=now)
    return True


def _settle(line: BankLine, order: BankOrder, *, rule: str, actor: Actor, now: datetime) -> None:
    line.subject_type, line.subject_id = order.purpose, order.id
    explain(line, AccountCode.PSP_CLEARING, key="MATCH", now=now)
    move(line, A.MATCH, actor=actor, now=now, rule=rule)


def _executed(order: BankOrder, *, now: datetime) -> None:
    order.state = "EXECUTED"
    order.save(update_fields=["state"])
    done = ProviderResult(Outcome.SUCCEEDED, order.end_to_end_id)
    if order.purpose == "PAYOUT":
        record_payout_result(payout_id=order.id, result=done, now=now)
    elif order.purpose == "REFUND":
        refunding.record_refund_result(refund_id=order.id, result=done, now=now)


def _come_back(line: BankLine, order: BankOrder, *, rule: str, actor: Actor, now: datetime) -> bool:
    """A payout returned: the seller has the money again. A returned refund needs a new account: a person decides."""
    if order.state == "RETURNED" or order.purpose != "PAYOUT":
        return False
    code = line.return_code or "returned"
    if not record_payout_return(payout_id=order.id, code=code, actor=actor, now=now):
        return False
    order.state, order.failure_code = "RETURNED", code[:60]
    order.save(update_fields=["state", "failure_code"])
    line.subject_type, line.subject_id = order.purpose, order.id
    explain(line, AccountCode.PSP_CLEARING, key="MATCH", now=now)
    move(line, A.MATCH, actor=actor, now=now, rule=f"RETURN_{rule}"[:24])
    return True


def _match_return(line: BankLine, *, now: datetime) -> bool:
    """A return without our id: the bank says so, and one finished transfer has its amount and account."""
    if not line.return_code or not line.party_account:
        return False
    found = selectors.find_executed_orders(line.amount, line.party_account)
    if len(found) != 1:
        return False
    order = selectors.lock_order(found[0].id)
    return order is not None and match_order(line, order, rule="AMOUNT_ACCOUNT", actor=STATEMENTS, now=now)


def _match_by_account(line: BankLine, *, now: datetime) -> bool:
    """Amount, account and days fit a transfer under way; several equal ones are taken in their order."""
    if line.is_reversal or not line.party_account or line.amount_minor > 0:
        return False
    for found in selectors.find_sent_orders(-line.amount, line.party_account, line.booked_on):
        order = selectors.lock_order(found.id)
        if order is not None and order.state == "SENT":
            return match_order(line, order, rule="AMOUNT_ACCOUNT", actor=STATEMENTS, now=now)
    return False


def _match_file(line: BankLine, *, now: datetime) -> bool:
    """The bank booked a whole payment file as one entry."""
    if line.is_reversal or line.party_account or line.end_to_end_id:
        return False
    made = selectors.find_file_for(str(line.details.get("batch", "")), -line.amount)
    if made is None:
        return False
    orders = list(BankOrder.objects.select_for_update().filter(file=made, state="SENT").order_by("id"))
    line.subject_type, line.subject_id = "FILE", made.id
    explain(line, AccountCode.PSP_CLEARING, key="MATCH", now=now)
    move(line, A.MATCH, actor=STATEMENTS, now=now, rule="WHOLE_FILE")
    for order in orders:
        _executed(order, now=now)
    return True


def receive(line: BankLine, intent: BankIntent, *, rule: str, actor: Actor, now: datetime) -> bool:
    """Money for a charge: complete captures it, less waits, more goes back; late money goes straight back.

    False when it must go back and nobody knows where to: it stays for the operator.
    """
    charge_id = UUID(intent.idempotency_key)
    line.subject_type, line.subject_id = "CHARGE", charge_id
    state = Charge.objects.filter(id=charge_id).values_list("state", flat=True).first()
    late = intent.closed_at is not None or intent.expires_at <= now or ChargeState(str(state)) not in CHARGE_WAITING
    if line.currency != intent.currency or (late and not has_account(line)):
        line.save(update_fields=["subject_type", "subject_id"])
        return False
    if late:
        send_back(line, line.amount, now=now)
        move(line, A.SEND_BACK, actor=actor, now=now, rule=f"LATE_{rule}"[:24])
        return True
    part = min(line.amount, intent.amount - intent.received)
    intent = bank.record_receipt(
        intent=intent, line_id=line.id, amount=part, holder=line.party, iban=line.party_account, now=now
    )
    if intent.received < intent.amount:
        move(line, A.HOLD_PART, actor=actor, now=now, rule=f"PART_{rule}"[:24])
        return True
    if line.amount > part:
        _give_surplus(line, line.amount - part, charge_id, now=now)
    _complete(intent, charge_id, last=line, rule=rule, actor=actor, now=now)
    return True


def _give_surplus(line: BankLine, surplus: Money, charge_id: UUID, *, now: datetime) -> None:
    """Paid too much: back to the payer's account, or, when the bank did not name it, the buyer's credit."""
    if has_account(line):
        send_back(line, surplus, now=now)
        return
    buyer_id = Charge.objects.values_list("buyer_id", flat=True).get(id=charge_id)
    explain(line, AccountCode.BUYER_CREDIT, key="SURPLUS", now=now, amount=surplus, owner=str(buyer_id))


def _complete(intent: BankIntent, charge_id: UUID, *, last: BankLine, rule: str, actor: Actor, now: datetime) -> None:
    """All the money is there: out of suspense and into the purchase's escrows."""
    intent.closed_at = now
    intent.save(update_fields=["closed_at"])
    for receipt in intent.receipts.order_by("id"):
        line = last if receipt.line_id == last.id else selectors.lock_line(receipt.line_id)
        explain(line, AccountCode.PSP_CLEARING, key="MATCH", now=now, amount=Money(receipt.amount_minor, line.currency))
        move(line, A.MATCH, actor=actor, now=now, rule=rule)
    result = ProviderResult(Outcome.SUCCEEDED, intent.reference)
    apply_result(charge_id=charge_id, result=result, actor=STATEMENTS, now=now)


def has_account(line: BankLine) -> bool:
    """Whether the other side's account is known well enough to send money there."""
    return len(line.party_account) >= IBAN_LENGTH and line.party_account[:2].isalpha()


def send_back(line: BankLine, amount: Money, *, now: datetime, holder: str = "", iban: str = "") -> BankOrder:
    """Order a transfer of `amount` to where the line came from (or to `iban`) and take it out of suspense."""
    explain(line, AccountCode.PSP_CLEARING, key="SEND_BACK", now=now, amount=amount)
    return bank.order_transfer(
        order_id=new_id(), purpose="SEND_BACK", amount=amount, holder=holder or line.party or "Payer",
        iban=iban or line.party_account, text=f"Returned: {line.reference or line.text}"[:140], address={}, now=now,
    )  # fmt: skip

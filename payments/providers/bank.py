"""The bank behind the provider port: buyers pay by transfer with a reference, sellers are paid in a payment file.

Nothing is called: orders wait for a file, and news come with the bank's statements (payments.reconciliation).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from stdnum.iso11649 import validate as validate_reference

from core.actor import Actor
from core.audit import services as audit
from core.errors import InvalidInput, NotFound
from core.ids import new_id
from core.money import Money
from payments.contracts import InvalidSignature, TransferInstructions
from payments.providers.bank_models import BankAccount, BankIntent, BankOrder, BankReceipt, PaymentFile
from payments.providers.pain import FILE_CURRENCIES, MAX_ORDERS, build_message
from payments.providers.port import Outcome, ProviderEvent, ProviderResult, Recipient, RecipientState

BANK = "bank"
TRANSFER_LIFE = timedelta(days=5)
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_REFERENCE_DIGITS = 16
_OUTCOMES = {"EXECUTED": Outcome.SUCCEEDED, "RETURNED": Outcome.DECLINED, "CANCELLED": Outcome.CANCELLED}


def make_reference(key: UUID) -> str:
    """An ISO 11649 creditor reference (RF, two check digits, 16 characters) from the random end of a UUID."""
    number, letters = key.int & ((1 << 80) - 1), ""
    for _ in range(_REFERENCE_DIGITS):
        number, digit = divmod(number, 36)
        letters = _DIGITS[digit] + letters
    digits = "".join(str(_DIGITS.index(letter)) for letter in letters + "RF00")
    return str(validate_reference(f"RF{98 - int(digits) % 97:02d}{letters}"))


class BankProvider:
    """PaymentProvider of plain bank transfers."""

    code = BANK

    def authorize(
        self, *, idempotency_key: str, amount: Money, method_token: str | None, return_url: str, now: datetime
    ) -> ProviderResult:
        """Wait for a transfer with a reference; DECLINED when no account takes the currency."""
        account = find_receiving_account(amount.currency)
        if account is None:
            return ProviderResult(Outcome.DECLINED, "", code="unknown_method")
        reference = make_reference(UUID(idempotency_key))
        with transaction.atomic():
            BankIntent.objects.get_or_create(
                idempotency_key=idempotency_key,
                defaults={
                    "reference": reference, "account": account, "amount_minor": amount.minor, "created_at": now,
                    "currency": amount.currency, "expires_at": now + TRANSFER_LIFE,
                },
            )  # fmt: skip
        return ProviderResult(Outcome.PENDING, reference)

    def find_charge(self, *, idempotency_key: str, now: datetime) -> ProviderResult | None:
        """SUCCEEDED once all the money is there, DECLINED (expired) when the days are over."""
        intent = BankIntent.objects.filter(idempotency_key=idempotency_key).first()
        if intent is None:
            return None
        if intent.received_minor == intent.amount_minor:
            return ProviderResult(Outcome.SUCCEEDED, intent.reference)
        if intent.expires_at <= now:
            return ProviderResult(Outcome.DECLINED, intent.reference, code="transfer_expired")
        return ProviderResult(Outcome.PENDING, intent.reference)

    def refund(self, *, idempotency_key: str, charge_key: str, amount: Money, now: datetime) -> ProviderResult:
        """Order a transfer to the account the money came from; done when our statement shows it."""
        order = BankOrder.objects.filter(id=UUID(idempotency_key)).first()
        if order is None:
            payer = (
                BankReceipt.objects.filter(intent__idempotency_key=charge_key).exclude(iban="").order_by("id").last()
            )
            if payer is None:
                return ProviderResult(Outcome.PENDING, "", code="the payer's account is not known")
            order = order_transfer(
                order_id=UUID(idempotency_key), purpose="REFUND", amount=amount, holder=payer.holder, iban=payer.iban,
                text="Refund", address={}, now=now,
            )  # fmt: skip
        return _result(order)

    def payout(self, *, idempotency_key: str, amount: Money, holder: str, iban: str, now: datetime) -> ProviderResult:
        order = order_transfer(
            order_id=UUID(idempotency_key), purpose="PAYOUT", amount=amount, holder=holder, iban=iban,
            text=f"Payout {UUID(idempotency_key).hex}", address={}, now=now,
        )  # fmt: skip
        return _result(order)

    def recipient(self, *, holder: str, iban: str, currency: str, return_url: str, now: datetime) -> Recipient:
        """Nobody is asked anything."""
        return Recipient(RecipientState.READY)

    def submit_evidence(
        self, *, idempotency_key: str, dispute_ref: str, document: bytes, facts: Mapping[str, object], now: datetime
    ) -> ProviderResult:
        """A transfer cannot be charged back: there is nothing to answer."""
        return ProviderResult(Outcome.DECLINED, "", code="no_chargebacks")

    def forget(self, *, token: str, now: datetime) -> None:
        """A bank transfer keeps nothing."""

    def verify_webhook(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> list[ProviderEvent]:
        raise InvalidSignature("A bank sends statements, not webhooks.")


def _result(order: BankOrder) -> ProviderResult:
    return ProviderResult(_OUTCOMES.get(order.state, Outcome.PENDING), order.end_to_end_id, code=order.failure_code)


def find_receiving_account(currency: str) -> BankAccount | None:
    """The account that takes transfers of a currency."""
    return BankAccount.objects.filter(currency=currency, is_active=True).order_by("id").first()


def register_account(
    *, number: str, holder: str, currency: str, bic: str, address: dict[str, str], actor: Actor, now: datetime
) -> BankAccount:
    """An account of the platform: transfers of its currency go there, files and statements are about it.

    `address`: street, building, postcode, town, country. Registering the same number again changes nothing. Audited.
    Raises NotFound (not an operator or the system).
    """
    if not (actor.is_operator or actor.is_system):
        raise NotFound()
    with transaction.atomic():
        account, created = BankAccount.objects.get_or_create(
            number=number.replace(" ", ""), defaults={"holder": holder, "currency": currency, "bic": bic, **address}
        )
        if created:
            audit.record(
                actor=actor, action="bank_account.registered", subject_type="bank_account", subject_id=account.id,
                now=now, number=account.number,
            )  # fmt: skip
    return account


def transfer_instructions(charge_id: UUID) -> TransferInstructions | None:
    """What the buyer writes into the transfer; None when the charge is not one by bank transfer."""
    intent = BankIntent.objects.select_related("account").filter(idempotency_key=str(charge_id)).first()
    if intent is None:
        return None
    return TransferInstructions(
        charge_id=charge_id, holder=intent.account.holder, iban=intent.account.number, bic=intent.account.bic,
        reference=intent.reference, amount=intent.amount, received=intent.received, expires_at=intent.expires_at,
    )  # fmt: skip


def order_transfer(
    *, order_id: UUID, purpose: str, amount: Money, holder: str, iban: str, text: str, address: dict[str, str],
    now: datetime,
) -> BankOrder:  # fmt: skip
    """A transfer for the next file, once per id."""
    order, _ = BankOrder.objects.get_or_create(
        id=order_id,
        defaults={
            "purpose": purpose, "amount_minor": amount.minor, "currency": amount.currency, "holder": holder[:120],
            "iban": iban, "text": text[:140], "address": address, "created_at": now,
        },
    )  # fmt: skip
    return order


def create_payment_file(*, account_id: UUID, actor: Actor, now: datetime, execution: date | None = None) -> PaymentFile:
    """Put every waiting order of the account's currency into one pain.001 message. Locks the orders.

    Publishes nothing; audited. Raises NotFound (no such account), InvalidInput (nothing waits, currency without
    files), InvalidPaymentFile. Two operators at once make two files without an order in common.
    """
    if not (actor.is_operator or actor.is_system):
        raise NotFound()
    with transaction.atomic():
        account = BankAccount.objects.filter(id=account_id, is_active=True).first()
        if account is None:
            raise NotFound("There is no such bank account.")
        if account.currency not in FILE_CURRENCIES:
            raise InvalidInput(
                "Payment files are made for euro accounts.", field="account",
                remedy="Order transfers of other currencies in the bank's own portal; its statement explains them.",
            )  # fmt: skip
        waiting = BankOrder.objects.select_for_update(skip_locked=True).filter(
            state="WAITING", currency=account.currency
        )
        orders = list(waiting.order_by("created_at", "id")[:MAX_ORDERS])
        if not orders:
            raise InvalidInput("No transfer waits for a file.", field="account")
        file_id = new_id()
        content = build_message(
            account=account, orders=orders, message_id=file_id.hex, execution=execution or now.date(), now=now
        )
        made = PaymentFile.objects.create(
            id=file_id, account=account, message_id=file_id.hex, schema=account.pain_version, count=len(orders),
            total_minor=sum(order.amount_minor for order in orders), currency=account.currency, content=content,
            created_at=now, created_by=actor.reference[:120],
        )  # fmt: skip
        BankOrder.objects.filter(id__in=[order.id for order in orders]).update(state="SENT", file=made)
        audit.record(
            actor=actor, action="payment_file.created", subject_type="payment_file", subject_id=made.id, now=now,
            count=made.count, total_minor=made.total_minor,
        )  # fmt: skip
    return made


def record_receipt(
    *, intent: BankIntent, line_id: UUID, amount: Money, holder: str, iban: str, now: datetime
) -> BankIntent:
    """Note money of a locked intent, once per statement line. Returns it with the new sum."""
    BankReceipt.objects.create(
        intent=intent, line_id=line_id, amount_minor=amount.minor, holder=holder[:140], iban=iban[:34], at=now
    )
    total = BankReceipt.objects.filter(intent=intent).aggregate(total=Sum("amount_minor"))["total"]
    intent.received_minor = min(int(total), intent.amount_minor)
    intent.save(update_fields=["received_minor"])
    return intent


def cancel_order(*, order_id: UUID, actor: Actor, now: datetime) -> BankOrder:
    """Take a payout out before it is in a file; it fails and is payable again. Audited.

    Raises NotFound (not an operator, no such order), InvalidInput (already in a file; not a payout).
    """
    return _end_order(order_id, "WAITING", "CANCELLED", "cancelled", actor=actor, now=now)


def refuse_order(*, order_id: UUID, actor: Actor, now: datetime) -> BankOrder:
    """The bank told us (by pain.002, by telephone) that it will not carry out a payout of a file: payable again.

    Audited. Should the bank pay it after all, the debit waits for a person. Raises NotFound, InvalidInput.
    """
    return _end_order(order_id, "SENT", "RETURNED", "refused", actor=actor, now=now)


def _end_order(order_id: UUID, before: str, after: str, code: str, *, actor: Actor, now: datetime) -> BankOrder:
    if not (actor.is_operator or actor.is_system):
        raise NotFound()
    with transaction.atomic():
        order = BankOrder.objects.select_for_update(of=("self",)).filter(id=order_id).first()
        if order is None:
            raise NotFound("There is no such transfer.")
        if order.state != before or order.purpose != "PAYOUT":
            raise InvalidInput("This transfer is not a payout in that state.", field="order")
        order.state, order.failure_code = after, code
        order.save(update_fields=["state", "failure_code"])
        audit.record(actor=actor, action=f"bank_order.{code}", subject_type="bank_order", subject_id=order.id, now=now)
    return order


def note_download(*, made: PaymentFile, actor: Actor, now: datetime) -> None:
    """Who fetched a payment file, and when it was fetched first. Audited."""
    with transaction.atomic():
        audit.record(
            actor=actor, action="payment_file.downloaded", subject_type="payment_file", subject_id=made.id, now=now
        )
        PaymentFile.objects.filter(id=made.id, downloaded_at=None).update(downloaded_at=now)

"""The escrow machine: edges, and who may walk them. The same mapping is the table payments_escrowrule."""

from __future__ import annotations

from enum import StrEnum

from payments.contracts import EscrowState as S


class EscrowAction(StrEnum):
    FUND = "FUND"
    CANCEL = "CANCEL"
    SHIP = "SHIP"
    DELIVER = "DELIVER"
    CONFIRM = "CONFIRM"
    AUTO_RELEASE = "AUTO_RELEASE"
    SHIP_TIMEOUT = "SHIP_TIMEOUT"
    REFUND = "REFUND"
    RELEASE_PART = "RELEASE_PART"
    RELEASE_REST = "RELEASE_REST"
    REFUND_PART = "REFUND_PART"
    REFUND_REST = "REFUND_REST"
    SETTLE = "SETTLE"
    PAUSE = "PAUSE"
    RESUME = "RESUME"
    EXTEND = "EXTEND"
    FREEZE = "FREEZE"
    UNFREEZE_FUNDED = "UNFREEZE_FUNDED"
    UNFREEZE_SHIPPED = "UNFREEZE_SHIPPED"
    UNFREEZE_DELIVERED = "UNFREEZE_DELIVERED"
    DECIDE_RELEASE = "DECIDE_RELEASE"
    DECIDE_REFUND = "DECIDE_REFUND"
    DECIDE_SPLIT = "DECIDE_SPLIT"
    DECIDE_ON_FUNDED = "DECIDE_ON_FUNDED"
    DECIDE_ON_SHIPPED = "DECIDE_ON_SHIPPED"
    DECIDE_ON_DELIVERED = "DECIDE_ON_DELIVERED"
    CHARGEBACK = "CHARGEBACK"
    BANK_ON_FUNDED = "BANK_ON_FUNDED"
    BANK_ON_SHIPPED = "BANK_ON_SHIPPED"
    BANK_ON_DELIVERED = "BANK_ON_DELIVERED"
    BANK_ON_DISPUTED = "BANK_ON_DISPUTED"
    BANK_REFUND = "BANK_REFUND"
    BANK_SETTLE = "BANK_SETTLE"


class Party(StrEnum):
    """Who moves an escrow, seen from that escrow."""

    BUYER = "BUYER"
    SELLER = "SELLER"
    OPERATOR = "OPERATOR"
    CARRIER = "CARRIER"
    PROVIDER = "PROVIDER"
    SYSTEM = "SYSTEM"


A, P = EscrowAction, Party

TRANSITIONS: dict[tuple[S, EscrowAction], S] = {
    (S.CREATED, A.FUND): S.FUNDED,
    (S.CREATED, A.CANCEL): S.CANCELLED,
    (S.FUNDED, A.SHIP): S.SHIPPED,
    (S.FUNDED, A.DELIVER): S.DELIVERED,  # digital goods, or the scan of acceptance was never reported
    (S.FUNDED, A.REFUND): S.REFUNDED,
    (S.FUNDED, A.SHIP_TIMEOUT): S.REFUNDED,
    (S.FUNDED, A.FREEZE): S.DISPUTED,
    (S.SHIPPED, A.DELIVER): S.DELIVERED,
    (S.SHIPPED, A.CONFIRM): S.RELEASED,
    (S.SHIPPED, A.FREEZE): S.DISPUTED,
    (S.DELIVERED, A.CONFIRM): S.RELEASED,
    (S.DELIVERED, A.AUTO_RELEASE): S.RELEASED,
    (S.DELIVERED, A.EXTEND): S.DELIVERED,
    (S.DELIVERED, A.FREEZE): S.DISPUTED,
    (S.DISPUTED, A.SHIP): S.DISPUTED,  # the parcel travels on while people argue
    (S.DISPUTED, A.DELIVER): S.DISPUTED,
    (S.DISPUTED, A.UNFREEZE_FUNDED): S.FUNDED,
    (S.DISPUTED, A.UNFREEZE_SHIPPED): S.SHIPPED,
    (S.DISPUTED, A.UNFREEZE_DELIVERED): S.DELIVERED,
    (S.DISPUTED, A.DECIDE_RELEASE): S.RELEASED,
    (S.DISPUTED, A.DECIDE_REFUND): S.REFUNDED,
    (S.DISPUTED, A.DECIDE_SPLIT): S.SETTLED,
    # Parts: what is left keeps its state; undisputed lines are released while others stay frozen.
    **{(s, A.RELEASE_PART): s for s in (S.FUNDED, S.SHIPPED, S.DELIVERED, S.DISPUTED)},
    **{(s, A.REFUND_PART): s for s in (S.FUNDED, S.SHIPPED, S.DELIVERED)},
    **{(s, A.RELEASE_REST): S.RELEASED for s in (S.FUNDED, S.SHIPPED, S.DELIVERED)},
    **{(s, A.REFUND_REST): S.REFUNDED for s in (S.SHIPPED, S.DELIVERED)},
    **{(s, A.SETTLE): S.SETTLED for s in (S.FUNDED, S.SHIPPED, S.DELIVERED)},  # the rest back, a part was released
    (S.DELIVERED, A.PAUSE): S.DELIVERED,  # an open return
    (S.DELIVERED, A.RESUME): S.DELIVERED,
    (S.DISPUTED, A.DECIDE_ON_FUNDED): S.FUNDED,  # the disputed part is decided, the rest goes on
    (S.DISPUTED, A.DECIDE_ON_SHIPPED): S.SHIPPED,
    (S.DISPUTED, A.DECIDE_ON_DELIVERED): S.DELIVERED,
    # The buyer's bank: freezes like a dispute; BANK_ON_* once it has decided and something is still held.
    **{(s, A.CHARGEBACK): S.DISPUTED for s in (S.FUNDED, S.SHIPPED, S.DELIVERED, S.DISPUTED)},
    (S.DISPUTED, A.BANK_ON_FUNDED): S.FUNDED,
    (S.DISPUTED, A.BANK_ON_SHIPPED): S.SHIPPED,
    (S.DISPUTED, A.BANK_ON_DELIVERED): S.DELIVERED,
    (S.DISPUTED, A.BANK_ON_DISPUTED): S.DISPUTED,
    (S.DISPUTED, A.BANK_REFUND): S.REFUNDED,
    (S.DISPUTED, A.BANK_SETTLE): S.SETTLED,
}

PARTIES: dict[EscrowAction, tuple[Party, ...]] = {
    A.FUND: (P.PROVIDER, P.SYSTEM),
    A.CANCEL: (P.BUYER, P.SELLER, P.OPERATOR, P.SYSTEM),
    A.SHIP: (P.SELLER, P.CARRIER, P.OPERATOR, P.SYSTEM),
    A.DELIVER: (P.CARRIER, P.OPERATOR, P.SYSTEM),
    A.CONFIRM: (P.BUYER, P.OPERATOR),
    A.AUTO_RELEASE: (P.SYSTEM,),
    A.SHIP_TIMEOUT: (P.SYSTEM,),
    A.REFUND: (P.BUYER, P.SELLER, P.OPERATOR, P.SYSTEM),
    A.RELEASE_PART: (P.BUYER, P.OPERATOR, P.SYSTEM),
    A.RELEASE_REST: (P.BUYER, P.OPERATOR, P.SYSTEM),
    A.REFUND_PART: (P.SELLER, P.OPERATOR, P.SYSTEM),
    A.REFUND_REST: (P.SELLER, P.OPERATOR, P.SYSTEM),
    A.SETTLE: (P.SELLER, P.OPERATOR, P.SYSTEM),
    A.PAUSE: (P.BUYER, P.SELLER, P.OPERATOR, P.SYSTEM),
    A.RESUME: (P.BUYER, P.SELLER, P.OPERATOR, P.SYSTEM),
    A.EXTEND: (P.BUYER, P.OPERATOR),
    A.FREEZE: (P.BUYER, P.OPERATOR, P.SYSTEM),
    A.UNFREEZE_FUNDED: (P.BUYER, P.OPERATOR, P.SYSTEM),
    A.UNFREEZE_SHIPPED: (P.BUYER, P.OPERATOR, P.SYSTEM),
    A.UNFREEZE_DELIVERED: (P.BUYER, P.OPERATOR, P.SYSTEM),
    A.DECIDE_RELEASE: (P.OPERATOR, P.SYSTEM),
    A.DECIDE_REFUND: (P.SELLER, P.OPERATOR, P.SYSTEM),  # the seller may agree to give everything back
    A.DECIDE_SPLIT: (P.SELLER, P.OPERATOR, P.SYSTEM),  # a seller only gives back all that is disputed
    A.DECIDE_ON_FUNDED: (P.SELLER, P.OPERATOR, P.SYSTEM),
    A.DECIDE_ON_SHIPPED: (P.SELLER, P.OPERATOR, P.SYSTEM),
    A.DECIDE_ON_DELIVERED: (P.SELLER, P.OPERATOR, P.SYSTEM),
    **dict.fromkeys(
        (
            A.CHARGEBACK, A.BANK_ON_FUNDED, A.BANK_ON_SHIPPED, A.BANK_ON_DELIVERED, A.BANK_ON_DISPUTED, A.BANK_REFUND,
            A.BANK_SETTLE,
        ),
        (P.PROVIDER, P.SYSTEM),
    ),
}  # fmt: skip

#: Clocks that are not edges: they warn, decide or resume through the actions above.
WARN_FIRST, WARN_SECOND, DECISION_DUE, PAUSE_ENDS = "WARN_FIRST", "WARN_SECOND", "DECISION_DUE", "PAUSE_ENDS"

TERMINAL = (S.RELEASED, S.REFUNDED, S.SETTLED, S.CANCELLED)
OPEN = (S.FUNDED, S.SHIPPED, S.DELIVERED, S.DISPUTED)


def rules() -> list[tuple[str, str, str, str]]:
    """(from, action, party, to): the rows of payments_escrowrule."""
    return [
        (source.value, action.value, party.value, target.value)
        for (source, action), target in TRANSITIONS.items()
        for party in PARTIES[action]
    ]

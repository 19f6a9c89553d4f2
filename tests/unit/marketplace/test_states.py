"""Every pair of state and action of the marketplace's machines, allowed and refused."""

import itertools

import pytest

from core.errors import TransitionRefused
from core.states import next_state
from marketplace.approvals import states as approvals
from marketplace.catalog import states as listings
from marketplace.contracts import OrderState as O
from marketplace.contracts import QuoteState, ReportState, SellerState, TenderState
from marketplace.messages import states as messages
from marketplace.moderation import states as moderation
from marketplace.orders import states as orders
from marketplace.quotes import states as quotes
from marketplace.screening import CaseState
from marketplace.sellers import states as sellers
from marketplace.tenders import states as tenders

MACHINES = (
    (O, orders.OrderAction, orders.TRANSITIONS),
    (listings.ListingState, listings.ListingAction, listings.TRANSITIONS),
    (TenderState, tenders.TenderAction, tenders.TRANSITIONS),
    (QuoteState, quotes.QuoteAction, quotes.TRANSITIONS),
    (ReportState, messages.ReportAction, messages.TRANSITIONS),
    (approvals.ApprovalState, approvals.ApprovalAction, approvals.TRANSITIONS),
    (CaseState, moderation.CaseAction, moderation.TRANSITIONS),
    (SellerState, sellers.SellerAction, sellers.TRANSITIONS),
)


@pytest.mark.parametrize(("states", "actions", "transitions"), MACHINES)
def test_every_pair(states, actions, transitions):
    for state, action in itertools.product(states, actions):
        if (state, action) in transitions:
            assert next_state(transitions, state, action) in states
        else:
            with pytest.raises(TransitionRefused):
                next_state(transitions, state, action)


@pytest.mark.parametrize(("states", "actions", "transitions"), MACHINES)
def test_every_state_is_reached_or_is_the_start(states, actions, transitions):
    start = next(iter(states))
    assert {start, *transitions.values()} == set(states)


def test_terminal_orders_stay_and_all_others_can_end():
    assert not [pair for pair in orders.TRANSITIONS if pair[0] in orders.TERMINAL]
    can_end = set(orders.TERMINAL)
    for _ in O:
        can_end |= {state for (state, _action), to in orders.TRANSITIONS.items() if to in can_end}
    assert can_end == set(O)


def test_what_is_shipped_cannot_be_cancelled_and_only_the_operator_frees_a_blocked_listing():
    cancellable = {state for state, action in orders.TRANSITIONS if action is orders.OrderAction.CANCEL}
    assert cancellable == {O.AWAITING_PAYMENT, O.PAID}
    out = {a for s, a in listings.TRANSITIONS if s is listings.ListingState.BLOCKED}
    assert out == {listings.ListingAction.UNBLOCK}

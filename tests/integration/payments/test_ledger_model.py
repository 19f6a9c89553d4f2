"""The ledger against a plain model in memory: singles, batches, retries, duplicates, reversals, in any order and at once."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from core.money import Money
from payments.contracts import IdempotencyConflict, NotEnoughMoney
from payments.ledger import chain, selectors, services
from payments.ledger.models import Entry, Txn
from payments.ledger.rules import CHART, AccountCode, Leg
from payments.ledger.services import BatchRefused, Outcome, Posting
from tests.conftest import NOW

A = AccountCode
ACCOUNTS = [
    (A.PSP_CLEARING, ""), (A.FEE_REVENUE, ""), (A.SELLER_PAYABLE, "s1"), (A.SELLER_PAYABLE, "s2"), (A.SELLER_DEBT, "s9"),
    (A.BUYER_CREDIT, "b1"),
]  # fmt: skip
CURRENCIES = ["EUR", "JPY"]
Move = tuple[tuple[AccountCode, str, str, int], ...]


@dataclass
class Model:
    """What a ledger is when nothing can fail: sums by account, and what each key did."""

    balances: dict[tuple[AccountCode, str, str], int] = field(default_factory=dict)
    keys: dict[str, Move] = field(default_factory=dict)
    reversed: set[str] = field(default_factory=set)

    def post(self, key: str, move: Move) -> Outcome | None:
        """None: refused by a bound."""
        if key in self.keys:
            return Outcome.REPLAYED if self.keys[key] == move else Outcome.CONFLICT
        after = dict(self.balances)
        for kind, owner, currency, minor in move:
            account = (kind, owner, currency)
            after[account] = after.get(account, 0) + minor
        for account in {(kind, owner, currency) for kind, owner, currency, _minor in move}:
            low, high = CHART[account[0]].lo, CHART[account[0]].hi
            if (low is not None and after[account] < low) or (high is not None and after[account] > high):
                return None
        self.balances, self.keys[key] = after, move
        return Outcome.POSTED


def moves() -> st.SearchStrategy[Move]:
    """Two accounts, an amount between them, in one currency; sometimes a second pair in another one."""
    pair = st.tuples(
        st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS), st.integers(1, 500), st.sampled_from(CURRENCIES)
    ).filter(lambda pair: pair[0] != pair[1])
    return st.lists(pair, min_size=1, max_size=2).map(_move).filter(bool)


def _move(pairs) -> Move:
    sums: dict[tuple[AccountCode, str, str], int] = {}
    for (kind, owner), (other, other_owner), minor, currency in pairs:
        for account, amount in (((kind, owner, currency), minor), ((other, other_owner, currency), -minor)):
            sums[account] = sums.get(account, 0) + amount
    return tuple((*account, minor) for account, minor in sorted(sums.items()) if minor)


def legs_of(move: Move) -> list[Leg]:
    return [Leg(kind, owner, Money(minor, currency)) for kind, owner, currency, minor in move]


def posting(key: str, move: Move) -> Posting:
    return Posting("model", key, "TEST", "r", legs_of(move))


class LedgerMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.txns: dict[str, int] = {}
        self.block = transaction.atomic()
        self.block._from_testcase = True
        self.block.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def post(self, key: str, move: Move) -> Outcome | None:
        try:
            with transaction.atomic():
                done = services.post(scope="model", key=key, kind="TEST", ref="r", legs=legs_of(move), now=NOW)
        except IdempotencyConflict:
            return Outcome.CONFLICT
        except NotEnoughMoney:
            return None
        assert self.txns.setdefault(key, done.txn_id) == done.txn_id
        return Outcome.REPLAYED if done.replayed else Outcome.POSTED

    @rule(key=st.integers(0, 30).map(str), move=moves())
    def single(self, key, move):
        assert self.post(key, move) == self.model.post(key, move)

    @rule(data=st.data())
    def retry(self, data):
        if self.txns:
            key = data.draw(st.sampled_from(sorted(self.txns)))
            assert self.post(key, self.model.keys[key]) == Outcome.REPLAYED

    @rule(items=st.lists(st.tuples(st.integers(0, 30).map(str), moves()), min_size=1, max_size=8))
    def batch(self, items):
        """All of it, or nothing and the name of the first item that a bound refuses."""
        tried = Model(dict(self.model.balances), dict(self.model.keys))
        expected = [tried.post(key, move) for key, move in items]
        if None in expected:
            with pytest.raises(BatchRefused) as refused, transaction.atomic():
                services.post_many(postings=[posting(key, move) for key, move in items], now=NOW)
            assert refused.value.index == expected.index(None)
            for key, move in items:  # the caller's way out: one by one
                assert self.post(key, move) == self.model.post(key, move)
            return
        answers = services.post_many(postings=[posting(key, move) for key, move in items], now=NOW)
        assert [answer.outcome for answer in answers] == expected
        self.model.balances, self.model.keys = tried.balances, tried.keys
        for (key, _), answer in zip(items, answers, strict=True):
            assert self.txns.setdefault(key, answer.txn_id) == answer.txn_id

    @rule(data=st.data())
    def reverse(self, data):
        if not self.txns:
            return
        key = data.draw(st.sampled_from(sorted(self.txns)))
        opposite = tuple((kind, owner, currency, -minor) for kind, owner, currency, minor in self.model.keys[key])
        expected = self.model.post(f"reversal {key}", opposite)
        try:
            with transaction.atomic():
                done = services.reverse(txn_id=self.txns[key], now=NOW)
        except NotEnoughMoney:
            assert expected is None
            return
        assert done.replayed == (expected is Outcome.REPLAYED)
        assert Txn.objects.filter(reverses_id=self.txns[key]).count() == 1

    @rule()
    def roll_up(self):
        services.roll_up()

    @invariant()
    def balances_are_the_models(self):
        for (kind, owner, currency), minor in self.model.balances.items():
            assert selectors.balance(kind, owner, currency) == Money(minor, currency)
        assert Txn.objects.count() == len(self.model.keys)

    @invariant()
    def the_books_agree_with_themselves(self):
        for _title, query in selectors.CHECKS:
            assert list(selectors.find_defects(query)) == []


@pytest.mark.django_db
def test_the_ledger_is_the_model_under_any_order_of_commands():
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )  # fmt: skip


def together(count, act):
    """Run `act(number)` in as many threads; returns what they answered. A failure fails the test."""
    answers, failures, barrier = [], [], threading.Barrier(count)

    def run(number):
        barrier.wait()
        try:
            answers.append(act(number))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[:3]
    return answers


def again(act):
    """The caller's way out of a deadlock or a key taken at the same moment: once more."""
    for _ in range(20):
        try:
            return act()
        except DatabaseError as error:
            if services.sqlstate_of(error) not in ("40001", "40P01"):
                raise
    raise AssertionError("never got through")


def hammer(number: int) -> int:
    """Random singles and batches on a few accounts, keys shared with the others; returns what was refused."""
    chance, refused = random.Random(number), 0
    for _ in range(25):
        items = []
        for _item in range(chance.choice([1, 1, 3, 8])):
            account, other = chance.sample(ACCOUNTS, 2)
            key = str(chance.randrange(400))
            content = random.Random(key).randrange(1, 50)  # one key, one content
            items.append(posting(key, _move([(account, other, content, "EUR")])))
        try:
            if len(items) == 1:
                again(lambda items=items: services.post(
                    scope=items[0].scope, key=items[0].key, kind="TEST", ref="r", legs=items[0].legs, now=NOW
                ))  # fmt: skip
            else:
                again(lambda items=items: services.post_many(postings=items, now=NOW))
        except (NotEnoughMoney, IdempotencyConflict):
            refused += 1
    return refused


def test_a_concurrent_hammer_leaves_the_books_in_order(real_database):
    for kind, owner in ACCOUNTS[2:4]:
        legs = [Leg(A.PSP_CLEARING, "", Money(500, "EUR")), Leg(kind, owner, Money(-500, "EUR"))]
        services.post(scope="start", key=owner, kind="TEST", ref="", legs=legs, now=NOW)
    stop = threading.Event()

    def follow():
        while not stop.is_set():
            services.roll_up()
            chain.extend_chain(records=20)
        connection.close()

    follower = threading.Thread(target=follow)
    follower.start()
    try:
        assert sum(together(8, hammer)) > 0
    finally:
        stop.set()
        follower.join()
    chain.extend_chain()
    keys = Txn.objects.values("idem_scope", "idem_key").distinct().count()
    assert keys == Txn.objects.count() > 50
    call_command("verify_ledger")
    services.roll_up()
    call_command("verify_ledger")


def test_everything_reverted_twice_at_once_is_reverted_once(real_database):
    batch = [
        posting(f"k{n}", ((A.PSP_CLEARING, "", "EUR", n + 1), (A.SELLER_PAYABLE, f"s{n % 5}", "EUR", -n - 1)))
        for n in range(40)
    ]
    posted = [item.txn_id for item in services.post_many(postings=batch, now=NOW)]

    def revert_all(number):
        order = random.Random(number).sample(posted, len(posted))
        return sum(again(lambda t=t: services.reverse(txn_id=t, now=NOW)).replayed for t in order)

    replays = together(4, revert_all)
    assert sum(replays) == 3 * len(posted)
    assert Txn.objects.filter(reverses__isnull=False).count() == len(posted)
    assert all(line.posted == 0 for line in selectors.trial_balance())
    call_command("verify_ledger")


def test_racing_batches_with_the_same_keys_post_each_once(real_database):
    batch = [posting(f"k{n}", ((A.FEE_REVENUE, "", "EUR", -1), (A.PSP_CLEARING, "", "EUR", 1))) for n in range(30)]

    def race(number):
        mine = random.Random(number).sample(batch, len(batch))
        return [item.outcome for item in again(lambda: services.post_many(postings=mine, now=NOW))]

    outcomes = [outcome for answer in together(6, race) for outcome in answer]
    assert outcomes.count(Outcome.POSTED) == 30
    assert outcomes.count(Outcome.REPLAYED) == 150
    assert Entry.objects.count() == 60
    call_command("verify_ledger")

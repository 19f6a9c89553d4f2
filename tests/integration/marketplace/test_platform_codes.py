"""Codes the platform pays for: the buyer pays less, the seller gets all, the budget is never passed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connections, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DomainError, InvalidInput, NotAllowed
from core.money import Money, sum_money
from marketplace.carts.selectors import CartOwner
from marketplace.carts.services import set_code
from marketplace.contracts import CodeRefused, PromotionInput
from marketplace.orders import services as orders
from marketplace.orders.models import Order
from marketplace.promotions import services as promotions
from marketplace.promotions.models import Promotion, Redemption
from marketplace.promotions.rules import taken_off
from marketplace.promotions.selectors import discounts, spend_of
from payments import facade as payments
from tests import world


def eur(minor):
    return Money(minor, "EUR")


@pytest.fixture
def operator(now):
    return world.person(now, is_operator=True)


@pytest.fixture
def seller(now):
    return world.open_seller(now)


@pytest.fixture
def buyer(now):
    return world.person(now)


def code(operator, now, *, name="WELCOME", budget=10_000, categories=(), sellers=(), **values):
    values = {"kind": "PERCENT", "percent": 10} | values
    return promotions.create_platform_code(
        promotion=PromotionInput(code=name, **values), currency="EUR", budget=eur(budget), categories=categories,
        sellers=sellers, actor=operator.actor, now=now,
    )  # fmt: skip


def use(buyer, now, name="welcome"):
    set_code(owner=CartOwner(organisation_id=buyer.organisation_id), code=name, now=now)


@pytest.mark.django_db
class TestCodes:
    def test_it_goes_over_sellers_and_reaches_orders_charge_and_escrow(self, operator, seller, buyer, now):
        cloth, cup = world.published(seller, now), world.published(world.open_seller(now), now, price=eur(1_003))
        made = code(operator, now, kind="FIXED", amount=eur(500))
        world.fill_cart(buyer, {cloth.id: 1, cup.id: 1}, now)
        use(buyer, now)
        purchase = world.place(buyer, now)
        placed = list(purchase.orders.all())
        assert sum_money((o.goods for o in placed), "EUR") == eur(4_800 + 1_003 - 500)
        assert sum_money((o.contribution for o in placed), "EUR") == eur(500)
        assert {o.code for o in placed} == {"WELCOME"}
        assert payments.get_charge(purchase.charge_id).amount == purchase.total
        made.refresh_from_db()
        assert made.promised == eur(500)
        assert {(r.order_id, r.amount_minor) for r in Redemption.objects.all()} == {
            (o.id, o.contribution_minor) for o in placed
        }
        for order in placed:
            orders.cancel_order(order_id=order.id, reason="no", actor=buyer.actor, now=now)
        made.refresh_from_db()
        assert made.promised == eur(0)

    def test_it_is_for_its_categories_and_sellers_alone(self, operator, seller, buyer, now):
        other = world.open_seller(now)
        cloth, theirs = world.published(seller, now), world.published(other, now, title="Other cloth")
        code(operator, now, categories=["home-textiles"], sellers=[seller.organisation_id])
        code(operator, now, name="NOTHOME", categories=["bags"])
        world.fill_cart(buyer, {cloth.id: 1, theirs.id: 1}, now)
        with pytest.raises(CodeRefused, match="not for what"):
            use(buyer, now, "NOTHOME")
        use(buyer, now)
        purchase = world.place(buyer, now)
        assert purchase.orders.get(seller_id=seller.organisation_id).contribution == eur(480)
        assert purchase.orders.get(seller_id=other.organisation_id).code == ""
        client = Client()
        client.force_login(seller.user)
        order = purchase.orders.get(seller_id=seller.organisation_id)
        told = client.get(f"/api/v1/orders/{order.id}/").json()
        assert told["contribution"] == {"minor": 480, "currency": "EUR"}

    def test_a_sellers_own_code_of_the_name_comes_first(self, operator, seller, buyer, now):
        cloth, other = world.published(seller, now), world.published(world.open_seller(now), now, title="Other cloth")
        code(operator, now)
        own = PromotionInput(code="WELCOME", kind="PERCENT", percent=50)
        promotions.create_promotion(promotion=own, actor=seller.actor, now=now)
        world.fill_cart(buyer, {cloth.id: 1, other.id: 1}, now)
        use(buyer, now)
        purchase = world.place(buyer, now)
        mine = purchase.orders.get(seller_id=seller.organisation_id)
        theirs = purchase.orders.exclude(id=mine.id).get()
        assert (mine.goods, mine.contribution) == (eur(2_400), eur(0))
        assert (theirs.goods, theirs.contribution) == (eur(4_320), eur(480))

    @pytest.mark.parametrize(
        ("values", "says"),
        [
            ({"budget": 479}, "used up"), ({"limit_per_buyer": 1}, "as often"), ({"limit_total": 1}, "used up"),
            ({"min_basket": eur(4_801)}, "goods for"), ({"budget": 480}, "used up"),
        ],
    )  # fmt: skip
    def test_what_is_used_up_is_refused_with_the_reason(self, operator, seller, buyer, now, values, says):
        cloth = world.published(seller, now)
        code(operator, now, **values)
        if values.get("budget") != 479 and "min_basket" not in values:
            world.fill_cart(buyer, {cloth.id: 1}, now)
            use(buyer, now)
            world.place(buyer, now)
        world.fill_cart(buyer, {cloth.id: 1}, now)
        with pytest.raises(CodeRefused, match=says):
            use(buyer, now)

    def test_only_operators_make_sensible_ones_and_stop_them(self, operator, seller, buyer, now):
        with pytest.raises(NotAllowed):
            code(seller, now)
        for values in ({"budget": 0}, {"kind": "FREE_SHIPPING"}, {"categories": ["nowhere"]}, {"percent": 95},
                       {"sellers": [buyer.organisation_id]}, {"name": "x"}, {"ends_at": now - timedelta(days=1)}):  # fmt: skip
            with pytest.raises(InvalidInput):
                code(operator, now, **values)
        made = code(operator, now)
        with pytest.raises(InvalidInput):
            code(operator, now)
        for actor, reason, error in ((seller.actor, "x", NotAllowed), (operator.actor, " ", InvalidInput)):
            with pytest.raises(error):
                promotions.stop_platform_code(promotion_id=made.id, reason=reason, actor=actor, now=now)
        promotions.stop_platform_code(promotion_id=made.id, reason="over", actor=operator.actor, now=now)
        world.fill_cart(buyer, {world.published(seller, now).id: 1}, now)
        with pytest.raises(CodeRefused):
            use(buyer, now)

    def test_the_database_lets_no_budget_be_passed(self, operator, now):
        made = code(operator, now, budget=100)
        with pytest.raises(IntegrityError), transaction.atomic():
            Promotion.objects.filter(id=made.id).update(used_minor=101)

    def test_the_operator_makes_follows_and_stops_it_in_the_admin(self, operator, seller, buyer, now):
        client = Client()
        client.force_login(operator.user)
        base = "/admin/marketplace/platformcode/"
        typed = {"code": "SPRING", "kind": "PERCENT", "percent": "10", "currency": "EUR", "budget": "100.00",
                 "sellers": "", "categories": ["home-textiles"], "limit_per_buyer": "1"}  # fmt: skip
        assert client.post(f"{base}add/", {**typed, "budget": "many"}).status_code == 200
        assert client.post(f"{base}add/", {**typed, "sellers": "nowhere"}).status_code == 200
        assert not Promotion.objects.exists()
        assert client.post(f"{base}add/", typed).status_code == 302
        made = Promotion.objects.get()
        world.fill_cart(buyer, {world.published(seller, now).id: 1}, made.starts_at)
        use(buyer, made.starts_at, "SPRING")
        world.place(buyer, made.starts_at)
        page = client.get(f"{base}{made.id}/change/").content.decode()
        assert "Telares Ruiz" in page
        assert "SPRING" in client.get(base).content.decode()
        client.post(f"{base}{made.id}/change/", {"reason": "over"})
        made.refresh_from_db()
        assert made.stopped_at is not None
        for who in (seller, buyer):
            stranger = Client()
            stranger.force_login(who.user)
            assert stranger.get(f"{base}{made.id}/change/").status_code in {302, 403}


CART = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 50_000), st.booleans()), min_size=1, max_size=6)


@pytest.fixture
def shops(now):
    """Three shops, of which the first has a code MIX of its own."""
    found = [world.open_seller(now).organisation_id for _ in range(3)]
    Promotion.objects.create(
        seller_id=found[0], code="MIX", kind="PERCENT", percent=25, currency="EUR", starts_at=now, created_at=now
    )
    return found


@pytest.mark.django_db
@given(CART, st.integers(1, 90), st.integers(1, 60_000), st.booleans())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_are_exact_with_any_mixture_of_codes(shops, operator, now, cart, percent, fixed, is_percent):
    Promotion.objects.filter(seller=None).update(stopped_at=now)
    values = {"kind": "PERCENT", "percent": percent} if is_percent else {"kind": "FIXED", "amount": eur(fixed)}
    code(operator, now, name="MIX", budget=10_000_000, categories=["home-textiles"], **values)
    lines = {}
    for shop, minor, at_home in cart:
        lines.setdefault(shops[shop], []).append(("table-linen" if at_home else "OTHER", eur(minor)))
    found = discounts(code="mix", lines=lines, buyer_id=None, now=now)
    for seller_id, discount in found.items():
        if discount.problem:
            assert (discount.amount, discount.lines) == (eur(0), ())
            continue
        assert discount.amount == sum_money(discount.lines, "EUR") if discount.lines else not discount.amount
        assert discount.by_platform == (seller_id != shops[0])
        for (category, total), part in zip(lines[seller_id], discount.lines, strict=bool(discount.lines)):
            assert eur(0) <= part <= total
            assert not part or category == "table-linen" or seller_id == shops[0]
    eligible = sum(m for shop, m, at_home in cart if at_home and shop)
    paid = sum_money((d.amount for d in found.values() if d.by_platform), "EUR")
    wanted = taken_off(kind=values["kind"], percent=percent, amount=eur(fixed), goods=eur(eligible))
    assert paid == wanted


def test_a_seller_gets_all_and_the_report_says_so(real_database, now):
    operator, seller, buyer = world.person(now, is_operator=True), world.open_seller(now), world.person(now)
    made, listing = code(operator, now), world.published(seller, now)
    world.fill_cart(buyer, {listing.id: 1}, now)
    use(buyer, now)
    purchase = world.place(buyer, now)
    world.pay(buyer, purchase, now)
    order = purchase.orders.get()
    later = world.ship(seller, order, now)
    orders.confirm_receipt(order_id=order.id, actor=buyer.actor, now=later)
    made.refresh_from_db()
    (spend,) = spend_of(made)
    assert (spend.orders, spend.promised, spend.paid) == (1, eur(480), eur(480))
    balance = payments.seller_balance(seller.organisation_id, "EUR")
    escrow = payments.get_escrow(order.id)
    assert balance.available == order.total + eur(480) - escrow.fee_quoted


def test_buyers_at_once_never_pass_the_budget(real_database, now):
    operator, seller = world.person(now, is_operator=True), world.open_seller(now)
    made, listing = code(operator, now, budget=1_000), world.published(seller, now, stock=20)
    buyers = [world.person(now) for _ in range(5)]
    for buyer in buyers:
        world.fill_cart(buyer, {listing.id: 1}, now)
        use(buyer, now)
    barrier = Barrier(len(buyers))

    def go(buyer):
        try:
            barrier.wait(timeout=30)
            return world.place(buyer, now)
        except DomainError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(buyers)) as pool:
        results = list(pool.map(go, buyers))
    assert sum(isinstance(r, CodeRefused) for r in results) == 3, results
    made.refresh_from_db()
    assert made.promised == eur(960)
    assert sum_money((o.contribution for o in Order.objects.all()), "EUR") == eur(960)

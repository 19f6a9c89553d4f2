"""Re-exports the models of the slices so that Django finds them."""

from marketplace.agreements.models import Agreement, AgreementStep, AgreementTransition
from marketplace.carts.models import Cart, CartLine, SavedAddress
from marketplace.catalog.models import (
    Category,
    Listing,
    ListingChange,
    ListingPhoto,
    ListingRevision,
    PriceRecord,
    Product,
    Reduction,
    Signals,
    Stock,
)
from marketplace.imports.models import ImportedListing, ImportTransition, ListingImport
from marketplace.offers.models import Match, SharedGood
from marketplace.orders.models import Order, OrderLine, OrderTransition, Purchase
from marketplace.promotions.models import Promotion, Redemption
from marketplace.recoveries.models import Recovery
from marketplace.remedies.models import PromiseRemedy, RemedyTransition
from marketplace.returns.models import Return, ReturnLine, ReturnPhoto, ReturnPolicy, ReturnTransition
from marketplace.search.models import SavedSearch, SynonymGroup
from marketplace.sellers.models import Seller, SellerTransition, Standing

__all__ = [
    "Agreement",
    "AgreementStep",
    "AgreementTransition",
    "Cart",
    "CartLine",
    "Category",
    "ImportTransition",
    "ImportedListing",
    "Listing",
    "ListingChange",
    "ListingImport",
    "ListingPhoto",
    "ListingRevision",
    "Match",
    "Order",
    "OrderLine",
    "OrderTransition",
    "PriceRecord",
    "Product",
    "PromiseRemedy",
    "Promotion",
    "Purchase",
    "Recovery",
    "Redemption",
    "Reduction",
    "RemedyTransition",
    "Return",
    "ReturnLine",
    "ReturnPhoto",
    "ReturnPolicy",
    "ReturnTransition",
    "SavedAddress",
    "SavedSearch",
    "Seller",
    "SellerTransition",
    "SharedGood",
    "Signals",
    "Standing",
    "Stock",
    "SynonymGroup",
]

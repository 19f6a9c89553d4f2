"""Re-exports the models of the slices so that Django finds them."""

from marketplace.agreements.models import Agreement, AgreementStep, AgreementTransition
from marketplace.carts.models import Cart, CartLine, SavedAddress
from marketplace.catalog.models import (
    Category,
    Listing,
    ListingChange,
    ListingPhoto,
    ListingRevision,
    Signals,
    Stock,
)
from marketplace.imports.models import ImportedListing, ImportTransition, ListingImport
from marketplace.messages.models import Block, Message, MessageFile, MessageReport, QuickReply, Thread
from marketplace.orders.models import Order, OrderLine, OrderTransition, Purchase
from marketplace.quotes.models import Quote, QuoteOffer, QuoteTransition
from marketplace.search.models import SavedSearch, SynonymGroup
from marketplace.sellers.models import Seller, SellerTransition, Standing

__all__ = [
    "Agreement",
    "AgreementStep",
    "AgreementTransition",
    "Block",
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
    "Message",
    "MessageFile",
    "MessageReport",
    "Order",
    "OrderLine",
    "OrderTransition",
    "Purchase",
    "QuickReply",
    "Quote",
    "QuoteOffer",
    "QuoteTransition",
    "SavedAddress",
    "SavedSearch",
    "Seller",
    "SellerTransition",
    "Signals",
    "Standing",
    "Stock",
    "SynonymGroup",
    "Thread",
]

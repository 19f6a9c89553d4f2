"""Re-exports the models of the slices so that Django finds them."""

from marketplace.addresses.models import SavedAddress
from marketplace.agreements.models import Agreement, AgreementStep, AgreementTransition
from marketplace.approvals.models import ApprovalTransition, PurchaseApproval
from marketplace.batches.models import BatchRow, OrderBatch
from marketplace.buyers.models import BuyerProfile
from marketplace.carts.models import Cart, CartLine
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
    StockAlert,
)
from marketplace.drafts.models import ListingDraft
from marketplace.imports.models import ImportedListing, ImportTransition, ListingImport
from marketplace.messages.models import Block, Message, MessageFile, MessageReport, QuickReply, Thread
from marketplace.moderation.models import CaseDocument, CaseTransition, Clearance, ModerationCase, ModerationRule
from marketplace.offers.models import Match, SharedGood
from marketplace.orders.models import Order, OrderLine, OrderParcel, OrderTransition, ParcelLine, Purchase
from marketplace.promotions.models import PlatformCode, Promotion, Redemption
from marketplace.quotes.models import Quote, QuoteOffer, QuoteTransition
from marketplace.recoveries.models import Recovery
from marketplace.remedies.models import PromiseRemedy, RemedyTransition
from marketplace.returns.models import Return, ReturnLine, ReturnPhoto, ReturnPolicy, ReturnTransition
from marketplace.search.models import SavedSearch, SynonymGroup
from marketplace.sellers.models import OldSlug, Seller, SellerTransition, Standing
from marketplace.shops.models import Collection, CollectionItem, Follow, ShopPage
from marketplace.stock.models import LocationStock, StockLocation, StockMovement
from marketplace.tenders.models import Bid, BidPolicy, Invitation, Tender, TenderFile, TenderTransition
from marketplace.withdrawals.models import Withdrawal, WithdrawalLine

__all__ = [
    "Agreement",
    "AgreementStep",
    "AgreementTransition",
    "ApprovalTransition",
    "BatchRow",
    "Bid",
    "BidPolicy",
    "Block",
    "BuyerProfile",
    "Cart",
    "CartLine",
    "CaseDocument",
    "CaseTransition",
    "Category",
    "Clearance",
    "Collection",
    "CollectionItem",
    "Follow",
    "ImportTransition",
    "ImportedListing",
    "Invitation",
    "Listing",
    "ListingChange",
    "ListingDraft",
    "ListingImport",
    "ListingPhoto",
    "ListingRevision",
    "LocationStock",
    "Match",
    "Message",
    "MessageFile",
    "MessageReport",
    "ModerationCase",
    "ModerationRule",
    "OldSlug",
    "Order",
    "OrderBatch",
    "OrderLine",
    "OrderParcel",
    "OrderTransition",
    "ParcelLine",
    "PlatformCode",
    "PriceRecord",
    "Product",
    "PromiseRemedy",
    "Promotion",
    "Purchase",
    "PurchaseApproval",
    "QuickReply",
    "Quote",
    "QuoteOffer",
    "QuoteTransition",
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
    "ShopPage",
    "Signals",
    "Standing",
    "Stock",
    "StockAlert",
    "StockLocation",
    "StockMovement",
    "SynonymGroup",
    "Tender",
    "TenderFile",
    "TenderTransition",
    "Thread",
    "Withdrawal",
    "WithdrawalLine",
]

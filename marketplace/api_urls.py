"""REST of the marketplace, under /api/v1/."""

from __future__ import annotations

from django.urls import path

from marketplace.addresses import api as addresses
from marketplace.agreements import api as agreements
from marketplace.approvals import api as approvals
from marketplace.batches import api as batches
from marketplace.buyers import api as buyers
from marketplace.carts import api as carts
from marketplace.catalog import api as catalog
from marketplace.catalog import bulk_api as bulk
from marketplace.catalog import pricing_api as pricing
from marketplace.checkout import api as checkout
from marketplace.imports import api as imports
from marketplace.messages import api as messages
from marketplace.moderation import api as moderation
from marketplace.offers import api as offers
from marketplace.orders import api as orders
from marketplace.orders import parcel_api as order_parcels
from marketplace.promotions import api as promotions
from marketplace.quotes import api as quotes
from marketplace.remedies import api as remedies
from marketplace.returns import api as returns
from marketplace.search import api as search
from marketplace.sellers import api as sellers
from marketplace.shops import api as shops
from marketplace.stock import api as stock
from marketplace.tenders import api as tenders
from marketplace.withdrawals import api as withdrawals

TENDER = "tenders/<uuid:tender_id>/"
RETURN = "returns/<uuid:return_id>/"
AGREEMENT = "agreements/<uuid:agreement_id>/"
STEP = f"{AGREEMENT}steps/<uuid:step_id>/"
QUOTE = "quotes/<uuid:quote_id>/"
THREAD = "threads/<uuid:thread_id>/"
PARCEL = "orders/<uuid:order_id>/parcels/<uuid:parcel_id>/"

urlpatterns = [
    path("search/", search.Search.as_view(), name="api_search"),
    path("search/walk/", search.SearchWalk.as_view(), name="api_search_walk"),
    path("search/suggestions/", search.Suggestions.as_view(), name="api_suggestions"),
    path("categories/", catalog.CategoryList.as_view(), name="api_categories"),
    path("listings/", catalog.OwnListings.as_view(), name="api_listings"),
    path("listings/<uuid:listing_id>/", catalog.ListingDetail.as_view(), name="api_listing"),
    path(
        "listings/<uuid:listing_id>/publication/", catalog.ListingPublication.as_view(), name="api_listing_publication"
    ),
    path("listings/changes/", bulk.ListingChanges.as_view(), name="api_listing_changes"),
    path("listings/<uuid:listing_id>/schedule/", bulk.ListingSchedule.as_view(), name="api_listing_schedule"),
    path("listings/<uuid:listing_id>/versions/", bulk.ListingVersions.as_view(), name="api_listing_versions"),
    path(
        "listings/<uuid:listing_id>/versions/<int:version>/restoration/",
        bulk.VersionRestoration.as_view(),
        name="api_version_restoration",
    ),
    path("listings/<uuid:listing_id>/copy/", bulk.ListingCopy.as_view(), name="api_listing_copy"),
    path("listings/<uuid:listing_id>/review/", moderation.ListingReview.as_view(), name="api_listing_review"),
    path("listings/<uuid:listing_id>/handling/", catalog.ListingHandling.as_view(), name="api_listing_handling"),
    path("listings/<uuid:listing_id>/safety/", catalog.ListingSafety.as_view(), name="api_listing_safety"),
    path("listings/<uuid:listing_id>/variants/", catalog.ListingVariants.as_view(), name="api_listing_variants"),
    path("listings/<uuid:listing_id>/terms/", pricing.ListingTerms.as_view(), name="api_listing_terms"),
    path("listings/<uuid:listing_id>/reduction/", pricing.ListingReduction.as_view(), name="api_listing_reduction"),
    path("listings/<uuid:listing_id>/photos/", catalog.ListingPhotos.as_view(), name="api_listing_photos"),
    path("imports/", imports.Imports.as_view(), name="api_imports"),
    path("imports/<uuid:import_id>/", imports.ImportDetail.as_view(), name="api_import"),
    path("imports/<uuid:import_id>/start/", imports.ImportStart.as_view(), name="api_import_start"),
    path("seller/", sellers.SellerProfile.as_view(), name="api_seller"),
    path("seller/submission/", sellers.SellerSubmission.as_view(), name="api_seller_submission"),
    path("seller/shop-opening/", sellers.ShopOpening.as_view(), name="api_shop_opening"),
    path("stock/", stock.StockList.as_view(), name="api_stock_list"),
    path("stock/<uuid:listing_id>/", stock.StockDetail.as_view(), name="api_stock"),
    path("stock/<uuid:listing_id>/movements/", stock.StockMovements.as_view(), name="api_stock_movements"),
    path("stock/<uuid:listing_id>/adjustments/", stock.StockAdjustments.as_view(), name="api_stock_adjustments"),
    path("stock/<uuid:listing_id>/transfers/", stock.StockTransfers.as_view(), name="api_stock_transfers"),
    path("stock-locations/", stock.StockLocations.as_view(), name="api_stock_locations"),
    path("stock-locations/<uuid:location_id>/", stock.StockLocationDetail.as_view(), name="api_stock_location"),
    path("cart/", carts.CartDetail.as_view(), name="api_cart"),
    path("cart/lines/<uuid:listing_id>/", carts.CartLineDetail.as_view(), name="api_cart_line"),
    path("cart/code/", carts.CartCode.as_view(), name="api_cart_code"),
    path("promotions/", promotions.PromotionList.as_view(), name="api_promotions"),
    path("promotions/<uuid:promotion_id>/", promotions.PromotionDetail.as_view(), name="api_promotion"),
    path("matches/", offers.MatchList.as_view(), name="api_matches"),
    path("matches/<uuid:match_id>/", offers.MatchDecision.as_view(), name="api_match"),
    path("cart/quotes/", carts.CartQuotes.as_view(), name="api_cart_quotes"),
    path("addresses/", addresses.Addresses.as_view(), name="api_addresses"),
    path("addresses/<uuid:address_id>/", addresses.AddressDetail.as_view(), name="api_address"),
    path("address-formats/<str:country>/", addresses.AddressFormat.as_view(), name="api_address_format"),
    path("purchases/", checkout.Purchases.as_view(), name="api_purchases"),
    path("purchases/<uuid:purchase_id>/", checkout.PurchaseDetail.as_view(), name="api_purchase"),
    path("buyer-profile/", buyers.BuyerProfileDetail.as_view(), name="api_buyer_profile"),
    path("approvals/", approvals.Approvals.as_view(), name="api_approvals"),
    path("purchases/<uuid:purchase_id>/approval/", approvals.ApprovalDecision.as_view(), name="api_approval"),
    path("purchases/<uuid:purchase_id>/payment/", checkout.PurchasePayment.as_view(), name="api_purchase_payment"),
    path("orders/", orders.OrderList.as_view(), name="api_orders"),
    path("orders/<uuid:order_id>/", orders.OrderDetail.as_view(), name="api_order"),
    path("orders/<uuid:order_id>/cancellation/", orders.OrderCancellation.as_view(), name="api_order_cancellation"),
    path("orders/<uuid:order_id>/receipt/", orders.OrderReceipt.as_view(), name="api_order_receipt"),
    path("orders/<uuid:order_id>/extension/", orders.OrderExtension.as_view(), name="api_order_extension"),
    path("orders/<uuid:order_id>/packing/", orders.OrderPacking.as_view(), name="api_order_packing"),
    path("orders/<uuid:order_id>/parcels/", order_parcels.OrderParcels.as_view(), name="api_order_parcels"),
    path(PARCEL, order_parcels.OrderParcelDetail.as_view(), name="api_order_parcel"),
    path(f"{PARCEL}customs/", order_parcels.OrderParcelCustoms.as_view(), name="api_order_parcel_customs"),
    path(f"{PARCEL}hand-over/", order_parcels.OrderParcelHandOver.as_view(), name="api_order_parcel_hand_over"),
    path("orders/<uuid:order_id>/withdrawals/", withdrawals.OrderWithdrawals.as_view(), name="api_order_withdrawals"),
    path("orders/<uuid:order_id>/cart/", orders.OrderAgain.as_view(), name="api_order_again"),
    path("order-batches/", batches.OrderBatches.as_view(), name="api_order_batches"),
    path("order-batches/<uuid:batch_id>/", batches.OrderBatchDetail.as_view(), name="api_order_batch"),
    path("orders/<uuid:order_id>/reductions/", order_parcels.OrderReductions.as_view(), name="api_order_reductions"),
    path("orders/<uuid:order_id>/releases/", orders.OrderReleases.as_view(), name="api_order_releases"),
    path("orders/<uuid:order_id>/returns/", returns.OrderReturns.as_view(), name="api_order_returns"),
    path("returns/", returns.ReturnList.as_view(), name="api_returns"),
    path(RETURN, returns.ReturnDetail.as_view(), name="api_return"),
    path(f"{RETURN}approval/", returns.ReturnApproval.as_view(), name="api_return_approval"),
    path(f"{RETURN}refusal/", returns.ReturnRefusal.as_view(), name="api_return_refusal"),
    path(f"{RETURN}cancellation/", returns.ReturnCancellation.as_view(), name="api_return_cancellation"),
    path(f"{RETURN}label/", returns.ReturnLabel.as_view(), name="api_return_label"),
    path(f"{RETURN}receipt/", returns.ReturnReceipt.as_view(), name="api_return_receipt"),
    path(f"{RETURN}inspection/", returns.ReturnInspection.as_view(), name="api_return_inspection"),
    path(f"{RETURN}replacement/", returns.ReturnReplacement.as_view(), name="api_return_replacement"),
    path(f"{RETURN}photos/", returns.ReturnPhotos.as_view(), name="api_return_photos"),
    path("orders/<uuid:order_id>/shipment/", orders.OrderShipment.as_view(), name="api_order_shipment"),
    path("orders/<uuid:order_id>/hand-over/", orders.OrderHandOver.as_view(), name="api_order_hand_over"),
    path("quotes/", quotes.QuoteList.as_view(), name="api_quotes"),
    path(QUOTE, quotes.QuoteDetail.as_view(), name="api_quote"),
    path(f"{QUOTE}offers/", quotes.QuoteOffers.as_view(), name="api_quote_offers"),
    path(f"{QUOTE}acceptance/", quotes.QuoteAcceptance.as_view(), name="api_quote_acceptance"),
    path(f"{QUOTE}closing/", quotes.QuoteClosing.as_view(), name="api_quote_closing"),
    path(f"{QUOTE}agreement/", quotes.QuoteAgreement.as_view(), name="api_quote_agreement"),
    path("tenders/", tenders.TenderList.as_view(), name="api_tenders"),
    path(TENDER, tenders.TenderDetail.as_view(), name="api_tender"),
    path(f"{TENDER}bids/", tenders.TenderBids.as_view(), name="api_tender_bids"),
    path(f"{TENDER}choice/", tenders.TenderChoice.as_view(), name="api_tender_choice"),
    path(f"{TENDER}closing/", tenders.TenderClosing.as_view(), name="api_tender_closing"),
    path("shops/followed/", shops.FollowedShops.as_view(), name="api_followed_shops"),
    path("shops/<slug:slug>/", shops.Shop.as_view(), name="api_shop"),
    path("shops/<slug:slug>/following/", shops.Following.as_view(), name="api_following"),
    path("seller/shop/", shops.OwnShop.as_view(), name="api_own_shop"),
    path("seller/collections/", shops.Collections.as_view(), name="api_collections"),
    path("seller/collections/<uuid:collection_id>/", shops.CollectionDetail.as_view(), name="api_collection"),
    path("threads/", messages.Threads.as_view(), name="api_threads"),
    path(THREAD, messages.ThreadDetail.as_view(), name="api_thread"),
    path(f"{THREAD}messages/", messages.ThreadMessages.as_view(), name="api_thread_messages"),
    path(f"{THREAD}reading/", messages.ThreadReading.as_view(), name="api_thread_reading"),
    path(f"{THREAD}block/", messages.ThreadBlock.as_view(), name="api_thread_block"),
    path(f"{THREAD}files/<uuid:file_id>/", messages.ThreadFile.as_view(), name="api_thread_file"),
    path(f"{THREAD}messages/<uuid:said_id>/report/", messages.MessageReports.as_view(), name="api_message_report"),
    path("quick-replies/", messages.QuickReplies.as_view(), name="api_quick_replies"),
    path("quick-replies/<uuid:reply_id>/", messages.QuickReplyDetail.as_view(), name="api_quick_reply"),
    path("orders/<uuid:order_id>/promise/", remedies.OrderPromise.as_view(), name="api_order_promise"),
    path("agreements/", agreements.AgreementList.as_view(), name="api_agreements"),
    path(AGREEMENT, agreements.AgreementDetail.as_view(), name="api_agreement"),
    path(f"{AGREEMENT}plan/", agreements.AgreementPlan.as_view(), name="api_agreement_plan"),
    path(f"{AGREEMENT}acceptance/", agreements.AgreementAcceptance.as_view(), name="api_agreement_acceptance"),
    path(f"{AGREEMENT}closing/", agreements.AgreementClosing.as_view(), name="api_agreement_closing"),
    path(f"{STEP}payment/", agreements.StepPayment.as_view(), name="api_agreement_payment"),
    path(f"{STEP}proof/", agreements.StepProof.as_view(), name="api_agreement_proof"),
    path(f"{STEP}release/", agreements.StepRelease.as_view(), name="api_agreement_release"),
]

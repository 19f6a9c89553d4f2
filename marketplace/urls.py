"""Pages of the marketplace."""

from __future__ import annotations

from django.urls import path

from marketplace.addresses import views as addresses
from marketplace.agreements import views as agreements
from marketplace.approvals import views as approvals
from marketplace.batches import views as batches
from marketplace.buyers import views as buyers
from marketplace.carts import views as carts
from marketplace.catalog import bulk_views as bulk
from marketplace.catalog import photo_views as photos
from marketplace.catalog import pricing_views as pricing
from marketplace.catalog import variant_views as variants
from marketplace.catalog import version_views as versions
from marketplace.catalog import views as catalog
from marketplace.checkout import views as checkout
from marketplace.drafts import views as drafts
from marketplace.imports import views as imports
from marketplace.messages import views as messages
from marketplace.moderation import views as moderation
from marketplace.offers import views as offers
from marketplace.orders import parcel_views as order_parcels
from marketplace.orders import views as orders
from marketplace.orders.packing_views import order_packing
from marketplace.promotions import views as promotions
from marketplace.quotes import views as quotes
from marketplace.remedies import views as remedies
from marketplace.returns import seller_views as seller_returns
from marketplace.returns import views as returns
from marketplace.sellers import views as sellers
from marketplace.shops import views as shops
from marketplace.stock import views as stock
from marketplace.storefront import feeds, finding
from marketplace.storefront import views as storefront
from marketplace.tenders import views as tenders
from marketplace.withdrawals import views as withdrawals

TENDER = "tenders/<uuid:tender_id>/"
RETURN = "returns/<uuid:return_id>/"
AGREEMENT = "agreements/<uuid:agreement_id>/"
PARCEL = "orders/<uuid:order_id>/parcels/<uuid:parcel_id>/"
STEP = f"{AGREEMENT}steps/<uuid:step_id>/"
DRAFT = "sell/drafts/<uuid:draft_id>/"
QUOTE = "quotes/<uuid:quote_id>/"
THREAD = "messages/<uuid:thread_id>/"

urlpatterns = [
    path("", storefront.home, name="home"),
    path("search/", storefront.results_page, name="search"),
    path("search/suggestions/", finding.suggestions, name="suggestions"),
    path("saved-searches/", finding.saved_searches, name="saved_searches"),
    path("saved-searches/<uuid:search_id>/", finding.saved_search, name="saved_search"),
    path("sell/listings/<uuid:listing_id>/place/", finding.listing_place, name="listing_place"),
    path("compare/", storefront.compare, name="compare"),
    path("ranking/", storefront.ranking, name="ranking"),
    path("delivery-country/", storefront.delivery_country, name="delivery_country"),
    path("listings/<uuid:listing_id>/", storefront.listing_page, name="listing"),
    path("shops/<slug:slug>/", shops.shop_page, name="shop"),
    path("shops/<slug:slug>/following/", shops.following, name="following"),
    path("account/followed-shops/", shops.followed_shops, name="followed_shops"),
    path("sell/shop/", shops.edit_shop, name="edit_shop"),
    path("sell/shop/preview/", shops.shop_preview, name="shop_preview"),
    path("sell/shop/banner/", shops.shop_banner, name="shop_banner"),
    path("sell/shop/collections/", shops.collections, name="collections"),
    path("sell/shop/collections/<uuid:collection_id>/", shops.collection, name="collection"),
    path("sell/shop/collections/<uuid:collection_id>/removal/", shops.collection_removal, name="collection_removal"),
    path("shops/<slug:slug>/google-merchant.xml", feeds.google_merchant, name="google_merchant"),
    path("cart/", carts.cart, name="cart"),
    path("cart/lines/", carts.cart_lines, name="cart_lines"),
    path("cart/lines/<uuid:listing_id>/", carts.cart_line, name="cart_line"),
    path("cart/code/", carts.cart_code, name="cart_code"),
    path("account/addresses/", addresses.addresses, name="addresses"),
    path("account/addresses/new/", addresses.new_address, name="new_address"),
    path("account/addresses/<uuid:address_id>/", addresses.address, name="address"),
    path("account/addresses/<uuid:address_id>/removal/", addresses.address_removal, name="address_removal"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("checkout/review/", checkout.checkout_review, name="checkout_review"),
    path("purchases/<uuid:purchase_id>/", checkout.purchase, name="purchase"),
    path("account/buying/", buyers.buyer_profile, name="buyer_profile"),
    path("account/approvals/", approvals.approvals, name="approvals"),
    path("purchases/<uuid:purchase_id>/approval/", approvals.purchase_approval, name="purchase_approval"),
    path("purchases/<uuid:purchase_id>/pro-forma/", checkout.proforma, name="proforma"),
    path("purchases/<uuid:purchase_id>/payment/", checkout.payment, name="payment"),
    path("purchases/<uuid:purchase_id>/payment/return/", checkout.payment_return, name="payment_return"),
    path("purchases/<uuid:purchase_id>/cancellation/", checkout.purchase_cancellation, name="purchase_cancellation"),
    path("orders/", orders.orders, name="orders"),
    path("orders/export/", orders.orders_export, name="orders_export"),
    path("orders/<uuid:order_id>/", orders.order, name="order"),
    path("orders/<uuid:order_id>/cart/", orders.again, name="order_again"),
    path("orders/<uuid:order_id>/packing/", order_packing, name="order_packing"),
    path("orders/<uuid:order_id>/parcels/new/", order_parcels.new_parcel, name="new_parcel"),
    path(f"{PARCEL}hand-over/", order_parcels.parcel_hand_over, name="parcel_hand_over"),
    path(f"{PARCEL}customs.pdf", order_parcels.parcel_customs, name="parcel_customs"),
    path(f"{PARCEL}removal/", order_parcels.parcel_removal, name="parcel_removal"),
    path("orders/<uuid:order_id>/withdrawal/", withdrawals.order_withdrawal, name="order_withdrawal"),
    path("withdrawals/<uuid:withdrawal_id>/", withdrawals.withdrawal, name="withdrawal"),
    path("orders/<uuid:order_id>/reduction/", order_parcels.reduction, name="order_reduction"),
    path("orders/<uuid:order_id>/receipt/", orders.receipt, name="order_receipt"),
    path("orders/<uuid:order_id>/extension/", orders.inspection_extension, name="order_extension"),
    path("orders/<uuid:order_id>/cancellation/", orders.cancellation, name="order_cancellation"),
    path("orders/<uuid:order_id>/releases/", orders.release, name="order_release"),
    path("orders/<uuid:order_id>/returns/", returns.order_returns, name="order_returns"),
    path("returns/", returns.returns, name="returns"),
    path(RETURN, returns.return_, name="return"),
    path(f"{RETURN}approval/", returns.approval, name="return_approval"),
    path(f"{RETURN}refusal/", returns.refusal, name="return_refusal"),
    path(f"{RETURN}cancellation/", returns.cancellation, name="return_cancellation"),
    path(f"{RETURN}label/", returns.label, name="return_label"),
    path(f"{RETURN}hand-over/", returns.hand_over, name="return_hand_over"),
    path(f"{RETURN}receipt/", returns.receipt, name="return_receipt"),
    path(f"{RETURN}replacement/", returns.replacement, name="return_replacement"),
    path(f"{RETURN}photos/", returns.return_photos, name="return_photos"),
    path(f"{RETURN}photos/<uuid:photo_id>/", returns.return_photo, name="return_photo"),
    path("sell/returns/", seller_returns.seller_returns, name="seller_returns"),
    path("sell/returns/policies/", seller_returns.return_policies, name="return_policies"),
    path(
        "sell/returns/policies/<int:policy_id>/removal/", seller_returns.return_policy_removal,
        name="return_policy_removal",
    ),
    path("orders/<uuid:order_id>/shipment/", orders.shipment, name="order_shipment"),
    path("orders/<uuid:order_id>/hand-over/", orders.hand_over, name="order_hand_over"),
    path("orders/<uuid:order_id>/promise/", remedies.order_promise, name="order_promise"),
    path("orders/<uuid:order_id>/customs.pdf", orders.customs_papers, name="order_customs"),
    path("orders/<uuid:order_id>/packing-slip/", orders.packing_slip, name="order_packing_slip"),
    path("listings/<uuid:listing_id>/agreement/", agreements.new_agreement, name="new_agreement"),
    path("agreements/", agreements.agreements, name="agreements"),
    path("sell/agreements/", agreements.seller_agreements, name="seller_agreements"),
    path(AGREEMENT, agreements.agreement, name="agreement"),
    path(f"{AGREEMENT}plan/", agreements.plan, name="agreement_plan"),
    path(f"{AGREEMENT}acceptance/", agreements.acceptance, name="agreement_acceptance"),
    path(f"{AGREEMENT}closing/", agreements.closing, name="agreement_closing"),
    path(f"{STEP}payment/", agreements.step_payment, name="agreement_payment"),
    path(f"{STEP}payment/return/", agreements.step_return, name="agreement_payment_return"),
    path(f"{STEP}proof/", agreements.step_proof, name="agreement_proof"),
    path(f"{STEP}release/", agreements.step_release, name="agreement_release"),
    path("listings/<uuid:listing_id>/quote/", quotes.new_quote, name="new_quote"),
    path("quotes/", quotes.quotes, name="quotes"),
    path("sell/quotes/", quotes.seller_quotes, name="seller_quotes"),
    path(QUOTE, quotes.quote, name="quote"),
    path(f"{QUOTE}acceptance/", quotes.quote_acceptance, name="quote_acceptance"),
    path(f"{QUOTE}closing/", quotes.quote_closing, name="quote_closing"),
    path(f"{QUOTE}agreement/", quotes.quote_agreement, name="quote_agreement"),
    path("tenders/", tenders.tenders, name="tenders"),
    path("tenders/new/", tenders.new_tender, name="new_tender"),
    path("sell/tenders/", tenders.seller_tenders, name="seller_tenders"),
    path(TENDER, tenders.tender, name="tender"),
    path(f"{TENDER}choices/<uuid:quote_id>/", tenders.tender_choice, name="tender_choice"),
    path(f"{TENDER}closing/", tenders.tender_closing, name="tender_closing"),
    path(f"{TENDER}files/<uuid:file_id>/", tenders.tender_file, name="tender_file"),
    path("messages/", messages.threads, name="threads"),
    path("messages/new/<slug:kind>/<uuid:subject_id>/", messages.new_thread, name="new_thread"),
    path(THREAD, messages.thread, name="thread"),
    path(f"{THREAD}latest/", messages.thread_latest, name="thread_latest"),
    path(f"{THREAD}block/", messages.thread_block, name="thread_block"),
    path(f"{THREAD}files/<uuid:file_id>/", messages.thread_file, name="thread_file"),
    path(f"{THREAD}messages/<uuid:said_id>/report/", messages.message_report, name="message_report"),
    path("sell/quick-replies/", messages.quick_replies, name="quick_replies"),
    path("sell/quick-replies/<uuid:reply_id>/removal/", messages.quick_reply_removal, name="quick_reply_removal"),
    path("sell/", sellers.sell, name="sell"),
    path("sell/shop-opening/", sellers.shop_opening, name="shop_opening"),
    path("sell/listings/", catalog.own_listings, name="listings"),
    path("sell/listings/new/", drafts.new_listing, name="new_listing"),
    path("sell/listings/changes/", bulk.listing_changes, name="listing_changes"),
    path("sell/drafts/", drafts.drafts, name="drafts"),
    path(f"{DRAFT}removal/", drafts.draft_removal, name="draft_removal"),
    path(f"{DRAFT}end/", drafts.draft_end, name="draft_end"),
    path(f"{DRAFT}<slug:step>/", drafts.draft_step, name="draft_step"),
    path(f"{DRAFT}<slug:step>/autosave/", drafts.draft_autosave, name="draft_autosave"),
    path("sell/listings/<uuid:listing_id>/versions/", versions.listing_versions, name="listing_versions"),
    path(
        "sell/listings/<uuid:listing_id>/versions/<int:version>/restoration/", versions.version_restoration,
        name="version_restoration",
    ),
    path("sell/listings/<uuid:listing_id>/schedule/", catalog.listing_schedule, name="listing_schedule"),
    path("sell/listings/<uuid:listing_id>/stock-alert/", catalog.listing_stock_alert, name="listing_stock_alert"),
    path("sell/listings/<uuid:listing_id>/copy/", catalog.listing_copy, name="listing_copy"),
    path("sell/listings/<uuid:listing_id>/photos/<uuid:photo_id>/", photos.listing_photo, name="listing_photo"),
    path("sell/listings/<uuid:listing_id>/", catalog.edit_listing, name="edit_listing"),
    path("sell/listings/<uuid:listing_id>/review/", moderation.listing_review, name="listing_review"),
    path("sell/review-documents/<uuid:document_id>/", moderation.review_document, name="review_document"),
    path("sell/listings/<uuid:listing_id>/photos/", photos.listing_photos, name="listing_photos"),
    path(
        "sell/listings/<uuid:listing_id>/photos/<uuid:photo_id>/removal/", photos.listing_photo_removal,
        name="listing_photo_removal",
    ),
    path("sell/listings/<uuid:listing_id>/publication/", catalog.listing_publication, name="listing_publication"),
    path("sell/listings/<uuid:listing_id>/prices/", pricing.listing_prices, name="listing_prices"),
    path("sell/listings/<uuid:listing_id>/handling/", catalog.listing_handling, name="listing_handling"),
    path("sell/listings/<uuid:listing_id>/safety/", catalog.listing_safety, name="listing_safety"),
    path("sell/listings/<uuid:listing_id>/variants/", variants.listing_variants, name="listing_variants"),
    path("sell/listings/<uuid:listing_id>/terms/", pricing.listing_terms, name="listing_terms"),
    path("sell/listings/<uuid:listing_id>/reduction/", pricing.listing_reduction, name="listing_reduction"),
    path("sell/listings/<uuid:listing_id>/quick-edit/", catalog.listing_quick_edit, name="listing_quick_edit"),
    path("sell/listings/export/", imports.listings_export, name="listings_export"),
    path("sell/stock/", stock.stock, name="stock"),
    path("sell/stock/export/", stock.stock_export, name="stock_export"),
    path("sell/stock/counts/", stock.stock_counts, name="stock_counts"),
    path("sell/stock/places/", stock.stock_locations, name="stock_locations"),
    path("sell/stock/places/new/", stock.new_stock_location, name="new_stock_location"),
    path("sell/stock/places/<uuid:location_id>/", stock.stock_location, name="stock_location"),
    path(
        "sell/stock/places/<uuid:location_id>/closing/", stock.stock_location_closing, name="stock_location_closing"
    ),
    path("sell/stock/<uuid:listing_id>/", stock.listing_stock, name="listing_stock"),
    path("sell/stock/<uuid:listing_id>/adjustments/", stock.stock_adjustment, name="stock_adjustment"),
    path("sell/stock/<uuid:listing_id>/transfers/", stock.stock_transfer, name="stock_transfer"),
    path("sell/codes/", promotions.promotions, name="promotions"),
    path("sell/codes/<uuid:promotion_id>/stop/", promotions.promotion_stop, name="promotion_stop"),
    path("sell/matches/", offers.matches, name="matches"),
    path("sell/matches/<uuid:match_id>/decision/", offers.match_decision, name="match_decision"),
    path("sell/imports/", imports.imports, name="imports"),
    path("sell/imports/template/", imports.import_template, name="import_template"),
    path("sell/imports/<uuid:import_id>/", imports.listing_import, name="listing_import"),
    path("sell/imports/<uuid:import_id>/start/", imports.import_start, name="import_start"),
    path("sell/imports/<uuid:import_id>/undo/", imports.import_undo, name="import_undo"),
    path("sell/imports/<uuid:import_id>/errors/", imports.import_errors, name="import_errors"),
    path("sell/orders/", orders.sales, name="sales"),
    path("sell/orders/batches/", batches.order_batches, name="order_batches"),
    path("sell/orders/batches/<uuid:batch_id>/", batches.order_batch, name="order_batch"),
    path("sell/orders/packing-slips/", batches.packing_slips, name="packing_slips"),
    path("sell/orders/export/", orders.sales_export, name="sales_export"),
]  # fmt: skip

"""Pages of reviews: below a listing, in an order, and the seller's answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.web.actions import add_error
from core.web.requests import actor_of, member_required
from marketplace import facade as marketplace
from marketplace.contracts import OrderView
from trust.reviews import selectors, services
from trust.reviews.forms import AnswerForm, ReviewForm
from trust.reviews.models import Review
from trust.reviews.rules import average_hundredths, is_reviewable

PAGE_SIZE = 10


@require_GET
def listing_reviews(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """What buyers say about a listing; for everyone."""
    listing = marketplace.list_listings([listing_id]).get(listing_id)
    reviews = selectors.published_reviews(listing_id)
    counts = selectors.rating_counts(reviews)
    number = sum(counts.values())
    if listing is None or not (listing.is_published or number):
        raise Http404
    page = Paginator(reviews, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "listing": listing, "page_obj": page, "reviews": selectors.review_views(page), "count": number,
        "average": average_hundredths(counts) / 100,
        "histogram": [(_("%(n)s stars") % {"n": rating}, counts[rating]) for rating in sorted(counts, reverse=True)],
    }  # fmt: skip
    is_panel = request.GET.get("panel") == "1" or request.headers.get("HX-Request") == "true"
    return render(request, "trust/reviews_panel.html" if is_panel else "trust/reviews.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def order_reviews(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """One form for each line of a delivered order (its buyer); what was said before is shown."""
    actor = actor_of(request)
    order = marketplace.get_order_for(order_id=order_id, actor=actor)
    if not actor.acts_for(order.buyer_id):
        raise Http404
    sent = (
        ReviewForm(request.POST, auto_id=f"id_{request.POST.get('line', '')}_%s") if request.method == "POST" else None
    )
    if sent is not None and sent.is_valid():
        data = sent.cleaned_data
        try:
            services.post_review(
                order_id=order_id, line_id=data["line"], rating=data["rating"], title=data["title"],
                text=data["text"], actor=actor, now=utc_now(),
            )  # fmt: skip
            return redirect("order_reviews", order_id)
        except NotFound:
            raise
        except DomainError as error:
            add_error(sent, error)
    is_panel = request.GET.get("panel") == "1" or request.headers.get("HX-Request") == "true"
    context = {"order": order, "rows": _rows(order, sent), "can_review": is_reviewable(order), "is_panel": is_panel}
    return render(request, "trust/order_reviews_panel.html" if is_panel else "trust/order_reviews.html", context)


def _rows(order: OrderView, sent: ReviewForm | None) -> list[dict[str, Any]]:
    """Each line with its review or its form."""
    done = selectors.reviewed_lines(order.order_id)
    rows = []
    for line in order.lines:
        mine = sent is not None and str(sent.data.get("line")) == str(line.line_id)
        form = sent if mine else ReviewForm(initial={"line": line.line_id}, auto_id=f"id_{line.line_id}_%s")
        rows.append({"line": line, "review": done.get(line.line_id), "form": form})
    return rows


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def seller_reviews(request: HttpRequest) -> HttpResponse:
    """Reviews of the seller's goods, each with its answer or the form to give it."""
    actor = actor_of(request)
    seller = marketplace.find_seller(actor.organisation_id)
    if seller is None:
        return redirect("sell")
    sent = AnswerForm(request.POST) if request.method == "POST" else None
    review_id = request.POST.get("review", "")
    if sent is not None and sent.is_valid():
        try:
            services.answer_review(
                review_id=_uuid(review_id), text=sent.cleaned_data["text"], actor=actor, now=utc_now()
            )  # fmt: skip
            return redirect("seller_reviews")
        except NotFound:
            raise
        except DomainError as error:
            add_error(sent, error)
    found = selectors.reviews_of_seller(seller.seller_id)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [_answer_row(review, sent if str(review.id) == review_id else None) for review in page]
    counts = selectors.rating_counts(found)
    context = {"page_obj": page, "rows": rows, "count": sum(counts.values()),
               "average": average_hundredths(counts) / 100}  # fmt: skip
    return render(request, "trust/seller_reviews.html", context)


def _answer_row(review: Review, sent: AnswerForm | None) -> dict[str, Any]:
    return {"review": review, "form": sent or AnswerForm(auto_id=f"id_{review.id}_%s")}


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None

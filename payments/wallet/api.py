"""REST: the wallet."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView
from core.clock import utc_now
from payments.contracts import SavedMethodNotFound
from payments.wallet import selectors, services
from payments.wallet.serializers import SavedMethodChangeSerializer, SavedMethodSerializer


class WalletApiView(ApiView):
    read_scope = "payments:read"
    write_scope = "payments:write"


class SavedMethods(WalletApiView):
    @extend_schema(responses=SavedMethodSerializer(many=True), operation_id="payments_method_list", tags=["payments"])
    def get(self, request: Request) -> Response:
        """Kept payment methods of the caller's organisation, the default first (at most 20)."""
        if self.actor.organisation_id is None:
            raise SavedMethodNotFound()
        rows = selectors.list_methods(self.actor.organisation_id, now=utc_now())
        return Response(SavedMethodSerializer(rows, many=True).data)


class SavedMethodDetail(WalletApiView):
    @extend_schema(responses=SavedMethodSerializer, operation_id="payments_method_retrieve", tags=["payments"])
    def get(self, request: Request, method_id: UUID) -> Response:
        """A kept payment method, for its owner."""
        return Response(SavedMethodSerializer(selectors.get_method_for(method_id, self.actor, now=utc_now())).data)

    @extend_schema(
        request=SavedMethodChangeSerializer, responses=SavedMethodSerializer, operation_id="payments_method_update",
        tags=["payments"],
    )  # fmt: skip
    def patch(self, request: Request, method_id: UUID) -> Response:
        """Name it, or make it the default."""
        selectors.get_method_for(method_id, self.actor, now=utc_now())
        shape = SavedMethodChangeSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        view = services.change_method(
            method_id=method_id, label=shape.validated_data.get("label"), actor=self.actor, now=utc_now(),
            make_default=shape.validated_data["is_default"],
        )  # fmt: skip
        return Response(SavedMethodSerializer(view).data)

    @extend_schema(responses={204: None}, operation_id="payments_method_forget", tags=["payments"])
    def delete(self, request: Request, method_id: UUID) -> Response:
        """Forget it, here and at the provider."""
        services.forget_method(method_id=method_id, actor=self.actor, now=utc_now())
        return Response(status=204)

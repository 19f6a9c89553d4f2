"""REST: who calls, and API tokens."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotAllowed, NotFound
from core.identity import services
from core.identity.models import ApiToken
from core.identity.selectors import list_tokens
from core.identity.serializers import MeSerializer, NewTokenSerializer, TokenSerializer


class MeView(ApiView):
    """Who this session or token acts as."""

    @extend_schema(responses=MeSerializer, operation_id="me_retrieve", tags=["identity"])
    def get(self, request: Request) -> Response:
        actor = self.actor
        return Response(MeSerializer({
            "kind": actor.kind.value, "name": actor.label, "user_id": actor.user_id,
            "organisation_id": actor.organisation_id, "role": actor.role.value if actor.role else None,
            "scopes": sorted(actor.scopes) if actor.scopes is not None else None,
        }).data)  # fmt: skip


class PersonsOnlyView(ApiView):
    """A token cannot read, make or revoke tokens: a leaked one must not multiply."""

    def organisation_id(self) -> UUID:
        if isinstance(self.request.auth, ApiToken):
            raise NotAllowed("Tokens are managed by people.", remedy="Use a browser session.")
        if self.actor.organisation_id is None:
            raise NotFound()
        return self.actor.organisation_id


class TokenListView(PersonsOnlyView):
    """Tokens of the organisation (at most 100, newest first)."""

    @extend_schema(responses=TokenSerializer(many=True), operation_id="tokens_list", tags=["identity"])
    def get(self, request: Request) -> Response:
        return Response(TokenSerializer(list_tokens(self.organisation_id()), many=True).data)

    @extend_schema(
        request=TokenSerializer, responses={201: NewTokenSerializer}, operation_id="tokens_create", tags=["identity"]
    )
    def post(self, request: Request) -> Response:
        self.organisation_id()
        shape = TokenSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data = shape.validated_data
        token, plain = services.issue_token(actor=self.actor, name=data["name"], scopes=data["scopes"], now=utc_now())
        return Response({**TokenSerializer(token).data, "token": plain}, status=201)


class TokenView(PersonsOnlyView):
    """One token."""

    @extend_schema(responses={204: None}, operation_id="tokens_revoke", tags=["identity"])
    def delete(self, request: Request, token_id: UUID) -> Response:
        """Revoke it; revoking twice changes nothing."""
        self.organisation_id()
        services.revoke_token(actor=self.actor, token_id=token_id, now=utc_now())
        return Response(status=204)

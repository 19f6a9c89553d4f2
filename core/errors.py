"""Domain errors: facts about why a command was refused, each with a stable code for the API and words for people.

Subclass `DomainError` with a fact as name (`OrderAlreadyShipped`). The web shell shows `message` and `remedy`; the API
turns them into RFC 9457 problem documents. Nothing has changed when one is raised.
"""

from __future__ import annotations

from typing import ClassVar


class DomainError(Exception):
    """Base of all refusals. `status` is the HTTP status of the problem document."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    message: str = "The request was refused."
    remedy: str = ""

    def __init__(self, message: str | None = None, *, field: str | None = None, remedy: str | None = None) -> None:
        if message is not None:
            self.message = message
        if remedy is not None:
            self.remedy = remedy
        self.field = field
        super().__init__(self.message)


class NotFound(DomainError):
    """There is no such thing, or it is not for this actor to see."""

    code = "not_found"
    status = 404
    message = "Not found."


class NotAllowed(DomainError):
    """The actor may see the thing but not do this to it."""

    code = "not_allowed"
    status = 403
    message = "You are not allowed to do this."


class InvalidInput(DomainError):
    """A value is wrong; `field` names it and `remedy` says what would be right."""

    code = "invalid_input"
    status = 422
    message = "A value is not valid."


class TransitionRefused(DomainError):
    """The state machine has no such edge from where the thing stands."""

    code = "transition_refused"
    message = "This is not possible in the current state."

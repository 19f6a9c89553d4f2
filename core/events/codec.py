"""Events to JSON values, back again, and to JSON Schema; driven by the dataclass annotations alone."""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from core.events.base import Event, event_class
from core.money import Money

Json = dict[str, Any]


_WRITERS: dict[Any, Callable[[Any], Any]] = {UUID: str, str: str, datetime: datetime.isoformat}
_HINTS: dict[Any, dict[str, Any]] = {}


def _hints(cls: Any) -> dict[str, Any]:
    """Field name -> type of a dataclass, worked out once."""
    if cls not in _HINTS:
        hints = get_type_hints(cls)
        _HINTS[cls] = {field.name: hints[field.name] for field in fields(cls)}
    return _HINTS[cls]


def encode(event: Event) -> Json:
    """JSON-ready payload of `event`."""
    cls: Any = type(event)
    return {name: write(getattr(event, name)) for name, write in _writers(cls)}


@cache
def _writers(cls: Any) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """Field name -> how its values are written; told from the annotation where that says enough."""
    return tuple((name, _WRITERS.get(hint, _encode_value)) for name, hint in _hints(cls).items())


def _encode_value(value: Any) -> Any:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_encode_value(item) for item in value]
    if is_dataclass(value):
        return {name: _encode_value(getattr(value, name)) for name in _hints(type(value))}
    return value


def decode(wire_name: str, payload: Json) -> Event:
    """The event a payload stands for. Raises KeyError on an unknown name or a missing field."""
    event: Event = _decode_dataclass(event_class(wire_name), payload)
    return event


@cache
def _optional(cls: type) -> frozenset[str]:
    """Fields with a default may be missing from payloads: those written before the field was added."""
    return frozenset(field.name for field in fields(cls) if field.default is not MISSING)


def _decode_dataclass(cls: type, payload: Json) -> Any:
    optional = _optional(cls)
    return cls(**{
        name: _decode_value(hint, payload[name])
        for name, hint in _hints(cls).items()
        if name in payload or name not in optional
    })  # fmt: skip


def _decode_value(hint: Any, value: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        (inner,) = (arg for arg in get_args(hint) if arg is not type(None))
        return _decode_value(inner, value)
    if origin is tuple:
        return tuple(_decode_value(get_args(hint)[0], item) for item in value)
    if hint is Money:
        return Money(value["minor"], value["currency"])
    if hint is UUID:
        return UUID(value)
    if hint in (datetime, date):
        return hint.fromisoformat(value)
    if is_dataclass(hint):
        return _decode_dataclass(hint, value)  # type: ignore[arg-type]
    return hint(value) if isinstance(hint, type) and issubclass(hint, StrEnum) else value


def json_schema(cls: type[Event]) -> Json:
    """JSON Schema (2020-12) of an event's payload; docs/events holds one file for each."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": cls.wire_name,
        "description": " ".join((cls.__doc__ or "").split()),
        **_schema_of_dataclass(cls),
    }


def _schema_of_dataclass(cls: type) -> Json:
    properties = {name: _schema_of(hint) for name, hint in _hints(cls).items()}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


_SCALARS: dict[Any, Json] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
}


def _schema_of(hint: Any) -> Json:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        (inner,) = (arg for arg in get_args(hint) if arg is not type(None))
        return {"anyOf": [_schema_of(inner), {"type": "null"}]}
    if origin is tuple:
        return {"type": "array", "items": _schema_of(get_args(hint)[0])}
    if hint is Money:
        return _schema_of_dataclass(Money)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {"type": "string", "enum": [member.value for member in hint]}
    if is_dataclass(hint):
        return _schema_of_dataclass(hint)  # type: ignore[arg-type]
    return dict(_SCALARS[hint])

"""Reading what a bank sends: XML without surprises, found by local names.

The parser resolves no entities, loads no DTD, opens no network and bounds the size.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from core.errors import DomainError

MAX_BYTES = 20 * 1024 * 1024


class InvalidStatement(DomainError):
    """The file is not a readable message of a bank; nothing was stored."""

    code = "invalid_statement"
    status = 422
    message = "This is not a bank statement we can read."


def parse_xml(content: bytes) -> Any:
    """The root element. Raises InvalidStatement: not XML, or with a document type."""
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content.lstrip(b" \t\r\n"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidStatement(remedy=str(error)[:200]) from None
    if str(getattr(root.getroottree().docinfo, "doctype", "")):
        raise InvalidStatement(remedy="A statement has no document type.")
    return root


def local_name(element: Any) -> str:
    return str(etree.QName(element).localname)


def children_of(element: Any, name: str) -> list[Any]:
    if element is None:
        return []
    return [child for child in element if isinstance(child.tag, str) and local_name(child) == name]


def child_of(element: Any, name: str) -> Any:
    found = children_of(element, name)
    return found[0] if found else None


def first_of(element: Any, *names: str) -> Any:
    return next((child for name in names if (child := child_of(element, name)) is not None), None)


def text_of(element: Any, name: str) -> str:
    return own_text(child_of(element, name))


def first_text(element: Any, *names: str) -> str:
    return next((text for name in names if (text := text_of(element, name))), "")


def own_text(element: Any) -> str:
    return " ".join((element.text or "").split()) if element is not None else ""

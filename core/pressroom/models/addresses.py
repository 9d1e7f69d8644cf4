"""When two ways of writing an address mean the same person."""

from __future__ import annotations

import unicodedata
from encodings import idna

from pressroom.models.values import clean


def address_key(text: str) -> str:
    """An address as it is compared: without a name around it, case aside, its domain in ASCII.

    `Ann <Ann@Bücher.Example>` and `ann@xn--bcher-kva.example` are one. The part before the @ is compared without
    case as well, as every mail provider of note does. What is no mail address is only folded.
    """
    text = clean(text).strip()
    if text.endswith(">") and "<" in text:
        text = text.rpartition("<")[2].rstrip(">").strip()
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    local, at, domain = folded.rpartition("@")
    return f"{local}@{_ascii(domain)}" if at else folded


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return ".".join(idna.ToASCII(label).decode("ascii") for label in domain.split("."))
    except UnicodeError:
        return domain

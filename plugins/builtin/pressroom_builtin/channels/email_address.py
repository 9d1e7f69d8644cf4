"""Mail addresses: `Name <local@domain>`, checked, with the domain as the wire has it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address
from fnmatch import fnmatchcase
from functools import lru_cache

from pressroom.templating import one_line

_WITH_NAME = re.compile(r"^\s*(?P<name>[^<>]*?)\s*<(?P<address>[^<>]*)>\s*$")
# names of closed networks, which the library takes for mistakes
_PRIVATE_DOMAINS = ("local", "localhost", "internal")
_STAND_IN = ".example.org"


@dataclass(frozen=True)
class Mailbox:
    """An address that was checked.

    Attributes:
        name: what a person is called; may be empty.
        local: the part before the @.
        domain: the part after it, in ASCII (IDNA).
        shown_domain: the same as people write it.
    """

    name: str
    local: str
    domain: str
    shown_domain: str

    @property
    def address(self) -> str:
        """What the wire has."""
        return f"{self.local}@{self.domain}"

    @property
    def international(self) -> bool:
        """True where the server must know SMTPUTF8."""
        return not self.local.isascii()

    def header(self) -> Address:
        """What a header has."""
        return Address(self.name, self.local, self.domain)

    def matches(self, patterns: tuple[str, ...]) -> bool:
        """True where one of the globs matches, case aside; the domain may be written either way."""
        forms = {f"{self.local}@{domain}".casefold() for domain in (self.domain, self.shown_domain)}
        return any(fnmatchcase(form, pattern.casefold()) for form in forms for pattern in patterns)


def header_text(text: str, limit: int = 500) -> str:
    """Text for a header: one line, and nothing that reads as an encoded word.

    Python's `email` decodes such words when a header is set and writes what they hold, line ends included.
    """
    return one_line(text, limit).replace("=?", "= ?")


@lru_cache(maxsize=4096)
def mailbox(text: str) -> Mailbox:
    """Read `local@domain` or `Name <local@domain>`.

    Raises:
        ValueError: what is wrong with the address.
    """
    from email_validator import EmailNotValidError, validate_email

    matched = _WITH_NAME.match(text)
    name, address = (matched["name"].strip('"'), matched["address"]) if matched else ("", text)
    private = address.rpartition("@")[2].casefold().rpartition(".")[2] in _PRIVATE_DOMAINS
    try:
        checked = validate_email(
            address.strip(" ") + (_STAND_IN if private else ""),
            check_deliverability=False,
            globally_deliverable=False,
            test_environment=True,
            strict=True,
        )
    except (EmailNotValidError, UnicodeError) as error:
        raise ValueError(f"{one_line(text, 120)!r} is no mail address: {one_line(str(error), 300)}") from error
    if "=?" in checked.local_part:
        raise ValueError(f"{one_line(text, 120)!r} is no mail address that can be written to: it holds =?")
    end = -len(_STAND_IN) if private else None
    return Mailbox(header_text(name, 120), checked.local_part, checked.ascii_domain[:end], checked.domain[:end])

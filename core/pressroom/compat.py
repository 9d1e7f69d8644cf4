"""Which hosts a plugin works with: what its distribution requires of Pressroom, and what its module says.

    dependencies = ["pressroom>=0.1,<0.3"]     in pyproject.toml: pip keeps to it, and so does the host
    NEEDS_PRESSROOM = ">=0.1,<0.3"             in the module, for one that is no distribution of its own

pip looks once, when something is installed; the host looks at every start, so that a host that was upgraded
lists the plugin with the reason instead of failing somewhere inside it.
"""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pressroom import __version__

NEEDS = "NEEDS_PRESSROOM"
"""Name of the module's own statement."""
HOST = "pressroom"
_CLAUSE = re.compile(r"(~=|==|!=|<=|>=|<|>)?\s*v?(\d+(?:\.\d+)*)(\.\*)?[^,]*")
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?\s*\(?([^;)]*)\)?\s*(?:;(.*))?")
_FIELDS = ("Name", "Version")
Release = tuple[int, ...]


@dataclass(frozen=True)
class Distribution:
    """What an installed distribution says of itself.

    Attributes:
        needs: the versions of Pressroom that it requires, such as `>=0.1,<0.3`; empty for any.
    """

    name: str
    version: str
    needs: str = ""

    @classmethod
    def of(cls, found: importlib.metadata.Distribution) -> Distribution:
        """Read it; a tenth of what the parser of mails takes that the standard library reads it with."""
        text = found.read_text("METADATA")
        if text is None:
            return cls(found.name, found.version, _needs(found.requires or ()))
        head = [line.partition(": ") for line in text.partition("\n\n")[0].splitlines()]
        values = {key: value for key, _, value in head if key in _FIELDS}
        required = [value for key, _, value in head if key == "Requires-Dist"]
        return cls(values.get("Name", ""), values.get("Version", ""), _needs(required))


def misfit(needs: str, version: str = __version__) -> str:
    """Why a host does not fit what a plugin needs; empty where it does.

    Args:
        needs: clauses such as `>=0.2,<0.4`; a bare `0.2` is a lower bound. What cannot be read counts as met.
        version: the host's.
    """
    for clause in needs.split(","):
        matched = _CLAUSE.fullmatch(clause.strip())
        if matched and not _met(matched, version):
            return f"needs Pressroom {needs.strip()}; this is {version}"
    return ""


def too_old(needs: str, version: str = __version__) -> bool:
    """Whether a host that does not fit is older than what is needed, rather than newer."""
    bounds = (_CLAUSE.fullmatch(clause.strip()) for clause in needs.split(","))
    lower = [found for found in bounds if found and found[1] in {None, ">=", ">", "~=", "=="}]
    host = _padded(_release(version))
    return any(not _met(found, version) and host <= _padded(_release(found[2])) for found in lower)


def by_distribution(
    entry_points: Iterable[importlib.metadata.EntryPoint],
) -> list[tuple[importlib.metadata.EntryPoint, Distribution]]:
    """Each with its distribution, which is read once; built-ins first, so that nobody takes over one of their names."""
    read: dict[int, Distribution] = {}
    found = []
    for entry in entry_points:
        if entry.dist is None:
            distribution = Distribution(entry.value, "")
        elif id(entry.dist) in read:
            distribution = read[id(entry.dist)]
        else:
            distribution = read[id(entry.dist)] = Distribution.of(entry.dist)
        found.append((entry, distribution))
    return sorted(found, key=lambda pair: (pair[1].name != HOST, pair[1].name, pair[0].name))


def _needs(required: list[str] | tuple[str, ...]) -> str:
    """The clauses on Pressroom; a requirement of an extra counts for nobody."""
    for text in required:
        matched = _REQUIREMENT.fullmatch(text.strip())
        if matched and matched[1].lower() == HOST and "extra" not in (matched[3] or ""):
            return matched[2].strip()
    return ""


def _met(clause: re.Match[str], version: str) -> bool:
    operator, wanted, host = clause[1] or ">=", _release(clause[2]), _release(version)
    if clause[3]:
        starts = host[: len(wanted)] == wanted
        return starts if operator == "==" else not starts
    if operator == "~=":
        return _padded(host) >= _padded(wanted) and host[: len(wanted) - 1] == wanted[:-1]
    compare: dict[str, Callable[[Release, Release], bool]] = {
        ">=": lambda one, other: one >= other,
        "<=": lambda one, other: one <= other,
        ">": lambda one, other: one > other,
        "<": lambda one, other: one < other,
        "==": lambda one, other: one == other,
        "!=": lambda one, other: one != other,
    }
    return compare[operator](_padded(host), _padded(wanted))


def _release(text: str) -> Release:
    """The numbers of a version; a pre-release counts as the release that it leads to."""
    matched = re.match(r"v?(\d+(?:\.\d+)*)", text)
    return tuple(int(part) for part in matched[1].split(".")) if matched else ()


def _padded(release: Release) -> Release:
    return (*release, *(0,) * (6 - len(release)))

"""What the YAML reader says, in words that tell a person what to change."""

from __future__ import annotations

import re

import yaml

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_INDENTATION = "this line's indentation does not fit: keys and '- ' of one level stand in one column"
_HINTS = (
    ("mapping values are not allowed", "a text that holds ': ' needs quotes; or this line is indented too far"),
    ("could not find expected ':'", "a key needs ': ' and a value after it"),
    ("did not find expected ',' or ']'", "a list in [ ] lacks a comma or its ]"),
    ("did not find expected ',' or '}'", "a mapping in { } lacks a comma or its }"),
    ("expected ',' or ']'", "a list in [ ] lacks a comma or its ]"),
    ("expected ',' or '}'", "a mapping in { } lacks a comma or its }"),
    ("did not find expected key", _INDENTATION),
    ("did not find expected '-' indicator", _INDENTATION),
    ("expected <block end>", _INDENTATION),
    ("unexpected end of stream", "a quote is opened and never closed"),
    ("unknown escape character", "in double quotes \\ begins an escape; write \\\\ or use single quotes"),
    ("invalid Unicode character", "that escape is no character; write the character itself"),
    ("expected <document start>", "text after a document's end; begin another with ---"),
    ("unexpected document indicator", "a quote is opened and not closed before ---"),
    ("duplicate %YAML", "one %YAML line is enough"),
    ("incompatible YAML", "leave the %YAML line out"),
)


class Unreadable(Exception):
    """The rest of a file cannot be read.

    Args:
        message: why, and what to do.
        line: where, from 1.
        path: dotted path of the value at fault.
    """

    def __init__(self, message: str, line: int | None = None, path: str = "") -> None:
        super().__init__(message)
        self.message, self.line, self.path = message, line, path


def decode(data: bytes, *, json: bool = False) -> str:
    """The text of a file.

    Args:
        data: UTF-8, a byte order mark is dropped.
        json: join escaped surrogate pairs, which JSON has and YAML has not.

    Raises:
        Unreadable: it is not UTF-8, or holds control characters.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("is UTF-16; save it as UTF-8", 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"is not UTF-8 (byte 0x{data[error.start]:02x}); save it as UTF-8", line) from None
    found = _FORBIDDEN.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        raise Unreadable(f"holds the control character U+{ord(found.group()):04X} at column {column}; remove it", line)
    return _PAIR.sub(_joined, text) if json else text


def _joined(match: re.Match[str]) -> str:
    high, low = int(match.group(2), 16), int(match.group(3), 16)
    return f"{match.group(1)}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


def explain_syntax(error: yaml.YAMLError, text: str) -> tuple[str, int | None]:
    """What is wrong with a text and the line, from 1, of an error of PyYAML."""
    mark = getattr(error, "problem_mark", None)
    said = str(getattr(error, "problem", None) or error)
    begun = getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else None
    where = f" (column {mark.column + 1})" if mark else ""
    hint = next((hint for words, hint in _HINTS if words in said), said)
    if mark and "cannot start any token" in said:
        sign = text[mark.index : mark.index + 1]
        hint = "a tab cannot indent; use blanks" if sign == "\t" else f"a value that begins with {sign} needs quotes"
    if begun is not None and line is not None and begun.line + 1 < line and _opens(getattr(error, "context", "")):
        hint += f"; it begins on line {begun.line + 1}"
    return f"broken YAML{where}: {hint}", line


def _opens(context: str | None) -> bool:
    return any(words in str(context) for words in ("flow sequence", "flow mapping", "quoted scalar"))

"""How arithmetic over names is written and read; what it means is said where it is used.

    expression = term (("+" | "-") term)*        a name is a word, or anything in double quotes
    term       = unary (("*" | "/") unary)*      functions: abs, round, min, max, coalesce
    unary      = ("+" | "-") unary | number | name | function "(" expression, ... ")" | "(" expression ")"

Nothing else can be written, so an expression is safe whoever wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from pressroom.errors import QueryError

MAX_LENGTH = 2000
MAX_DEPTH = 50
MAX_TOKENS = 300
"""Longer chains of operators would nest deeper than Python and Polars recurse."""
FUNCTIONS = {"abs": (1, 1), "round": (1, 2), "min": (2, 20), "max": (2, 20), "coalesce": (2, 20)}
"""Functions with the least and the most arguments they take."""
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)"
    r"|(?P<quoted>\"(?:[^\"]|\"\")+\")|(?P<sign>[-+*/(),]))"
)

Node = tuple[str, tuple["Node | str | float", ...]]
"""An operator or function with its operands; `name` and `number` hold a leaf."""


class Parser:
    """Recursive descent over the tokens, one method a rule of the grammar.

    Args:
        text: what is read.

    Raises:
        QueryError: it is too long, or holds what is no token.
    """

    token: ClassVar[re.Pattern[str]] = _TOKEN
    wanted: ClassVar[str] = "a name, a number or '('"
    """What stands where a value does, for messages."""
    readable: ClassVar[str] = "names, numbers, + - * / ( )"
    functions: ClassVar[tuple[str, ...]] = tuple(FUNCTIONS)

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise QueryError(f"an expression of {len(text)} characters; at most {MAX_LENGTH} are read")
        self.text = text
        self.names: set[str] = set()
        self._tokens = list(self._scan())
        if len(self._tokens) > MAX_TOKENS:
            raise QueryError(f"an expression of {len(self._tokens)} names, numbers and signs; at most {MAX_TOKENS}")
        self._at = 0
        self._depth = 0

    def _scan(self) -> Iterator[tuple[str, str, int]]:
        place = 0
        while self.text[place:].strip():
            found = self.token.match(self.text, place)
            if found is None:
                left = self.text[place:].lstrip()
                raise QueryError(f"cannot read {left[:20]!r}; write {self.readable} and {', '.join(self.functions)}")
            assert found.lastgroup is not None
            yield found.lastgroup, found[found.lastgroup], found.start(found.lastgroup)
            place = found.end()
        yield "end", "", len(self.text)

    def _next(self, *signs: str) -> str | None:
        kind, value, _ = self._tokens[self._at]
        if kind == "sign" and value in signs:
            self._at += 1
            return value
        return None

    def _wrong(self, wanted: str) -> QueryError:
        kind, value, place = self._tokens[self._at]
        found = "the end" if kind == "end" else f"{value!r} at character {place + 1}"
        return QueryError(f"{self.text!r}: expected {wanted}, found {found}")

    def expect_end(self) -> None:
        """See that nothing is left.

        Raises:
            QueryError: something is.
        """
        if self._tokens[self._at][0] != "end":
            raise self._wrong("an operator or the end")

    def _expect(self, sign: str) -> None:
        if self._next(sign) is None:
            raise self._wrong(repr(sign))

    def expression(self) -> Node:
        """A sum of terms.

        Raises:
            QueryError: there is none here.
        """
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QueryError(f"brackets and signs nested deeper than {MAX_DEPTH}")
        node = self._term()
        while sign := self._next("+", "-"):
            node = (sign, (node, self._term()))
        self._depth -= 1
        return node

    def _term(self) -> Node:
        node = self._unary()
        while sign := self._next("*", "/"):
            node = (sign, (node, self._unary()))
        return node

    def _unary(self) -> Node:
        negative = False
        while sign := self._next("+", "-"):
            negative ^= sign == "-"
        node = self._operand()
        return ("negative", (node,)) if negative else node

    def _operand(self) -> Node:
        if self._next("("):
            node = self.expression()
            self._expect(")")
            return node
        kind, value, _ = self._tokens[self._at]
        if kind not in {"number", "name", "quoted"}:
            raise self._wrong(self.wanted)
        self._at += 1
        if kind == "number":
            return ("number", (float(value),))
        if kind == "name" and self._next("("):
            return self._call(value)
        name = value[1:-1].replace('""', '"') if kind == "quoted" else value
        self.names.add(name)
        return ("name", (name,))

    def _call(self, function: str) -> Node:
        if function not in FUNCTIONS:
            raise QueryError(f"{self.text!r}: no function {function}; there are {', '.join(self.functions)}")
        arguments = [self.expression()]
        while self._next(","):
            arguments.append(self.expression())
        self._expect(")")
        least, most = FUNCTIONS[function]
        if not least <= len(arguments) <= most:
            raise QueryError(f"{self.text!r}: {function} takes {least} to {most} values, not {len(arguments)}")
        if function == "round" and len(arguments) == 2:
            return ("round", (arguments[0], self._places(arguments[1])))
        return (function, tuple(arguments))

    def _places(self, node: Node) -> float:
        places = node[1][0] if node[0] == "number" else None
        if not isinstance(places, float) or places not in range(16):
            raise QueryError(f"{self.text!r}: the second value of round must be a number from 0 to 15")
        return places

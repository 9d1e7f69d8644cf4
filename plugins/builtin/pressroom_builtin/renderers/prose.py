"""Markdown of text panels -> blocks for the page template; HTML in it stays text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pressroom_builtin.renderers.book import Block, Span

if TYPE_CHECKING:
    from markdown_it.token import Token

LINKS = ("http://", "https://", "mailto:")


def blocks(text: str) -> list[Block]:
    """Headings, paragraphs, lists, quotes, code and rules, in order."""
    from markdown_it import MarkdownIt

    found: list[Block] = []
    lists: list[int] = []
    quotes, marker, kind, level = 0, "", "", 0
    for token in MarkdownIt("commonmark", {"html": False}).parse(text):
        name = token.type
        if name in ("bullet_list_open", "ordered_list_open"):
            lists.append(int(token.attrGet("start") or 1) if name[0] == "o" else -1)
        elif name in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif name == "list_item_open":
            marker = "•" if lists[-1] < 0 else f"{lists[-1]}."
            lists[-1] += 1 if lists[-1] >= 0 else 0
        elif name in ("blockquote_open", "blockquote_close"):
            quotes += 1 if name.endswith("open") else -1
        elif name == "heading_open":
            kind, level = "heading", int(token.tag[1:])
        elif name == "heading_close":
            kind, level = "", 0
        elif name == "inline":
            made = kind or ("item" if lists else "quote" if quotes else "paragraph")
            found.append(_block(made, spans(token.children or []), level or len(lists), marker))
            marker = ""
        elif name in ("fence", "code_block"):
            found.append(Block(kind="code", spans=[Span(text=token.content.rstrip("\n"), code=True)]))
        elif name == "hr":
            found.append(Block(kind="rule"))
    return found


def _block(kind: str, content: list[Span], level: int, marker: str) -> Block:
    if kind == "heading":
        return Block(kind="heading", spans=content, level=level)
    if kind == "item":
        return Block(kind="item", spans=content, level=level - 1, marker=marker)
    return Block(kind="quote" if kind == "quote" else "paragraph", spans=content)


def spans(tokens: Sequence[Token]) -> list[Span]:
    """Runs of text in one style each; links that are no web or mail address are plain text."""
    found: list[Span] = []
    bold = italic = 0
    link = ""
    for token in tokens:
        if token.type in ("strong_open", "strong_close"):
            bold += token.nesting
        elif token.type in ("em_open", "em_close"):
            italic += token.nesting
        elif token.type == "link_open":
            target = str(token.attrGet("href") or "")
            link = target if target.startswith(LINKS) else ""
        elif token.type == "link_close":
            link = ""
        else:
            text = "\n" if token.type == "hardbreak" else " " if token.type == "softbreak" else token.content
            found.append(Span(text=text, bold=bold > 0, italic=italic > 0, code=token.type == "code_inline", link=link))
    return found

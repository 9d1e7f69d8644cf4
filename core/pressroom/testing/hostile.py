"""Text that people, files and other systems hand over, after the host has taken control characters out of it."""

from __future__ import annotations

TEXTS = (
    "",
    " ",
    "=cmd|' /C calc'!A0",
    "+1 -1 @SUM(1)",
    "<script>alert(1)</script>",
    "</svg>]]>&amp;&#0;",
    "{{ 7 * 7 }}{% raw %}",
    "../../../etc/passwd",
    "C:\\nul\\aux.txt",
    "a\nBcc: eve@example.org\n\n.\n",
    "tab\tand \"quotes\" and 'more';,|",
    '#eval("1") #[x] @label $1/0$ \\end',
    "%s %n {0} ${HOME} $(touch x) `x`",
    "[a link](javascript:alert(1)) ![x](file:///etc/passwd)",
    "\u202eright to left \u200b\ufeff",
    "城市 Łódź 🛫👩\u200d👩\u200d👧",
    "w" * 500,
    "many words " * 40,
)
"""Titles, labels and cells."""
ADDRESSES = (
    "",
    " ",
    "nobody",
    "a@b@c",
    "ops@example.org\nRCPT TO:<eve@example.org>",
    "ops@example.org, eve@example.org",
    '"<x>"@example.org',
    "ops@example.org\x00",
    "łódź@例え.jp",
    "x" * 5000 + "@example.org",
    "../../etc/passwd",
    "javascript:alert(1)",
)
"""Recipients."""

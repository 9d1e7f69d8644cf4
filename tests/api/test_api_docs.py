"""The examples of the page about `/api/v1`, in their order."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
EXAMPLE = re.compile(r"^```http\n(\w+) (\S+) HTTP/1.1\n(.*?)^```\n(?:\n```json\n(.*?)^```)?", re.MULTILINE | re.DOTALL)


def test_each_example_gives_what_the_page_says(editor: httpx.Client) -> None:
    examples = EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))
    assert len(examples) == 5
    for method, path, rest, wanted in examples:
        head, _, body = rest.partition("\n{")
        headers = dict(line.split(": ", 1) for line in head.splitlines() if line)
        answer = editor.request(method, path, headers=headers, json=json.loads("{" + body) if body else None)
        assert answer.status_code in (200, 201, 202), answer.text
        if wanted:
            assert {key: answer.json()[key] for key in json.loads(wanted)} == json.loads(wanted)

"""Reports as clients may send them, made up by hypothesis, and what must be the same when they come back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hypothesis import strategies as st

texts = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=30)
address = st.sampled_from(["a@example.org", "b@example.org", "Ann <c@example.org>"])
lists = st.lists(st.tuples(address, st.sampled_from([",", ";", ", ", " ; ", ",,"])), min_size=1, max_size=4).map(
    lambda parts: "".join(part + separator for part, separator in parts)
)
ranges = st.sampled_from([{"from": "", "to": ""}, {"from": "now-7d/d", "to": "now"}])
formats = st.lists(
    st.sampled_from(["pdf", "csv", "image", "pdf-tables", "pdf-tables-appendix"]), min_size=1, unique=True
)
options = st.fixed_dictionaries(
    {
        "orientation": st.sampled_from(["portrait", "landscape"]),
        "layout": st.sampled_from(["grid", "simple"]),
        "pdfShowTemplateVariables": st.booleans(),
        "pdfCombineOneFile": st.booleans(),
        "csvEncoding": st.sampled_from(["", "gb18030", "nonsense"]),
        "timeRange": ranges,
    }
)
schedules = st.fixed_dictionaries(
    {
        "frequency": st.sampled_from(["once", "hourly", "daily", "weekly", "monthly", "last", "custom", "never"]),
        "startDate": st.sampled_from(["2022-10-02T10:00:00+02:00", "2030-01-01T00:00:00.250Z"]),
        "endDate": st.sampled_from([None, "2031-01-01T00:00:00Z"]),
        "intervalFrequency": st.sampled_from(["hours", "weeks"]),
        "intervalAmount": st.integers(1, 100),
        "workdaysOnly": st.booleans(),
        "dayOfMonth": st.sampled_from(["", "1", "31", "last"]),
        "timeZone": st.sampled_from(["UTC", "Europe/Warsaw", "Asia/Shanghai"]),
    }
)


def bodies(*uids: str) -> st.SearchStrategy[dict[str, Any]]:
    """Reports over some dashboards."""
    shown = st.fixed_dictionaries(
        {
            "dashboard": st.sampled_from([{"uid": uid} for uid in uids]),
            "timeRange": ranges,
            "reportVariables": st.dictionaries(
                st.sampled_from(["x", "y"]), texts | st.lists(texts, max_size=3), max_size=2
            ),
        }
    )
    return st.fixed_dictionaries(
        {
            "name": texts.filter(lambda text: text.strip()),
            "subject": texts | st.sampled_from(["{{ report.name }}", "{% if %}", '"}} \\', "{{"]),
            "recipients": lists,
            "replyTo": st.just("") | lists,
            "message": texts,
            "formats": formats,
            "dashboards": st.lists(shown, min_size=1, max_size=3),
            "state": st.sampled_from(["draft", "scheduled", "paused", "not scheduled"]),
            "scaleFactor": st.integers(25, 400),
            "enableDashboardUrl": st.booleans(),
            "options": options,
            "schedule": schedules,
        }
    )


def same(sent: dict[str, Any], answer: dict[str, Any]) -> None:
    """Every field of a body is in the answer, dates with the same instant."""
    for key in sent.keys() - {"schedule", "dashboards"}:
        assert answer[key] == sent[key], key
    for key, value in sent["schedule"].items():
        if key.endswith("Date") and value:
            assert datetime.fromisoformat(answer["schedule"][key]) == datetime.fromisoformat(value)
        else:
            assert answer["schedule"][key] == value
    for given, got in zip(sent["dashboards"], answer["dashboards"], strict=True):
        assert got["dashboard"]["uid"] == given["dashboard"]["uid"]
        assert (got["timeRange"], got["reportVariables"]) == (given["timeRange"], given["reportVariables"])

"""Subject and file name templates: what they can say, and that they can do nothing else."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from pressroom.errors import TemplateError
from pressroom.templating import MAX_LINE, check_template, one_line, render_line, safe_filename, slug

VALUES = {
    "report": {"uid": "weekly-flights", "name": "Weekly flights"},
    "run": {"id": 7, "kind": "scheduled", "planned_at": datetime(2026, 11, 22, 23, 30, tzinfo=UTC)},
    "range": {"start": datetime(2013, 1, 8, 5, tzinfo=UTC), "end": datetime(2013, 1, 15, 5, tzinfo=UTC)},
    "variables": {"carrier": ["AA", "UA"], "month": "1", "rows": "12345.5", "count": 12345},
    "project": {"uid": "default", "name": "演示"},
}


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("Weekly { flights } 100 %", "Weekly { flights } 100 %"),
        ("{{ report.name }} of {{ project.name }}", "Weekly flights of 演示"),
        ("{{ report['uid'] }}", "weekly-flights"),
        ("{{ variables.carrier }}", "AA, UA"),
        ("{{ variables.carrier | join('+') }}", "AA+UA"),
        ("{{ variables.carrier[1] }}", "UA"),
        ("{{ report.name | slug }}", "weekly-flights"),
        ("{% if variables.month == '1' %}January{% else %}later{% endif %}", "January"),
        ("{{ 'yes' if variables.nothing is defined else 'no' }}", "no"),
        ("{# a remark #}x", "x"),
        ("{{ run.id }}", "7"),
    ],
)
def test_a_template_reads_filters_and_chooses(template: str, line: str) -> None:
    check_template(template)
    assert render_line(template, VALUES) == line


def test_dates_are_written_in_the_zone_and_the_locale() -> None:
    written = render_line("{{ run.planned_at | date }}", VALUES, locale="en", zone="Europe/Warsaw")
    assert "23" in written
    assert "2026" in written
    assert "22" in render_line("{{ run.planned_at | date }}", VALUES, locale="en", zone="UTC")
    chinese = render_line("{{ run.planned_at | date }}", VALUES, locale="zh", zone="UTC")
    assert "2026年" in chinese
    assert "23:30" in render_line("{{ run.planned_at | time }}", VALUES, locale="zh", zone="UTC")
    assert "00:30" in render_line("{{ run.planned_at | moment }}", VALUES, locale="zh", zone="Europe/Warsaw")
    assert render_line("{{ variables.count | number }}", VALUES) == "12,345"


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ report.__init__ }}",
        "{{ report.__class__.__mro__[1].__subclasses__() }}",
        "{{ report['__class__'] }}",
        "{{ report.items() }}",
        "{{ report.keys }}",
        "{% for x in range(10**9) %}x{% endfor %}",
        "{% for x in 'abc' %}x{% endfor %}",
        "{{ range(3) }}",
        "{{ lipsum }}",
        "{{ lipsum() }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ self }}",
        "{{ self._TemplateReference__context }}",
        "{{ config }}",
        "{{ report | attr('name') }}",
        "{{ report | map(attribute='__class__') }}",
        "{{ '%s' | format(report) }}",
        "{{ '{0.__class__}'.format(report) }}",
        "{{ '{0.__class__}'.format_map(report) }}",
        "{{ 'a' * 10**9 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 'a' ~ 'a' }}",
        "{{ 'x' | center(1000000000) }}",
        "{{ 'x' | indent(1000000000) }}",
        "{{ 'a' | replace('a', 'aaaaaaaaaa') }}",
        "{% set x = 1 %}",
        "{% macro x() %}{% endmacro %}",
        "{% include 'x' %}",
        "{% import 'os' as os %}",
        "{% extends 'x' %}",
        "{% raw %}{{ x }}{% endraw %}{{ report.name.upper() }}",
        "{{ [1, 2, 3] }}",
        "{{ report[:3] }}",
        "{{ report }}",
        "{{ variables }}",
        "{{ report.name | date }}",
        "{{ report.name | number }}",
        "{{ variables.nothing }}",
        "{{ nothing }}",
        "{{ report.nothing }}",
        "{{ variables.carrier.append }}",
        "{{ variables.carrier[9] }}",
        "{{ 1 < 'a' }}",
        "{{",
        "{{ }}",
        "{% if %}",
        "{{ report.name",
        "{{ " + "(" * 400 + "1" + ")" * 400 + " }}",
        "{{ " + "not " * 200 + "1 and " * 5 + "}}",
        "{{ 1 }}" * 1000,
    ],
)
def test_what_is_not_allowed_is_an_error_that_a_person_can_read(template: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render_line(template, VALUES)
    assert "Traceback" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(TemplateError, match=r"no name 'reprot'.*report \(uid, name\)"):
        check_template("{{ reprot.name }}")
    with pytest.raises(TemplateError, match=r"no report\.title; report has uid, name"):
        check_template("{{ report.title }}")
    with pytest.raises(TemplateError, match=r"no filter 'upper'.*date, join"):
        check_template("{{ report.name | upper }}")
    with pytest.raises(TemplateError, match="there is carrier, month"):
        render_line("{{ variables.carier }}", VALUES)
    check_template("{{ variables.whatever }}")


@given(st.text(st.characters(codec=None), max_size=600))
def test_any_subject_ends_as_one_line_or_a_template_error(text: str) -> None:
    try:
        line = render_line(text, VALUES)
    except TemplateError:
        return
    assert len(line) <= MAX_LINE
    assert line.isprintable() or not any(ord(character) < 32 or ord(character) == 127 for character in line)
    line.encode()


@given(st.text(st.sampled_from("{}%#ab.|'\"()[] \n_report12~+-*/"), max_size=60))
def test_template_syntax_of_any_kind_never_escapes(text: str) -> None:
    with contextlib.suppress(TemplateError):
        assert "\n" not in render_line(text, VALUES)


@given(st.text(st.characters(codec=None), max_size=400))
def test_a_file_name_is_safe_everywhere(text: str) -> None:
    name = safe_filename(text)
    assert name
    assert not set(name) & set('/\\:*?"<>|\0\n\r\t')
    assert len(name.encode()) <= 120
    assert name == name.strip(" .")
    assert safe_filename(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("../../etc/passwd", "-..-etc-passwd"),
        ("C:\\temp\\x", "C--temp-x"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("", "report"),
        ("...", "report"),
        ("///", "report"),
        ("航班 周报", "航班 周报"),
        ("e\u0301te\u0301", "été"),
        ("\u202egpj.exe", "gpj.exe"),
        ("航" * 100, "航" * 40),
    ],
)
def test_file_names(text: str, name: str) -> None:
    assert safe_filename(text) == name


def test_slug_and_one_line() -> None:
    assert slug("Weekly Flights / 周报_1") == "weekly-flights-周报-1"
    assert one_line("a\r\nBcc: x\x00\u2028y") == "a Bcc: x y"
    assert one_line("x" * 600) == "x" * 499 + "…"


@pytest.mark.parametrize("template", ["{{ ''.__class__ }}", "{{ (report.name | slug).x }}", "{{ 1['a'] }}"])
def test_fields_of_what_has_none_are_refused_when_a_report_is_saved(template: str) -> None:
    with pytest.raises(TemplateError, match=r"reads fields of names such as report\.name, not of"):
        check_template(template)

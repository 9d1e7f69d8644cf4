"""The email channel's configuration: what it means, and mistakes that are told at the start."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pydantic
import pytest

from pressroom_builtin.channels import register_channels
from pressroom_builtin.channels.email import EmailConfig


def config(**fields: Any) -> EmailConfig:
    return EmailConfig.model_validate({"sender": "Pressroom <reports@example.org>", **fields})


@pytest.mark.parametrize(
    ("fields", "security", "port"),
    [
        ({}, "none", 25),
        ({"host": "localhost", "port": 1025}, "none", 1025),
        ({"host": "::1"}, "none", 25),
        ({"host": "mail.example.org"}, "starttls", 587),
        ({"host": "10.0.0.1", "port": 25}, "starttls", 25),
        ({"host": "mail.example.org", "port": 465}, "tls", 465),
        ({"host": "mail.example.org", "security": "tls"}, "tls", 465),
        ({"host": "mail.example.org", "security": "none"}, "none", 25),
    ],
)
def test_nothing_goes_in_clear_over_a_network_unless_it_is_asked_for(
    fields: dict[str, Any], security: str, port: int
) -> None:
    made = config(**fields)
    assert (made.secured(), made.reached_at()) == (security, port)


@pytest.mark.parametrize(
    "fields",
    [
        {"sender": "reports"},
        {"sender": "a@b.org, c@d.org"},
        {"sender": "żółć@example.org"},
        {"sender": "x@example.org\r\nBcc: y@example.org"},
        {"allowed_recipients": ["example.org"]},
        {"port": 0},
        {"timeout": 0},
        {"security": "ssl"},
        {"hots": "x"},
        {"max_attachment_bytes": "many"},
    ],
)
def test_mistakes_name_their_key(fields: dict[str, Any]) -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        config(**fields)
    assert caught.value.errors()[0]["loc"][0] == next(iter(fields))


def test_the_password_is_never_shown() -> None:
    made = config(username="press", password="hunter2")
    assert "hunter2" not in repr(made)
    assert "hunter2" not in made.model_dump_json()


def test_sizes_may_have_units() -> None:
    assert config(max_attachment_bytes="25MB").max_attachment_bytes == 25_000_000


def test_the_channels_are_registered() -> None:
    assert {channel.name for channel in register_channels()} == {"email", "folder", "webhook"}


def test_registering_imports_nothing_heavy() -> None:
    heavy = "{'aiosmtplib', 'css_inline', 'PIL', 'jinja2', 'email_validator', 'babel'}"
    code = f"import sys, pressroom_builtin.channels; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "[]"

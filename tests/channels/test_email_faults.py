"""What a mail server can do to us: each answer, or the lack of one, has its outcome, and nothing is doubled."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import trustme

from pressroom import Cancellation, DeliveryError, LeaseLost, Recipient
from servers.smtp import Faults, serving

Make = Callable[..., Any]
BOTH = ("anna@example.org", "ben@example.org")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def certificate(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return "ca.pem"


def test_a_mail_arrives_once_and_its_id_is_kept(email: Make, message: Make, send: Make) -> None:
    with serving() as server:
        result = send(email(server.port), message(), *BOTH)
    assert result.outcomes() == dict.fromkeys(BOTH, "sent")
    assert result.handovers == 1
    assert [mail.recipients for mail in server.received] == [BOTH]
    receipt = result.receipts[BOTH[0]]
    assert receipt.code == 250
    assert receipt.reference == server.received[0].message["Message-ID"]


@pytest.mark.parametrize(
    ("faults", "outcomes", "codes", "handovers", "arrived"),
    [
        (Faults(recipients={BOTH[1]: "550 no such user"}), ("sent", "refused"), (250, 550), 1, (BOTH[0],)),
        (Faults(recipients={BOTH[0]: "451 later"}), ("deferred", "sent"), (451, 250), 1, (BOTH[1],)),
        (Faults(recipients={BOTH[0]: "550 no", BOTH[1]: "451 later"}), ("refused", "deferred"), (550, 451), 0, None),
        (Faults(replies={"mail": "451 greylisted"}), ("deferred", "deferred"), (451, 451), 0, None),
        (Faults(replies={"mail": "550 not you"}), ("refused", "refused"), (550, 550), 0, None),
        (Faults(replies={"mail": "421 going down"}), ("deferred", "deferred"), (421, 421), 0, None),
        (Faults(replies={"data": "451 no room"}), ("deferred", "deferred"), (451, 451), 1, None),
        (Faults(replies={"data": "554 no"}), ("refused", "refused"), (554, 554), 1, None),
        (Faults(drop="mail"), ("deferred", "deferred"), (0, 0), 0, None),
        (Faults(drop="rcpt"), ("deferred", "deferred"), (0, 0), 0, None),
        (Faults(drop="data"), ("deferred", "deferred"), (0, 0), 1, None),
        (Faults(hang="data"), ("deferred", "deferred"), (0, 0), 1, None),
        (Faults(replies={"content": "451 no room"}), ("deferred", "deferred"), (451, 451), 1, BOTH),
        (Faults(replies={"content": "554 spam"}), ("refused", "refused"), (554, 554), 1, BOTH),
        (Faults(drop="content"), ("ambiguous", "ambiguous"), (0, 0), 1, BOTH),
        (Faults(hang="content"), ("ambiguous", "ambiguous"), (0, 0), 1, BOTH),
        (Faults(drop="content", recipients={BOTH[0]: "550 no"}), ("refused", "ambiguous"), (550, 0), 1, (BOTH[1],)),
    ],
)
def test_every_answer_has_its_outcome(
    email: Make,
    message: Make,
    send: Make,
    *,
    faults: Faults,
    outcomes: tuple[str, str],
    codes: tuple[int, int],
    handovers: int,
    arrived: tuple[str, ...] | None,
) -> None:
    with serving(faults) as server:
        result = send(email(server.port, data_timeout=1), message(), *BOTH)
    assert result.error is None
    assert result.outcomes() == dict(zip(BOTH, outcomes, strict=True))
    assert tuple(result.receipts[it].code for it in BOTH) == codes
    assert all(receipt.answer for receipt in result.receipts.values())
    assert result.handovers == handovers
    assert [mail.recipients for mail in server.received] == ([arrived] if arrived else [])


@pytest.mark.parametrize("step", ["mail", "rcpt"])
def test_a_server_that_hangs_before_data_is_asked_again_later(
    email: Make, message: Make, send: Make, step: Any
) -> None:
    with serving(Faults(hang=step)) as server:
        result = send(email(server.port, timeout=1), message(), *BOTH)
    assert result.outcomes() == dict.fromkeys(BOTH, "deferred")
    assert result.handovers == 0


def test_a_lost_lease_stops_before_data_and_leaves_the_connection_usable(
    email: Make, message: Make, send: Make
) -> None:
    def lost() -> None:
        raise LeaseLost("another process owns the run")

    with serving() as server:
        channel = email(server.port)
        first = send(channel, message(), *BOTH, on_handover=lost)
        assert isinstance(first.error, LeaseLost)
        assert "data" not in server.commands
        assert send(channel, message(), *BOTH).outcomes() == dict.fromkeys(BOTH, "sent")
        assert server.connections == 1
        assert len(server.received) == 1


def test_stopping_after_data_leaves_it_open_whether_it_arrived(email: Make, message: Make, send: Make) -> None:
    stop = Cancellation()
    with serving(Faults(hang="content")) as server:
        watcher = threading.Thread(target=lambda: server.has_content.wait(30) and stop.set())
        watcher.start()
        result = send(email(server.port), message(), *BOTH, cancellation=stop)
        watcher.join()
        assert len(server.received) == 1
    assert result.outcomes() == dict.fromkeys(BOTH, "ambiguous")


def test_stopping_before_data_sends_nothing_and_spoils_no_connection(email: Make, message: Make, send: Make) -> None:
    stop = Cancellation()
    with serving() as server:
        channel = email(server.port)
        first = send(channel, message(key="1"), *BOTH, on_handover=stop.set, cancellation=stop)
        second = send(channel, message(key="2"), *BOTH)
        assert server.connections == 1
    assert first.outcomes() == dict.fromkeys(BOTH, "deferred")
    assert second.outcomes() == dict.fromkeys(BOTH, "sent")
    assert [mail.message["Message-ID"] for mail in server.received] == [second.receipts[BOTH[0]].reference]


def test_many_at_once_share_the_connections(email: Make, message: Make, send: Make) -> None:
    with serving() as server:
        channel = email(server.port, connections=2)
        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(lambda number: send(channel, message(key=str(number)), BOTH[0]), range(16)))
        assert server.connections <= 2
    assert [result.outcomes() for result in results] == [{BOTH[0]: "sent"}] * 16
    assert len({mail.message["Message-ID"] for mail in server.received}) == 16


def test_one_connection_carries_many_mails(email: Make, message: Make, send: Make) -> None:
    with serving() as server:
        channel = email(server.port)
        for number in range(5):
            assert send(channel, message(key=str(number)), BOTH[0]).outcomes() == {BOTH[0]: "sent"}
        assert server.connections == 1
    assert len(server.received) == 5
    assert len({mail.message["Message-ID"] for mail in server.received}) == 5


def test_without_keepalive_every_mail_has_its_connection(email: Make, message: Make, send: Make) -> None:
    with serving() as server:
        channel = email(server.port, keepalive=0)
        for number in range(2):
            send(channel, message(key=str(number)), BOTH[0])
        assert server.connections == 2


@pytest.mark.parametrize("how", ["closed", "closed unnoticed", "silent"])
def test_a_kept_connection_that_died_is_replaced_before_anything_is_said(
    email: Make, message: Make, send: Make, how: str
) -> None:
    with serving() as server:
        channel = email(server.port, timeout=1)
        send(channel, message(key="1"), BOTH[0])
        if how == "closed":
            server.drop_all()
        else:
            server.faults = Faults(drop="rset") if how == "closed unnoticed" else Faults(hang="rset")
        assert send(channel, message(key="2"), BOTH[0]).outcomes() == {BOTH[0]: "sent"}
        assert server.connections == 2
    assert len(server.received) == 2


def test_a_refused_mail_does_not_spoil_the_next(email: Make, message: Make, send: Make) -> None:
    with serving(Faults(recipients={BOTH[0]: "550 no"})) as server:
        channel = email(server.port)
        send(channel, message(key="1"), BOTH[0])
        assert send(channel, message(key="2"), BOTH[1]).outcomes() == {BOTH[1]: "sent"}
        assert server.connections == 1
    assert [mail.recipients for mail in server.received] == [(BOTH[1],)]


def failure(result: Any) -> DeliveryError:
    assert isinstance(result.error, DeliveryError)
    assert result.handovers == 0
    return result.error


def test_nobody_listens(email: Make, message: Make, send: Make) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = failure(send(email(unused.getsockname()[1]), message(), *BOTH))
    assert error.transient
    assert "channel email: mail server 127.0.0.1" in str(error)


@pytest.mark.parametrize(
    ("faults", "transient"),
    [
        (Faults(drop="connect"), True),
        (Faults(hang="connect"), True),
        (Faults(replies={"connect": "421 too busy"}), True),
        (Faults(replies={"connect": "554 go away"}), False),
    ],
)
def test_a_server_that_will_not_have_us(
    email: Make, message: Make, send: Make, faults: Faults, transient: bool
) -> None:
    with serving(faults) as server:
        error = failure(send(email(server.port, timeout=1), message(), *BOTH))
    assert error.transient is transient
    assert "mail server 127.0.0.1" in str(error)


def test_starttls_is_demanded(email: Make, message: Make, send: Make) -> None:
    with serving() as server:
        error = failure(send(email(server.port, security="starttls"), message(), *BOTH))
        assert "mail" not in server.commands
    assert "does not offer STARTTLS" in str(error)
    assert not error.transient


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_tls_with_a_certificate_of_ones_own_authority(
    email: Make, message: Make, send: Make, certificate: ssl.SSLContext, ca_file: str, security: str
) -> None:
    with serving(**{security: certificate}) as server:
        channel = email(server.port, security=security, ca_file=ca_file)
        assert send(channel, message(), *BOTH).outcomes() == dict.fromkeys(BOTH, "sent")
        channel.close()
    assert len(server.received) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_is_not_trusted(
    email: Make, message: Make, send: Make, certificate: ssl.SSLContext, security: str
) -> None:
    with serving(**{security: certificate}) as server:
        error = failure(send(email(server.port, security=security), message(), *BOTH))
        assert server.received == []
    assert "certificate that is not trusted" in str(error)
    assert not error.transient


def test_tls_where_the_server_speaks_none(email: Make, message: Make, send: Make) -> None:
    with serving() as server:
        error = failure(send(email(server.port, security="tls", timeout=2), message(), *BOTH))
    assert "security" in str(error)


def test_a_password_that_is_wrong_and_one_that_is_right(email: Make, message: Make, send: Make) -> None:
    with serving(auth=True) as server:
        wrong = email(server.port, username="press", password="hunter2")
        error = failure(send(wrong, message(), *BOTH))
        assert "535" in str(error)
        assert "hunter2" not in str(error)
        assert not error.transient
        right = email(server.port, username="press", password="sécret")
        assert send(right, message(), *BOTH).outcomes() == dict.fromkeys(BOTH, "sent")
        none = send(email(server.port), message(), *BOTH)
        assert none.outcomes() == dict.fromkeys(BOTH, "refused")
        assert none.receipts[BOTH[0]].code == 530


def test_a_mail_over_the_servers_limit_is_refused_before_it_is_sent(email: Make, message: Make, send: Make) -> None:
    with serving(size_limit=1000) as server:
        result = send(email(server.port), message(), *BOTH)
    assert result.outcomes() == dict.fromkeys(BOTH, "refused")
    assert result.handovers == 0


def test_international_addresses_need_smtputf8(email: Make, message: Make, send: Make) -> None:
    recipients = ("użytkownik@例え.テスト", "anna@例え.テスト")
    with serving() as server:
        assert send(email(server.port), message(), *recipients).outcomes() == dict.fromkeys(recipients, "sent")
    assert server.received[0].recipients == ("użytkownik@xn--r8jz45g.xn--zckzah", "anna@xn--r8jz45g.xn--zckzah")
    with serving(utf8=False) as server:
        result = send(email(server.port), message(), *recipients)
    assert result.outcomes() == dict(zip(recipients, ("refused", "sent"), strict=True))
    assert "SMTPUTF8" in result.receipts[recipients[0]].answer
    assert server.received[0].content.isascii()


def test_only_allowed_recipients_get_mail(email: Make, message: Make, send: Make) -> None:
    with serving() as server:
        channel = email(server.port, allowed_recipients=["*@example.org", "boss@*.example.com"])
        recipients = (
            "Anna <ANNA@Example.org>",
            "eve@example.net",
            "boss@mail.example.com",
            "eve@example.net@example.org",
        )
        result = send(channel, message(), *recipients)
    assert [it.value for it in (receipt.outcome for receipt in result.receipts.values())] == [
        "sent",
        "refused",
        "sent",
        "refused",
    ]
    assert "allowed_recipients" in result.receipts["eve@example.net"].answer
    assert [mail.recipients for mail in server.received] == [("ANNA@example.org", "boss@mail.example.com")]


def test_nobody_allowed_means_no_connection(email: Make, message: Make, send: Make) -> None:
    with serving() as server:
        result = send(email(server.port, allowed_recipients=["*@example.org"]), message(), "eve@example.net")
        assert server.connections == 0
    assert result.outcomes() == {"eve@example.net": "refused"}
    assert result.handovers == 0


def test_the_same_address_twice_is_one_envelope(email: Make, message: Make, send: Make) -> None:
    with serving() as server:
        send(email(server.port), message(), "anna@example.org", Recipient(address="anna@example.org", role="cc"))
    assert [mail.recipients for mail in server.received] == [("anna@example.org",)]


def test_doctor_says_what_it_found(email: Make, certificate: ssl.SSLContext, ca_file: str) -> None:
    with serving(starttls=certificate, auth=True) as server:
        channel = email(server.port, security="starttls", ca_file=ca_file, username="press", password="sécret")
        assert "starttls" in channel.check()
        assert "mail" not in server.commands
        with pytest.raises(DeliveryError, match="certificate"):
            email(server.port, security="starttls").check()
        with pytest.raises(DeliveryError, match=r"absent\.pem"):
            email(server.port, security="starttls", ca_file="absent.pem").check()
        channel.close()

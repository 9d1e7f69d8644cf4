"""Pictures over HTTP from real servers on loopback, which the tests allow, and every way to be led elsewhere."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import trustme

from pressroom import Cancelled, Context, FetchError
from pressroom.context import Cancellation
from pressroom_builtin.fetching.client import GuardedClient, Reply
from pressroom_builtin.fetching.http import HttpFetcher, HttpFetcherConfig
from pressroom_builtin.pictures import MAX_BYTES
from servers.web import Web, web_server

Make = Callable[..., HttpFetcher]


def get(client: GuardedClient, url: str, context: Context, **more: Any) -> Reply:
    return context.run_async(client.request("GET", url, **{"seconds": 20, "max_bytes": 1_000_000, **more}))


def resolving(*answers: Sequence[str]) -> tuple[Any, list[str]]:
    """A resolver that gives one answer after the other, and the names that it was asked for."""
    asked: list[str] = []
    left = list(answers)

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return left.pop(0) if left else ["169.254.169.254"]

    return resolve, asked


def refused(fetcher: HttpFetcher, url: str, context: Context) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.picture(url, context)
    return caught.value


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_is_what_its_content_says(
    web: Web, make_fetcher: Make, context: Context, make_picture: Any, kind: str
) -> None:
    content = make_picture(kind)
    web.give("/logo", content, content_type="text/html")
    found = make_fetcher().picture(web.url("/logo"), context)
    assert (found.content, found.media_type) == (content, f"image/{kind.lower()}")


def test_without_leave_nothing_inside_is_asked(web: Web, make_fetcher: Make, context: Context) -> None:
    web.give("/logo", b"")
    for host in ("127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]", "2130706433"):
        error = refused(make_fetcher(allowed_hosts=[]), web.url("/logo", host), context)
        assert not error.transient
    assert web.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/logo.png",
        "gopher://127.0.0.1:70/_x",
        "data:image/png;base64,AAAA",
        "//example.org/logo.png",
        "/etc/passwd",
        "http://",
        "http:///logo.png",
        "https://user:secret@example.org/logo.png",
        "http://exa mple.org/",
        "http://example.org/\r\nX-Evil: 1",
        "http://example.org:99999/",
        "http://[::1/",
        "http://xn--/",
        "",
        "http://" + "a" * 3000,
    ],
)
def test_what_is_no_address_of_the_web_is_refused(make_fetcher: Make, context: Context, url: str) -> None:
    error = refused(make_fetcher(), url, context)
    assert not error.transient
    assert "secret" not in error.message


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><p>Sign in",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 99,
        b"%PDF-1.7",
        b"BM" + b"\0" * 100,
    ],
)
def test_what_is_no_picture_is_refused(web: Web, make_fetcher: Make, context: Context, content: bytes) -> None:
    web.give("/logo.png", content, content_type="image/png")
    assert not refused(make_fetcher(), web.url("/logo.png"), context).transient


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says to be large, and is."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    row = b"\0" * (1 + (width + 7) // 8)
    packer, packed = zlib.compressobj(9), []
    for _ in range(height):
        packed.append(packer.compress(row))
    packed.append(packer.flush())
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"".join(packed)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(10_000, 5_000), (12_000, 10_000), (20_000, 20_000)])
def test_a_small_file_of_many_pixels_is_not_decoded(
    web: Web, make_fetcher: Make, context: Context, size: tuple[int, int]
) -> None:
    content = bomb(*size)
    assert len(content) < 100_000
    web.give("/bomb.png", content)
    assert "pixels" in refused(make_fetcher(), web.url("/bomb.png"), context).message


def test_a_file_that_says_to_be_too_large_or_is_is_not_read(web: Web, make_fetcher: Make, context: Context) -> None:
    written = 0

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(1000):
            writer.write(b"\x89" * 1_000_000)
            await writer.drain()
            written += 1

    web.answers["/endless"] = endless
    assert str(MAX_BYTES) in refused(make_fetcher(), web.url("/endless"), context).message
    assert written < 100


def test_a_body_that_is_packed_unasked_is_refused(web: Web, make_fetcher: Make, context: Context) -> None:
    web.give("/logo", zlib.compress(b"\0" * 1_000_000), content_encoding="deflate")
    assert "compressed" in refused(make_fetcher(), web.url("/logo"), context).message
    assert "accept-encoding: identity" in web.asked[0].lower()


def test_a_server_that_drips_is_left_at_the_end_of_the_time(web: Web, make_fetcher: Make, context: Context) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    web.answers["/drip"] = drip
    start = time.monotonic()
    error = refused(make_fetcher(seconds=0.5), web.url("/drip"), context)
    assert error.transient
    assert "0.5 seconds" in error.message
    assert time.monotonic() - start < 10


def test_a_server_that_says_nothing_is_left_where_somebody_cancels(
    web: Web, make_fetcher: Make, tmp_path: Path
) -> None:
    cancellation = Cancellation()

    async def silent(writer: asyncio.StreamWriter) -> None:
        cancellation.set()
        await asyncio.sleep(3600)

    web.answers["/silent"] = silent
    with pytest.raises(Cancelled):
        make_fetcher(seconds=60).picture(web.url("/silent"), Context(tmp_path, cancellation=cancellation))


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oh", "401 Unauthorized", "204 No Content"])
def test_a_server_that_has_nothing_now_may_have_it_later(
    web: Web, make_fetcher: Make, context: Context, make_picture: Any, status: str
) -> None:
    web.give("/logo", b"" if status.startswith("204") else make_picture(), status)
    error = refused(make_fetcher(), web.url("/logo"), context)
    assert error.transient
    assert status[:3] in error.message


def test_a_server_that_is_down_or_speaks_something_else_may_be_back(
    web: Web, make_fetcher: Make, context: Context
) -> None:
    web.write("/noise", b"\0\1\2 not http\r\n\r\n")
    web.write("/short", b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx")
    assert refused(make_fetcher(), web.url("/noise"), context).transient
    assert refused(make_fetcher(), web.url("/short"), context).transient
    assert refused(make_fetcher(), "http://127.0.0.1:1/logo.png", context).transient
    assert refused(make_fetcher(), "https://nothing.invalid/logo.png", context).transient


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:{port}/logo",
        "http://127.0.0.2:{port}/logo",
        "//10.0.0.1/logo",
        "file:///etc/passwd",
        "http://user:secret@127.0.0.1:{port}/logo",
    ],
)
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_checked_like_the_first_address(
    web: Web, make_fetcher: Make, context: Context, to: str, status: str
) -> None:
    web.give("/logo", b"")
    web.give("/moved", b"", status, location=to.format(port=web.port))
    assert not refused(make_fetcher(), web.url("/moved"), context).transient
    assert len(web.asked) == 1


def test_a_few_redirects_are_followed_and_no_more(
    web: Web, make_fetcher: Make, context: Context, make_picture: Any
) -> None:
    for step in range(4):
        web.give(f"/{step}", b"", "302 Found", location=f"/{step + 1}")
    web.give("/4", make_picture())
    assert make_fetcher().picture(web.url("/1"), context).media_type == "image/png"
    assert "302" in refused(make_fetcher(), web.url("/0"), context).message


def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_checked(web: Web, context: Context) -> None:
    web.give("/", b"hello")
    resolve, asked = resolving(["127.0.0.1"])
    client = GuardedClient(["127.0.0.1"], resolve=resolve)
    assert get(client, web.url("/", "rebound.example"), context).content == b"hello"
    assert asked == ["rebound.example"]
    assert f"host: rebound.example:{web.port}" in web.asked[0].lower()
    with pytest.raises(FetchError, match=r"169\.254\.169\.254"):
        get(client, web.url("/", "rebound.example"), context)
    assert len(web.asked) == 1


def test_a_name_that_changes_between_a_redirect_and_its_target_gains_nothing(web: Web, context: Context) -> None:
    web.give("/", b"", "302 Found", location="/again")
    web.give("/again", b"secret")
    resolve, asked = resolving(["127.0.0.1"], ["127.0.0.1", "10.0.0.1"])
    with pytest.raises(FetchError, match=r"10\.0\.0\.1"):
        get(GuardedClient(["127.0.0.1"], resolve=resolve), web.url("/", "rebound.example"), context, redirects=3)
    assert asked == ["rebound.example"] * 2
    assert len(web.asked) == 1


def test_the_next_address_of_a_name_is_tried(web: Web, context: Context) -> None:
    web.give("/", b"hello")
    resolve, _ = resolving(["127.0.0.2", "127.0.0.1"])
    found = get(GuardedClient(["127.0.0.0/8"], resolve=resolve), web.url("/", "two.example"), context)
    assert found.content == b"hello"


def test_certificates_are_of_the_name_and_not_of_the_address(tmp_path: Path, context: Context) -> None:
    import ssl

    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("logos.example").configure_cert(tls)
    with web_server(tls) as web:
        web.give("/", b"hello")
        for host, ca_file, reached in (
            ("logos.example", str(tmp_path / "ca.pem"), True),
            ("other.example", str(tmp_path / "ca.pem"), False),
            ("logos.example", "", False),
        ):
            resolve, _ = resolving(["127.0.0.1"])
            client = GuardedClient(["127.0.0.1"], ca_file=ca_file, resolve=resolve)
            url = web.url("/", host, "https")
            if reached:
                assert get(client, url, context).content == b"hello"
            else:
                with pytest.raises(FetchError, match=r"(?i)certificate") as caught:
                    get(client, url, context)
                assert caught.value.transient


def test_the_environment_sends_nothing_elsewhere(
    web: Web, make_fetcher: Make, context: Context, make_picture: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    web.give("/logo", make_picture())
    assert make_fetcher().picture(web.url("/logo"), context).content


def test_many_at_once_share_the_loop(web: Web, context: Context) -> None:
    numbers = count()

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\n%04d" % next(numbers))

    web.answers["/"] = answer
    client = GuardedClient(["127.0.0.1"])

    async def all_of_them() -> list[Reply]:
        asking = (client.request("GET", web.url("/"), seconds=20, max_bytes=10) for _ in range(20))
        return list(await asyncio.gather(*asking))

    assert len({reply.content for reply in context.run_async(all_of_them())}) == 20


def test_a_body_is_posted_with_its_headers(web: Web, context: Context) -> None:
    web.give("/hook", b"taken", "202 Accepted", x_id="7")
    client = GuardedClient(["127.0.0.1"])
    asking = client.request(
        "POST", web.url("/hook"), seconds=20, max_bytes=100, headers={"x-key": "k"}, content=b"report"
    )
    reply = context.run_async(asking)
    assert (reply.status, reply.headers["x-id"], reply.content) == (202, "7", b"taken")
    assert "x-key: k" in web.asked[0].lower()
    assert "content-length: 6" in web.asked[0].lower()


@pytest.mark.parametrize("hosts", [["10.0.0.1/8"], ["300.0.0.0/99"]])
def test_wrong_entries_are_errors_of_the_configuration(hosts: list[str]) -> None:
    with pytest.raises(ValueError, match="no network"):
        HttpFetcherConfig.model_validate({"allowed_hosts": hosts})


def test_the_check_says_what_may_be_reached(make_fetcher: Make) -> None:
    assert make_fetcher(allowed_hosts=[]).check() == "public addresses"
    assert "10.0.0.0/8" in make_fetcher(allowed_hosts=["10.0.0.0/8"]).check()

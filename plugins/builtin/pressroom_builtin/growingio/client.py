"""A client of any server that speaks the computed-results API: signs in, waits its turn, waits for results."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pressroom import Context, QueryError, SourceError

if TYPE_CHECKING:
    import httpx

TURN_SECONDS = 0.5
"""The API allows two chart downloads a second."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 10.0
"""Seconds between questions for a result that is still being computed; doubled each time."""
MAX_BYTES = 512_000_000
"""A larger answer is not read."""


@dataclass(frozen=True)
class Account:
    """Who signs in where.

    Attributes:
        base_url: of the server, without a slash at its end.
        project: uid.
        client_id, secret: the API client's public key and secret.
        ai: the account's id, which is part of the signature.
    """

    base_url: str
    project: str
    client_id: str
    secret: str
    ai: str

    def signature(self, tm: int) -> str:
        """HMAC-SHA-256 over the sign-in, as the API defines it, in lower-case hex."""
        text = f"POST\n/auth/token\nproject={self.project}&ai={self.ai}&tm={tm}"
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class ResultsClient:
    """Calls of one account; safe from several threads, which share the limit of two downloads a second.

    Args:
        account: who signs in where.
        verify: False, or the path of a file of certificates, for a server with a certificate of its own.
    """

    def __init__(self, account: Account, verify: bool | str = True) -> None:
        self.account = account
        self._verify = verify
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._next_turn = 0.0
        self._token = ""
        self._http: httpx.Client | None = None

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            http, self._http = self._http, None
        if http is not None:
            http.close()

    def dashboards(self, context: Context) -> list[dict[str, Any]]:
        """The project's dashboards: `id`, `name` and more."""
        found = self._json("dashboards.json", context)
        return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []

    def dashboard(self, uid: str, context: Context) -> dict[str, Any] | None:
        """One dashboard with its charts; None where there is none."""
        return self._found(self._json(f"dashboards/{uid}.json", context, absent=True))

    def chart(self, uid: str, context: Context, params: Mapping[str, int] | None = None) -> dict[str, Any]:
        """A chart's rows; waits for results that are still being computed.

        Raises:
            QueryError: there is no such chart.
        """
        found = self.find_chart(uid, context, params)
        if found is None:
            raise QueryError(f"the server has no chart {uid!r} in the project {self.account.project!r}")
        return found

    def find_chart(self, uid: str, context: Context, params: Mapping[str, int] | None = None) -> dict[str, Any] | None:
        """As `chart`; None where there is none."""
        return self._found(self._json(f"charts/{uid}.json", context, params=params, absent=True, limited=True))

    def segments(self, context: Context) -> list[dict[str, Any]]:
        """The project's segments."""
        found = self._json("segmentations.json", context)
        return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []

    def lines(self, path: str, context: Context) -> Iterator[str]:
        """The lines of `users.csv` or `rules.csv`, read as they come."""
        import httpx

        wait, signed_anew = FIRST_WAIT, False
        while True:
            if path.endswith("users.csv"):
                self._wait_turn(context)
            try:
                with self._client().stream("GET", self._url(path), headers=self._headers(context)) as response:
                    if response.status_code == 200:
                        for line in response.iter_lines():
                            context.check()
                            yield line
                        return
                    answer = _decoded(response.read())
            except httpx.HTTPError as error:
                raise SourceError(
                    f"{self.account.base_url}: {type(error).__name__}: {error}", transient=True
                ) from error
            if response.status_code == 401 and not signed_anew:
                self._token, signed_anew = "", True
                continue
            if response.status_code != 429 and not _timed_out(answer):
                raise self._refused(response.status_code, path)
            self._sleep(max(wait, _retry_after(response)), context, response.status_code, path)
            wait = min(2 * wait, LONGEST_WAIT)

    def _json(
        self,
        path: str,
        context: Context,
        *,
        params: Mapping[str, int] | None = None,
        absent: bool = False,
        limited: bool = False,
    ) -> Any:
        wait, signed_anew = FIRST_WAIT, False
        while True:
            if limited:
                self._wait_turn(context)
            status, answer, retry_after = self._get(path, context, params)
            if status == 200 and not _pending(answer):
                return answer
            if status == 404 and absent:
                return None
            if status == 401 and not signed_anew:
                self._token, signed_anew = "", True
                continue
            if status not in (200, 429) and not _timed_out(answer):
                raise self._refused(status, path)
            self._sleep(max(wait, retry_after), context, status, path)
            wait = min(2 * wait, LONGEST_WAIT)

    def _get(self, path: str, context: Context, params: Mapping[str, int] | None) -> tuple[int, Any, float]:
        import httpx
        import msgspec

        try:
            with self._client().stream(
                "GET", self._url(path), params=params, headers=self._headers(context)
            ) as response:
                data = bytearray()
                for chunk in response.iter_bytes():
                    data += chunk
                    context.check()
                    if len(data) > MAX_BYTES:
                        raise QueryError(f"{path}: the answer is larger than {MAX_BYTES:,} bytes; ask for less")
        except httpx.HTTPError as error:
            raise self._down(error) from error
        seconds = _retry_after(response)
        try:
            return response.status_code, msgspec.json.decode(bytes(data)), seconds
        except msgspec.DecodeError as error:
            if response.status_code != 200:
                return response.status_code, None, seconds
            raise SourceError(f"{path}: the server's answer is no JSON: {error}") from error

    def _headers(self, context: Context) -> dict[str, str]:
        with self._lock:
            token = self._token
        if not token:
            token = self._sign_in()
            with self._lock:
                self._token = token
        return {"Authorization": f"Token {token}", "X-Client-Id": self.account.client_id}

    def _sign_in(self) -> str:
        import httpx

        tm = int(time.time() * 1000)
        account = self.account
        params: dict[str, str | int] = {
            "project": account.project,
            "ai": account.ai,
            "tm": tm,
            "auth": account.signature(tm),
        }
        try:
            response = self._client().post(
                f"{account.base_url}/auth/token", params=params, headers={"X-Client-Id": account.client_id}
            )
            answer = response.json() if response.status_code == 200 else {}
        except httpx.HTTPError as error:
            raise self._down(error) from error
        except ValueError as error:
            raise SourceError(f"{account.base_url}/auth/token: the answer is no JSON") from error
        if response.status_code == 429 or response.status_code >= 500:
            status = response.status_code
            raise SourceError(f"{account.base_url}/auth/token: the server answers {status}", transient=True)
        code = answer.get("code") if isinstance(answer, dict) else None
        if not isinstance(code, str) or not code:
            raise SourceError(
                f"{account.base_url} does not let us in ({response.status_code}); check client_id, secret, ai "
                "and project, and that this machine's clock is right"
            )
        return code

    def _wait_turn(self, context: Context) -> None:
        with self._turn:
            now = time.monotonic()
            wait = max(0.0, self._next_turn - now)
            self._next_turn = max(now, self._next_turn) + TURN_SECONDS
        if wait:
            context.cancellation.wait(wait)
        context.check()

    def _sleep(self, seconds: float, context: Context, status: int, path: str) -> None:
        if context.remaining is not None and context.remaining < seconds:
            what = "is still computing the result" if status in (200, 500) else f"answers {status}"
            raise SourceError(f"{path}: the server {what}; try again later", transient=True)
        context.cancellation.wait(seconds)
        context.check()

    def _client(self) -> httpx.Client:
        import httpx

        with self._lock:
            if self._http is None:
                self._http = httpx.Client(timeout=60, verify=self._verify, trust_env=False, follow_redirects=False)
            return self._http

    def _url(self, path: str) -> str:
        return f"{self.account.base_url}/projects/{self.account.project}/{path}"

    def _down(self, error: Exception) -> SourceError:
        return SourceError(f"{self.account.base_url}: {type(error).__name__}: {error}", transient=True)

    def _refused(self, status: int, path: str) -> SourceError:
        return SourceError(f"{self._url(path)}: the server answers {status}", transient=status >= 500)

    @staticmethod
    def _found(answer: Any) -> dict[str, Any] | None:
        return answer if isinstance(answer, dict) else None


def _decoded(data: bytes) -> Any:
    """A JSON answer, or None where it is none."""
    import msgspec

    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError:
        return None


def _retry_after(response: httpx.Response) -> float:
    """Seconds that the server asks to wait; 0 where it does not say."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else 0.0


def _pending(answer: Any) -> bool:
    """The newer form of the API answers so until the result is there."""
    return isinstance(answer, dict) and answer.get("status") == "doing"


def _timed_out(answer: Any) -> bool:
    """The documented 500: the server goes on computing, and a later call gets the result."""
    errors = answer.get("errors") if isinstance(answer, dict) else None
    return isinstance(errors, list) and any(
        isinstance(error, dict) and error.get("code") == "request_timeout" for error in errors
    )

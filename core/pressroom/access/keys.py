"""The workspace's key: where it comes from, and sealing secrets with it."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
from contextlib import suppress
from pathlib import Path

from pressroom.errors import SettingsError
from pressroom.settings import Workspace

KEY_VARIABLE = "PRESSROOM_SECRET_KEY"
KEY_FILE = "secret.key"
SHORTEST = 16
log = logging.getLogger("pressroom.access")


class Keys:
    """Keys for each purpose, all made of the one that the workspace has.

    Args:
        master: the workspace's key.
        origin: where it came from, for messages.
    """

    def __init__(self, master: str, origin: str) -> None:
        if len(master) < SHORTEST:
            raise SettingsError(f"the key in {origin} is too short; it needs {SHORTEST} characters or more")
        self._master = master.encode()
        self._origin = origin

    def __repr__(self) -> str:
        return f"Keys(from {self._origin})"

    def key(self, purpose: str) -> bytes:
        """32 bytes for one purpose; keys of other purposes tell nothing of it."""
        return hmac.digest(hashlib.sha256(self._master).digest(), f"pressroom:{purpose}".encode(), "sha256")

    def seal(self, secret: str, place: str) -> bytes:
        """A secret as it is kept.

        Args:
            secret: the secret.
            place: table, row and column; the sealed bytes are good there only, so that swapping rows is noticed.
        """
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(self.key("seal")).encrypt(nonce, secret.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """The secret again.

        Raises:
            SettingsError: it was sealed with another key, or for another place.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(self.key("seal")).decrypt(sealed[:12], sealed[12:], place.encode()).decode()
        except (InvalidTag, ValueError):
            raise SettingsError(
                f"a secret in the store ({place}) cannot be read with the key of {self._origin}; "
                "put the key back that it was made with, or make the thing anew"
            ) from None


def load_keys(workspace: Workspace, store_file: Path | None) -> Keys:
    """The workspace's keys: of PRESSROOM_SECRET_KEY, else `[security] key`, else a file, made where there is none.

    Args:
        workspace: the workspace.
        store_file: the store's file where it is one; the key's file lies beside it, else in the workspace.

    Raises:
        SettingsError: the key is too short, or its file cannot be read or made.
    """
    if said := os.environ.get(KEY_VARIABLE):
        return Keys(said, f"the environment variable {KEY_VARIABLE}")
    configured = workspace.settings.security.key
    if configured is not None:
        return Keys(configured.get_secret_value(), f"{workspace.file}: security.key")
    file = (store_file.parent if store_file else workspace.folder) / KEY_FILE
    try:
        return Keys(_of_file(file), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read or made: {error}; or set {KEY_VARIABLE}") from error


def _of_file(file: Path) -> str:
    if not file.exists():
        _make(file)
    if file.stat().st_mode & 0o077:
        log.warning("%s can be read by others than its owner; run: chmod 600 %s", file, file)
    return file.read_text(encoding="utf-8").strip()


def _make(file: Path) -> None:
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    part.touch(mode=0o600, exist_ok=False)
    part.write_text(secrets.token_urlsafe(48) + "\n", encoding="utf-8")
    # linked when it is whole: of several processes that come here at once, all read the first one's key
    with suppress(FileExistsError):
        os.link(part, file)
    part.unlink()

"""Sealing: what is encrypted in the database, with a key that lies outside of it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

from cryptography.fernet import Fernet, InvalidToken

from engine import PlanFlowError


class Sealer:
    """``key`` is the installation's secret key, of any length; each ``purpose`` has a key of its own derived from it.

    ``unsealable`` makes the error for what was sealed with another key.
    """

    def __init__(self, key: str, purpose: bytes, unsealable: Callable[[], PlanFlowError]) -> None:
        derived = hashlib.sha256(purpose + key.encode("utf-8", "surrogatepass")).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))
        self._unsealable = unsealable

    def seal(self, text: str) -> str:
        """The text as the database may hold it."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def unseal(self, sealed: str) -> str:
        """The text again. Raises what ``unsealable`` makes."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise self._unsealable() from None

    def opens(self, sealed: str) -> bool:
        """Whether it was sealed with this key."""
        try:
            self._fernet.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True

"""What every exception of authkit is."""

from typing import Any, Dict, List, Mapping, Optional


class AuthkitError(Exception):
    """An error of authkit.

    ``code`` is the stable name, ``number`` the status of the C interface, ``http_status`` what a server answers, ``detail`` what to do,
    ``errors`` the bad members of an input, ``retry_after`` seconds to wait or None, ``mfa_token`` what continues a login (MfaRequired).
    """

    code: str = "internal"
    number: int = 901
    http_status: int = 500
    title: str = "An internal error occurred"

    def __init__(self, detail: str = "", document: Optional[Mapping[str, Any]] = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        given = document or {}
        self.errors: List[Dict[str, str]] = list(given.get("errors", []))
        self.retry_after: Optional[int] = given.get("retry_after")
        self.mfa_token: Optional[str] = given.get("mfa_token")

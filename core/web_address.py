"""Addresses of services, checked before anything is sent to them."""

import ipaddress
from urllib.parse import urlsplit

from core.redact import printable

SHAPE = "Give one such as https://host/v1."


def fault_of(address: str, *, plain_http: bool) -> tuple[str, str] | None:
    """Why ``address`` cannot be used, with what to do about it, or None.

    Args:
        address: as it was configured.
        plain_http: whether http is allowed to other machines too; it always is on this one.

    Returns:
        A reason and a next step. The reason names an address that has a host, without user, password and query.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "is not a web address.", SHAPE
    if not host:
        # What has no host may be a key in the wrong place, so it is not repeated.
        return "is not a web address.", SHAPE
    if parts.scheme not in {"http", "https"} or port == 0:
        return f"is not a web address: {shown(address)!r}.", SHAPE
    if "@" in parts.netloc:
        return (
            f"holds a user name or a password: {shown(address)!r}.",
            "Take them out; a key belongs into its own setting.",
        )
    if parts.query or parts.fragment:
        return f"holds more than host and path: {shown(address)!r}.", SHAPE
    if parts.scheme == "http" and not plain_http and not is_loopback(host):
        return (
            f"would send key and passages unencrypted over the network: {shown(address)!r}.",
            "Use https, or set PROVISO_ALLOW_PLAIN_HTTP=true for a network that you trust.",
        )
    return None


def shown(address: str, longest: int = 200) -> str:
    """``address`` without user, password, query and fragment, on one line."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    whole = f"{parts.scheme}://{host}{parts.path.rstrip('/')}" if host else parts.scheme + ":" + parts.path
    return " ".join(printable(whole).split())[:longest]


def is_loopback(host: str) -> bool:
    """True when ``host`` is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

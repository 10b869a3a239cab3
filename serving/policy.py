"""The Content-Security-Policy and the other headers that every answer of the server carries."""

import base64
import hashlib
import re
from typing import Final

_INLINE_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)

# What a browser may load, and from where. Nothing comes from another host, nothing is framed, no plug-in runs.
# 'unsafe-inline' stands for styles alone: Streamlit writes its style sheets at run time, and bars and ticks have
# a width of their own. A style can load nothing either, because pictures and fonts are held to this server.
_DIRECTIVES: Final[dict[str, str]] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "manifest-src": "'self'",
    "media-src": "'none'",
    "frame-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}

# Older browsers know X-Frame-Options and not frame-ancestors.
_OTHER_HEADERS: Final[dict[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}


def script_hashes(page: str) -> tuple[str, ...]:
    """The CSP sources that allow the inline scripts of ``page`` (HTML) and no other inline script."""
    scripts = _INLINE_SCRIPT.findall(page)
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def content_security_policy(page: str) -> str:
    """The policy for a server whose only document is ``page`` (HTML)."""
    directives = dict(_DIRECTIVES)
    directives["script-src"] = " ".join([_DIRECTIVES["script-src"], *script_hashes(page)])
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def security_headers(page: str) -> dict[str, str]:
    """Name and value of every header that protects the reader of ``page`` (HTML)."""
    return {"Content-Security-Policy": content_security_policy(page), **_OTHER_HEADERS}

"""Addresses of sign-in pages, which a redirect leads to where a session is asked for. Pure."""

import re

__all__ = ["is_sign_in_address"]

_SIGN_IN = re.compile(
    r"//accounts\.google\.com|//(?:[\w-]+\.)*(?:log-?in|sign-?in|sso|auth|idp)[.-]"
    r"|\.(?:okta|auth0|onelogin|cloudflareaccess|b2clogin)\.com|/cdn-cgi/access/"
    r"|/(?:[\w-]*log|sign|users?/sign)[-_]?in(?![a-z])"
    r"|/(?:auth|authenticate|authorize|sso|oauth2?|saml2?|adfs|cas)(?=[/?;]|$)",
    re.IGNORECASE,
)


def is_sign_in_address(url: str) -> bool:
    """Whether a URL looks like that of a sign-in page: Google's, Microsoft's or any other's."""
    return _SIGN_IN.search(url.partition("?")[0]) is not None

"""What a browser is told to refuse, which networks are reached, and HTTPS."""

from ipaddress import ip_network

from csp.constants import NONCE, NONE, SELF

from config.settings.environment import env
from config.settings.site import HTTPS

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF, "blob:"],
        "media-src": [SELF, "blob:"],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    # HSTS for subdomains and for browsers' lists: the name belongs to the operator, who may have
    # other services under it, so a proxy may say that and this program does not.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

WEBHOOK_NETWORKS = [
    ip_network(text)
    for text in env.words(
        "VOICETELL_WEBHOOK_NETWORKS",
        "networks such as `10.1.0.0/16` to which webhooks may go although they are not public",
    )
]
"""Networks to which webhooks may go although they are not public; nothing else of that kind."""

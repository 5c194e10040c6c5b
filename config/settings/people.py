"""Accounts: log-in, sign-up, second factor, e-mail."""

import environ

from config.settings.environment import env

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
SIGNUP = env.text(
    "VOICETELL_SIGNUP",
    "who may make an account: nobody (`closed`), invited people (`invitation`), anybody (`open`, "
    "needs `EMAIL_URL`)",
    default="invitation",
    choices=("closed", "invitation", "open"),
)
SENDS_MAIL = bool(
    env.text(
        "EMAIL_URL",
        "mail server, such as `smtp+tls://user:password@mail.example.org:587`",
        shown="none: no e-mail is sent",
    )
)
if SENDS_MAIL:
    vars().update(env.urls.email_url("EMAIL_URL"))
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.text(
    "VOICETELL_EMAIL_FROM", "sender of e-mail", default="voicetell@localhost"
)
if SIGNUP == "open" and not SENDS_MAIL:
    raise environ.ImproperlyConfigured(
        "VOICETELL_SIGNUP=open needs EMAIL_URL: addresses are confirmed by e-mail"
    )
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"change_password": "accounts.forms.ChangePasswordForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if SIGNUP == "open" else "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Voicetell] "
ACCOUNT_LOGOUT_REDIRECT_URL = LOGOUT_REDIRECT_URL
ACCOUNT_SESSION_REMEMBER = True
# Per address too: whoever guesses from many machines at once is held back as well.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/15m/ip,10/15m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = env.number(
    "VOICETELL_TRUSTED_PROXIES",
    "proxies before the site whose `X-Forwarded-For` tells who asks; "
    "limits on guessing count by that address",
    default=0,
)
"""Proxies before the site whose X-Forwarded-For tells who asks."""
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Voicetell"
# Where the server sends no e-mail, no address can be confirmed.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Others are verified, and replaced by the first at the next log-in.
PASSWORD_HASHERS = [
    "accounts.hashing.Argon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ADMIN_EMAIL = env.text(
    "VOICETELL_ADMIN_EMAIL", "address of the first administrator", default="admin@localhost"
)
ADMIN_PASSWORD = env.text(
    "VOICETELL_ADMIN_PASSWORD",
    "password of the first administrator",
    shown="a printed one-time password",
)
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14

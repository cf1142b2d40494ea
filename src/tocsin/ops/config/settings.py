"""Settings of the room. From the environment, because a laptop, headquarters and a test differ in nothing else.

TOCSIN_HOME        folder of the room (``home.py``)
DATABASE_URL       postgresql://…; without it, SQLite in the folder
TOCSIN_HOSTS       names the room is reached by, comma-separated; loopback if not given
TOCSIN_PLAIN_HTTP  1 where there is no TLS: on loopback only
TOCSIN_PROXY       1 where a proxy that does TLS stands before it and sets X-Forwarded-Proto itself
TOCSIN_DEMO        1 opens the invented case, where everybody may be anybody
TOCSIN_OIDC        path of a JSON file with OpenID Connect providers, as django-allauth reads them
TOCSIN_SMTP        smtp://user:password@host:port; without it, mail is printed by the server
"""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.utils.translation import gettext_lazy as _

from tocsin.ops.config.home import home, secret

OPS = Path(__file__).parents[1]
HOME = home()
DEMO = os.environ.get("TOCSIN_DEMO") == "1"
SECOND_FACTOR = not DEMO  # in the demonstration everybody may be anybody
DEBUG = False
SECRET_KEY = secret(HOME, "secret.key")

_LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = [host.strip() for host in os.environ.get("TOCSIN_HOSTS", "").split(",") if host.strip()] or _LOOPBACK
PLAIN_HTTP = os.environ.get("TOCSIN_PLAIN_HTTP") == "1"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host not in _LOOPBACK]

INSTALLED_APPS = [
    "tocsin.ops.common",
    "tocsin.ops.alliance",
    "tocsin.ops.activation",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # allauth's list of sessions is written with it
    "django_htmx",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "tocsin.ops.common.middleware.headers",
    "tocsin.ops.common.middleware.text_alone",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tocsin.ops.alliance.language.own_language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tocsin.ops.alliance.middleware.session_end",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "tocsin.ops.common.middleware.refusals",
    "tocsin.ops.alliance.middleware.second_factor",
    "tocsin.ops.alliance.middleware.fresh_proof",
    "tocsin.ops.common.middleware.rate_limit",
]

ROOT_URLCONF = "tocsin.ops.config.urls"
WSGI_APPLICATION = "tocsin.ops.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tocsin.ops.activation.context.room",
            ],
        },
    }
]

DATABASES: dict[str, Any] = {
    "default": dj_database_url.config(default=f"sqlite:///{HOME / 'room.sqlite3'}", conn_max_age=60, conn_health_checks=True)
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # A transaction that is going to write asks for the lock at its start: it waits its turn instead of failing half-way.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: what was confirmed to a user is on disk, whatever is killed or unplugged next.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "common.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "tocsin.ops.alliance.accounts.NotOurWords"},
]

# Accounts are made by invitation (``alliance/invitations``), so nobody signs up by himself.
ACCOUNT_ADAPTER = "tocsin.ops.alliance.accounts.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "tocsin.ops.alliance.accounts.SocialAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # the invitation reached the person; there may be no mail server at all
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of changes to password and second factor, where there is a mail server
USERSESSIONS_TRACK_ACTIVITY = False  # a write at each click, for a column nobody reads at night
MFA_ADAPTER = "tocsin.ops.alliance.accounts.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Tocsin"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = PLAIN_HTTP
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"

SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": []}}
if oidc := os.environ.get("TOCSIN_OIDC"):
    SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"] = json.loads(Path(oidc).read_text())
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "tocsin" if PLAIN_HTTP else "__Host-tocsin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = not PLAIN_HTTP
SESSION_COOKIE_AGE = 12 * 3600  # after the last change; ``alliance/middleware`` ends it 12 hours after its beginning
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "tocsin-csrf" if PLAIN_HTTP else "__Host-tocsin-csrf"
CSRF_COOKIE_SECURE = not PLAIN_HTTP
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = not PLAIN_HTTP
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # words about a case stay on the server
CSRF_FAILURE_VIEW = "tocsin.ops.common.views.csrf_refused"
SECURE_SSL_REDIRECT = not PLAIN_HTTP
if os.environ.get("TOCSIN_PROXY") == "1":  # never without: anybody could claim to have come by TLS
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # whose word on the caller's address counts for limits on attempts
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 31_536_000
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",  # shared by all processes
        "LOCATION": "cache",
        # Counters of attempts are kept here: with Django's 300, who makes many loses those that count him.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("uk", _("Ukrainian"))]
LOCALE_PATHS = [HOME / "locale"]  # compiled at start from the texts in ops/locale
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["tocsin.ops.config.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
if smtp := os.environ.get("TOCSIN_SMTP"):
    _mail = urlsplit(smtp)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_TLS, EMAIL_TIMEOUT = True, 10

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "tocsin.ops.common.logs.Line", "format": "%(asctime)sZ %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"tocsin.security": {"level": "INFO"}},
}

NINJA_PAGINATION_MAX_LIMIT = 200
SILENCED_SYSTEM_CHECKS: list[str] = []

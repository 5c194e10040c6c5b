"""The API: who may ask, how often, from where, and its description."""

from config.settings.environment import env
from config.settings.site import INSTALLED_APPS, MIDDLEWARE, VERSION

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["detector.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "detector.api.problems.exception_handler",
    "DEFAULT_METADATA_CLASS": None,
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_THROTTLE_CLASSES": ["detector.api.rates.TokenRate"],
    # `?format=` belongs to the export of the history.
    "URL_FORMAT_OVERRIDE": None,
}
API_RATE_LIMIT = env.number(
    "VOICETELL_RATE_LIMIT",
    "API requests of one token (or session) in a minute; `0` is no limit",
    default=6000,
)
"""Requests that one token may make in a minute; 0 is no limit."""
BAD_TOKENS_LIMIT = env.number(
    "VOICETELL_BAD_TOKENS",
    "bad API tokens that one address may send in a minute; `0` is no limit",
    default=30,
)

CORS_ALLOWED_ORIGINS = env.words(
    "VOICETELL_CORS_ORIGINS",
    "other origins whose pages may call the API with a token, such as `https://app.example.org`",
)
"""Origins whose pages may call the API with a token. None is no CORS at all."""
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-disposition",
    "content-type",
    "idempotency-key",
    "if-none-match",
    "last-event-id",
    "prefer",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = [
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
]
if CORS_ALLOWED_ORIGINS:
    INSTALLED_APPS.append("corsheaders")
    MIDDLEWARE.insert(1, "corsheaders.middleware.CorsMiddleware")

SPECTACULAR_SETTINGS = {
    "TITLE": "Voicetell",
    "DESCRIPTION": "Is this voice a person or a machine? Verdicts with calibrated probabilities.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "detector.api.schema.manners",
        "detector.api.links.describe_links",
    ],
    "ENUM_NAME_OVERRIDES": {
        "Verdict": "detector.engine.types.Verdict",
        "PredictionStatus": "detector.models.Status",
        "PredictionOrigin": "detector.models.PredictionOrigin",
        "BatchStatus": "detector.api.serializers.batches.BatchStatus",
        "SampleLabel": "training.models.Label",
        "SampleState": "training.models.SampleState",
        "SampleOrigin": "training.models.Origin",
        "SampleExtraction": "training.models.Extraction",
        "ArchiveState": "training.models.ArchiveState",
        "FileAnswer": "training.models.Answer",
        "RunState": "training.models.RunState",
        "ModelType": "training.models.ModelType",
        "SearchSize": "training.models.SearchSize",
        "PromotePolicy": "training.models.PromotePolicy",
    },
}

"""What follows from what, as OpenAPI links: where the id that an answer gives can be used."""

from typing import Any, NamedTuple

PREDICTION = (
    "prediction",
    "prediction_events",
    "prediction_report",
    "cancel_prediction",
    "delete_prediction",
    "feedback",
)


class Follows(NamedTuple):
    """What can be asked after an answer."""

    after: str
    """An operation."""
    operations: tuple[str, ...]
    parameter: str
    """Which of their parameters the answer gives."""
    pointer: str = "/id"
    """Where in the body it stands."""


LINKS = (
    Follows("predict", PREDICTION, "prediction_id"),
    Follows("predict_upload", PREDICTION, "prediction_id"),
    Follows("predictions", PREDICTION, "prediction_id", "/results/0/id"),
    Follows("predict_batch", ("batch", "batch_events", "cancel_batch"), "batch_id"),
    Follows("begin_upload", ("predict_upload",), "upload_id"),
    Follows("create_token", ("revoke_token",), "token_id"),
    Follows(
        "create_webhook",
        (
            "webhook",
            "change_webhook",
            "disable_webhook",
            "enable_webhook",
            "rotate_webhook_secret",
            "test_webhook",
            "webhook_deliveries",
            "delete_webhook",
        ),
        "endpoint_id",
    ),
    Follows("webhook_deliveries", ("resend_webhook",), "delivery_id", "/results/0/id"),
    Follows("samples", ("sample", "describe_sample", "give_opinion"), "sample_id", "/results/0/id"),
    Follows("retrain", ("run", "cancel_run"), "run_id"),
    Follows("runs", ("run", "cancel_run"), "run_id", "/results/0/id"),
    Follows(
        "versions_import",
        ("version", "version_promote", "version_challenge", "version_export"),
        "name",
        "/name",
    ),
)


def describe_links(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the links to every success of an operation (a hook of drf-spectacular).

    Raises
    ------
    KeyError
        A link names an operation that there is not.
    """
    operations = {
        operation["operationId"]: operation
        for path in result["paths"].values()
        for operation in path.values()
    }
    for link in LINKS:
        responses = operations[link.after]["responses"]
        for status in (status for status in responses if status.startswith("2")):
            responses[status].setdefault("links", {}).update(
                {
                    name: {
                        "operationId": operations[name]["operationId"],
                        "description": operations[name]["summary"],
                        "parameters": {link.parameter: f"$response.body#{link.pointer}"},
                    }
                    for name in link.operations
                }
            )
    return result

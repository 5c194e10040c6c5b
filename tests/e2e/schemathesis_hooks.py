"""What no description can say: real files, ids and keys. schemathesis loads it."""

import io
import json
import os
import re
import zipfile
from pathlib import Path

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.core.parameters import ParameterLocation
from schemathesis.transport.serialization import Binary

CLIP = Path(os.environ["CLIP"]).read_bytes()
VERSION = Path(os.environ["VERSION_FILE"]).read_bytes()
STATEFUL = os.environ["PHASES"] == "stateful"
IDS = json.loads(os.environ["IDS"])
"""Parameters of addresses by operation; those of all others stand under an empty name."""

KEY = "Idempotency-Key"
SOUND_KEY = re.compile(r'"?[!#-~]{1,255}"?')


def archive() -> bytes:
    """Return a ZIP of one labelled clip."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("manifest.csv", "file,label\nclip.wav,real\n")
        file.writestr("clip.wav", CLIP)
    return content.getvalue()


FILES = {
    "predict": CLIP,
    "predict_batch": CLIP,
    "retrain_add_files": CLIP,
    "samples_archive": archive(),
    "versions_import": VERSION,
}


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Hide `external_id` from chains: its name makes it an id of something that nothing makes.

    What needs such an id never begins a chain, so none would begin with a clip.
    """
    if not STATEFUL:
        return
    for path in raw_schema["paths"].values():
        for operation in path.values():
            named = operation.get("parameters", [])
            operation["parameters"] = [one for one in named if one["name"] != "external_id"]
    for component in raw_schema["components"]["schemas"].values():
        component.get("properties", {}).pop("external_id", None)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """A form has no types: there `confirm=0` is how false is written, and no part is no field."""
    is_form = case.media_type == "multipart/form-data"
    return not (is_form and isinstance(failure, AcceptedNegativeData))


@schemathesis.hook
def before_call(context, case, kwargs):
    """Make a sound request one that can succeed; what is wrong on purpose stays so."""
    if not case.meta:
        return
    operation = case.operation.definition.raw["operationId"]
    if SOUND_KEY.fullmatch(str(case.headers.get(KEY, ""))):
        case.headers[KEY] = case.id  # the description's example was sent before, with other bodies
    if not STATEFUL and not case.meta.is_negative_at(ParameterLocation.PATH):
        known = IDS[""] | IDS.get(operation, {})
        for name in case.path_parameters:
            case.path_parameters[name] = known.get(name, case.path_parameters[name])
    if operation in FILES and case.meta.generation.mode.is_positive:
        case.body = with_files(case.body, FILES[operation])
        if operation == "versions_import":
            FILES.pop(operation)  # once: it is large
        elif operation == "retrain_add_files" and "labels" in case.body:
            case.body["labels"] = ["real"]


def with_files(body, real):
    """Return a body with a real file in place of some bytes."""
    if isinstance(body, dict):
        return {name: with_files(value, real) for name, value in body.items()}
    if isinstance(body, list):
        return [with_files(value, real) for value in body]
    is_file = isinstance(body, Binary) and len(body.data) % 2
    return Binary(real) if is_file else body

"""The one catalogue of words: problems and reasons, for pages, API and command line alike."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _


@dataclass(frozen=True)
class Problem:
    """What went wrong, in words, in the reader's language."""

    status: int
    """HTTP status of an answer that carries it."""
    title_in_english: str
    text_in_english: str
    """May hold ``{placeholders}`` of the error's params."""

    @property
    def title(self) -> str:
        """The problem in a few words."""
        return gettext(self.title_in_english)

    @property
    def text(self) -> str:
        """What to know or to do about it."""
        return gettext(self.text_in_english)


PROBLEMS: dict[str, Problem] = {
    # what is wrong with a file
    "empty_file": Problem(422, "The file is empty", "It holds no data at all. Send it again."),
    "file_too_large": Problem(
        413, "The file is too large", "At most {limit} can be uploaded; this one has {found}."
    ),
    "unsupported_format": Problem(
        422,
        "This is not an audio format that we read",
        "Its content was recognised as: {found}. "
        "Send WAV, FLAC, MP3, OGG, Opus, WebM, M4A, AIFF or AMR.",
    ),
    "no_audio": Problem(
        422, "There is no sound in this file", "The file can be read but has no audio track."
    ),
    "decode_failed": Problem(
        422,
        "The file is damaged",
        "It looks like {found} but could not be decoded. Export or download it again.",
    ),
    "too_many_channels": Problem(
        422,
        "Too many channels",
        "The file has {found} channels; at most {limit} are read. Send it as mono or stereo.",
    ),
    "unsupported_rate": Problem(
        422,
        "This sample rate is not supported",
        "The file has {found} Hz; 8,000 to 192,000 Hz are read.",
    ),
    "not_finite": Problem(
        422,
        "The samples are not numbers",
        "The file holds infinite or undefined sample values, so nothing can be measured.",
    ),
    "level_out_of_range": Problem(
        422,
        "The samples are in an unknown unit",
        "Full scale is 1, but the file's samples reach {found}. Export it again as 16-bit WAV.",
    ),
    "audio_too_short": Problem(
        422,
        "The clip is too short",
        "It lasts {found} s; at least {limit} s of audio are needed.",
    ),
    "audio_too_long": Problem(
        422, "The clip is too long", "At most {limit} s are judged at once. Cut it into parts."
    ),
    "decoder_crashed": Problem(
        422,
        "The file could not be opened safely",
        "Decoding it failed twice and was stopped. Convert it to WAV or FLAC and try again.",
    ),
    "decoder_memory": Problem(
        422,
        "The file needs too much memory",
        "Decoding it went over the memory limit twice and was stopped.",
    ),
    "decoder_timeout": Problem(
        422,
        "The file takes too long to decode",
        "Decoding it went over the time limit twice and was stopped.",
    ),
    "no_speech": Problem(
        422, "There is no speech in this file", "Nothing in it sounds like a voice to learn from."
    ),
    # what is wrong with a sample or an archive of samples
    "unknown_label": Problem(
        422, "This label is not known", "Labels are 'real' and 'fake'; this one is {found}."
    ),
    "label_missing": Problem(422, "The label is missing", "Say whether it is 'real' or 'fake'."),
    "value_too_long": Problem(
        422, "A value is too long", "`{field}` may have {limit} characters at most."
    ),
    "value_unprintable": Problem(
        422, "A value holds control characters", "`{field}` must be printable text in one line."
    ),
    "labels_do_not_fit": Problem(
        422,
        "The labels do not fit the files",
        "`{field}` has {found} values for {files} files: give one for each, or one for all. "
        "A manifest does instead of all such fields.",
    ),
    "too_many_samples": Problem(
        413, "Too many samples", "At most {limit} are changed at once; these are {found}."
    ),
    "not_judged": Problem(409, "There is no verdict yet", "Wait until the clip has been judged."),
    "not_a_correction": Problem(
        422, "That is what the verdict says", "The verdict is {found} already; choose the other."
    ),
    "audio_erased": Problem(
        410, "The audio is gone", "It was deleted, so nobody could check the correction."
    ),
    "archive_unreadable": Problem(
        422, "The archive cannot be read", "Send an ordinary ZIP file without a comment."
    ),
    "archive_encrypted": Problem(
        422, "The archive is encrypted", "Pack it again without a password."
    ),
    "archive_unsafe": Problem(
        422,
        "The archive is not safe to open",
        "It holds {found}: an absolute name, a way out of its folder, or a link.",
    ),
    "archive_too_many": Problem(
        413, "The archive holds too many files", "At most {limit} are read from one archive."
    ),
    "archive_too_large": Problem(
        413, "The archive is too large", "Unpacked it may have {limit}; this one has {found}."
    ),
    "archive_nested": Problem(
        422, "An archive in the archive", "Archives are not opened inside one another."
    ),
    "archive_entry_damaged": Problem(
        422, "This entry is damaged", "It does not unpack to what the archive says of it."
    ),
    "manifest_missing": Problem(
        422, "There is no manifest", "Put a `manifest.csv` at the top of the archive."
    ),
    "manifest_unreadable": Problem(
        422,
        "The manifest cannot be read",
        "It must be CSV in UTF-8 with at least the columns `file` and `label`; {found}.",
    ),
    "not_in_manifest": Problem(
        422, "Not in the manifest", "The manifest says nothing of this file, so it has no label."
    ),
    "not_in_archive": Problem(
        422, "Not in the archive", "The manifest names this file, but it is not there."
    ),
    # what is wrong with us
    "worker_lost": Problem(
        500,
        "The clip could not be judged",
        "Its worker stopped three times while judging it. An operator finds more in the logs.",
    ),
    "judging_timeout": Problem(
        503,
        "The clip could not be judged in time",
        "Three tries took too long: the server has more to do than it can. Judge it again later.",
    ),
    "internal_error": Problem(
        500,
        "Something went wrong here",
        "The fault is ours and has been logged. The clip is kept; try again later.",
    ),
    "no_model": Problem(
        503, "No model is ready", "No model version is set as champion yet. Try again shortly."
    ),
    "audio_missing": Problem(
        500, "The audio is gone", "The stored file could not be read, so the clip was not judged."
    ),
    "clip_deleted": Problem(
        410, "The clip was deleted", "It was deleted before it could be judged."
    ),
    "cancelled": Problem(
        410, "The prediction was cancelled", "It was cancelled before there was a verdict."
    ),
    # what is wrong with a training run
    "too_few_samples": Problem(
        409,
        "There is too little to learn from",
        "{found} samples are confirmed and measured; at least {limit} are needed.",
    ),
    "too_few_of_a_class": Problem(
        409,
        "There is too little to learn from",
        "Without the original data at least {limit} samples of each label are needed; there are "
        "{real} real and {fake} fake ones.",
    ),
    "nothing_new": Problem(
        409,
        "Nothing is new",
        "The same samples with the same settings are those of {run}; it would come out the same.",
    ),
    "too_few_clips": Problem(
        409,
        "There is too little to learn from",
        "After a part was kept for the test, {found} clips of one label are left; at least "
        "{limit} are needed.",
    ),
    "too_few_groups": Problem(
        409,
        "The clips are too much alike",
        "Clips of one label come from {found} recordings or sources; at least {limit} are needed, "
        "so that some can be held out. Name the sources, or add clips from others.",
    ),
    "nothing_to_test_on": Problem(
        409, "There is nothing to test on", "The guarded test set lacks clips of one label."
    ),
    "features_missing": Problem(
        500,
        "Some samples could not be measured",
        "{found} samples have no features, and no worker is adding any. Look at the log of the "
        "extraction worker.",
    ),
    "samples_deleted": Problem(
        409,
        "Samples were deleted meanwhile",
        "{found} of the samples that the run was to learn from have been deleted since it was "
        "asked for. Start it again, with those that are there now.",
    ),
    "training_lost": Problem(
        500,
        "The run was lost",
        "Its process ended three times without a word; most often memory ran out. The champion "
        "has not changed.",
    ),
    "training_memory": Problem(
        500, "Memory ran out", "The run needs more memory. The champion has not changed."
    ),
    "training_failed": Problem(
        500,
        "The run failed",
        "The fault is ours and has been logged. The champion has not changed.",
    ),
    "run_ended": Problem(409, "The run has ended", "It is {state} and cannot be cancelled."),
    # what is wrong with a request
    "unknown_version": Problem(
        422, "There is no such model version", "No version or alias is called {found}."
    ),
    "fpr_not_available": Problem(
        422,
        "This error rate cannot be promised",
        "The version's calibration data give no threshold for a false-positive rate of {wanted}; "
        "the lowest rate that they give one for is {lowest}.",
    ),
    "queue_full": Problem(
        429,
        "Too many clips are waiting",
        "You have {found} clips waiting; the limit is {limit}. Send more when some are done.",
    ),
    "no_file": Problem(400, "No file was chosen", "Choose one recording or several, then send."),
    "too_many_files": Problem(
        413, "Too many files", "A batch may hold {limit} files; this one has {found}."
    ),
    "batch_too_large": Problem(
        413, "The batch is too large", "At most {limit} can be sent at once; this is {found}."
    ),
    "request_too_large": Problem(
        413, "The request is too large", "It holds more fields, or longer ones, than are read."
    ),
    "length_required": Problem(
        411, "The length is missing", "Send `Content-Length`; chunked uploads are not read."
    ),
    "one_file_only": Problem(
        400, "Too many files", "One clip is judged at a time here; send many to /predict/batch."
    ),
    "invalid_request": Problem(400, "The request is not valid", "See `errors` for each field."),
    "parse_error": Problem(400, "The request could not be read", "Its body is malformed."),
    "url_refused": Problem(
        422,
        "Addresses are not fetched",
        "Send the recording itself. A server that fetches what it is told to can be made to read "
        "what is inside its own network, so this one never does.",
    ),
    "already_finished": Problem(
        409, "It has ended already", "There is nothing to cancel: its status is {found}."
    ),
    "not_authenticated": Problem(
        401, "Who are you?", "Send a token: 'Authorization: Bearer vt_...', or log in."
    ),
    "invalid_token": Problem(
        401, "The token is not valid", "It is unknown, expired or revoked. Make a new one."
    ),
    "permission_denied": Problem(
        403, "You may not do this", "Your account or token lacks the right that this needs."
    ),
    "one_time_password": Problem(
        403, "Choose a password first", "Log in on the site and replace the one-time password."
    ),
    "scope_missing": Problem(
        403, "The token lacks a scope", "This needs {needed}; the token has {found}."
    ),
    "role_missing": Problem(
        403, "Your role does not allow this", "This needs {needed}; your role is {role}."
    ),
    "not_found": Problem(404, "Not found", "There is nothing here, or it is not yours."),
    "method_not_allowed": Problem(
        405, "This method is not allowed here", "See the `Allow` header for those that are."
    ),
    "not_acceptable": Problem(406, "This form is not available", "Answers are JSON."),
    "unsupported_media_type": Problem(
        415,
        "This content type is not read here",
        "Send a recording as multipart/form-data or as the whole body with its own audio type, "
        "and anything else as JSON. An address (URL) is never fetched.",
    ),
    "no_direct_upload": Problem(
        409, "Files are not in S3 here", "Send the recording itself to /predict."
    ),
    "nothing_uploaded": Problem(
        409, "Nothing has been uploaded", "POST the file to the storage first; see `url`."
    ),
    "too_many_webhooks": Problem(
        409, "Too many webhooks", "One person may have {limit} endpoints. Delete one first."
    ),
    "webhook_disabled": Problem(
        409, "The endpoint is switched off", "Nothing is sent to it. Switch it on first."
    ),
    "idempotency_in_flight": Problem(
        409,
        "The first request is still being answered",
        "One with the same `Idempotency-Key` is under way. Ask again shortly.",
    ),
    "idempotency_mismatch": Problem(
        422,
        "The key stands for another request",
        "This `Idempotency-Key` was sent before with another address or body. Make a new one.",
    ),
    "throttled": Problem(429, "Too many requests", "Wait as long as `Retry-After` says."),
    # what is wrong with moving, importing or exporting a model version
    "already_champion": Problem(
        409, "This version is the champion", "{found} judges already; nothing was changed."
    ),
    "gate_not_passed": Problem(
        409,
        "The gate did not let it pass",
        "Promoting it all the same needs a reason of at least {limit} characters.",
    ),
    "no_previous": Problem(409, "There is nothing to go back to", "No former champion is known."),
    "bundle_refused": Problem(
        422, "This is no model version that can be used", "Nothing was kept of it: {why}."
    ),
    "artifact_changed": Problem(
        409,
        "The model file is not the registered one",
        "The stored file of {found} is missing or was changed, so no worker could load it.",
    ),
    "too_many_streams": Problem(
        503, "Too many are listening", "Connect again after `Retry-After`, or ask now and then."
    ),
    "unavailable": Problem(
        503, "Out of service for now", "The database cannot be reached. Try again shortly."
    ),
    "storage_unavailable": Problem(
        503,
        "No file can be kept for now",
        "The storage is full or out of reach. Nothing of this upload was kept; try again shortly.",
    ),
    "model_missing": Problem(
        503,
        "The model's file is gone",
        "The file of the model version that was to judge is not in the storage. An operator has to "
        "bring it back, or another version has to be promoted.",
    ),
    "not_ready": Problem(503, "This process is not ready", "It lacks: {missing}."),
}

REASONS: dict[str, str] = {
    "score_above_threshold": _("The evidence for a synthetic voice is above the threshold."),
    "score_below_threshold": _("The evidence is closer to a human voice."),
    "score_between_thresholds": _("The evidence does not decide either way."),
    "no_speech": _("No speech was found in the clip."),
    # what limits the verdict
    "out_of_domain": _(
        "The clip is unlike anything the detector was tested on, so it gives no verdict "
        "(distance {found}, limit {limit})."
    ),
    "little_speech": _("Only {found} s of speech were found; more would make the verdict safer."),
    "narrow_band": _(
        "The sound has nothing above {found} Hz, as on a telephone line, so part of the "
        "evidence is missing."
    ),
    "clipped": _("The recording is overdriven ({found} % of it), which hides fine detail."),
    "truncated": _("The file ends early or is damaged; only the readable part was judged."),
    # what moved the score, compared with the material that the detector learned from
    "band_fake": _(
        "Between {low} and {high} Hz the sound is more like synthetic speech than usual."
    ),
    "band_real": _("Between {low} and {high} Hz the sound is more like human speech than usual."),
    "segment_fake": _("The part from {start} s to {end} s speaks most for synthetic speech."),
    "segment_real": _("The part from {start} s to {end} s speaks most for human speech."),
    "lfcc_fake": _(
        "The way the tone colour moves from moment to moment is more like synthetic speech "
        "than usual."
    ),
    "lfcc_real": _(
        "The way the tone colour moves from moment to moment is more like human speech than usual."
    ),
    "correlation_fake": _(
        "The way low and high tones rise and fall together is more like synthetic speech than "
        "usual."
    ),
    "correlation_real": _(
        "The way low and high tones rise and fall together is more like human speech than usual."
    ),
    "flatness_fake": _(
        "The breath and hiss in the voice are more like synthetic speech than usual."
    ),
    "flatness_real": _("The breath and hiss in the voice are more like human speech than usual."),
    "texture_fake": _("The fine grain of the sound is more like synthetic speech than usual."),
    "texture_real": _("The fine grain of the sound is more like human speech than usual."),
    "phase_fake": _(
        "The timing of the tones against each other is more like synthetic speech than usual."
    ),
    "phase_real": _(
        "The timing of the tones against each other is more like human speech than usual."
    ),
    "fine_spectrum_fake": _(
        "The faint regular traces in the spectrum are more like synthetic speech than usual."
    ),
    "fine_spectrum_real": _(
        "The faint regular traces in the spectrum are more like human speech than usual."
    ),
    "learned_fake": _(
        "What a speech network hears in its first layers is more like synthetic speech than usual."
    ),
    "learned_real": _(
        "What a speech network hears in its first layers is more like human speech than usual."
    ),
    "chroma_fake": _("The spread of the musical pitch is more like synthetic speech than usual."),
    "chroma_real": _("The spread of the musical pitch is more like human speech than usual."),
    "level_fake": _("The loudness is more like synthetic speech than usual."),
    "level_real": _("The loudness is more like human speech than usual."),
    "spectral_shape_fake": _(
        "The brightness of the sound is more like synthetic speech than usual."
    ),
    "spectral_shape_real": _("The brightness of the sound is more like human speech than usual."),
    "zero_crossings_fake": _(
        "The share of hissing sounds is more like synthetic speech than usual."
    ),
    "zero_crossings_real": _("The share of hissing sounds is more like human speech than usual."),
    "mfcc_fake": _("The average tone colour is more like synthetic speech than usual."),
    "mfcc_real": _("The average tone colour is more like human speech than usual."),
    "encoder_mean_fake": _(
        "What the speech encoder hears on average is more like synthetic speech than usual."
    ),
    "encoder_mean_real": _(
        "What the speech encoder hears on average is more like human speech than usual."
    ),
    "encoder_std_fake": _(
        "How what the speech encoder hears changes over time is more like synthetic speech "
        "than usual."
    ),
    "encoder_std_real": _(
        "How what the speech encoder hears changes over time is more like human speech than usual."
    ),
}


def problem_text(code: str, params: dict[str, Any]) -> str:
    """Return a problem's sentence with its values filled in."""
    return PROBLEMS[code].text.format_map(_Known(params))


def reason_text(code: str, params: dict[str, Any]) -> str:
    """Return a reason's sentence with its values filled in."""
    return gettext(REASONS[code]).format_map(_Known(params))


class _Known(dict[str, Any]):
    """Leaves a placeholder without a value readable instead of failing while reporting."""

    def __missing__(self, key: str) -> str:
        return gettext("unknown")

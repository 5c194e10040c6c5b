"""The client: one method a task."""

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from voicetell_client.errors import ApiError, TooLongError
from voicetell_client.models import FINISHED, Json, Prediction
from voicetell_client.transport import Transport

BATCH_FILES = 100
BATCH_BYTES = 200 * 1024 * 1024
"""What one request of `predict_many` carries at most."""
LONGEST_WAIT = 60
"""Seconds that the server waits in one request at most."""


class Client:
    """A connection to a server, with one token.

    Parameters
    ----------
    base_url : str, optional
        Such as ``https://voice.example.org``; else the environment's ``VOICETELL_URL``.
    token : str, optional
        ``vt_...``; else the environment's ``VOICETELL_TOKEN``.
    timeout : float
        Seconds without a sign of the server after which a request has failed.
    retries : int
        How often a request is tried again where the server is busy or out of reach.

    Examples
    --------
    >>> with Client("http://127.0.0.1:8000", token) as client:      # doctest: +SKIP
    ...     print(client.predict("clip.mp3").verdict)
    FAKE
    """

    def __init__(
        self,
        base_url: str | None = None,
        token: str | None = None,
        *,
        timeout: float = 30.0,
        retries: int = 4,
    ) -> None:
        address = base_url or os.environ.get("VOICETELL_URL", "")
        secret = token or os.environ.get("VOICETELL_TOKEN", "")
        if not address or not secret:
            raise ValueError("Give base_url and token, or set VOICETELL_URL and VOICETELL_TOKEN.")
        self._transport = Transport(address, secret, timeout=timeout, retries=retries)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.close()

    # --- judging ------------------------------------------------------------------------------

    def predict(
        self,
        file: "str | os.PathLike[str]",
        *,
        timeout: float = 120.0,
        model: str | None = None,
        target_fpr: float | None = None,
        keep_audio: bool = True,
        retention_days: int | None = None,
        external_id: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Prediction:
        """Judge a clip and return the verdict.

        Parameters
        ----------
        file : path
            The recording.
        timeout : float
            Seconds to wait for the verdict.
        model : str, optional
            Version or alias that shall judge.
        target_fpr : float, optional
            Wanted share of human voices that are called FAKE.
        keep_audio : bool
            False: the server erases the audio when the verdict is written.
        retention_days : int, optional
            The server deletes the clip after so many days.
        external_id, metadata : optional
            Your own name for the clip, and texts to find it by later.

        Raises
        ------
        ApiError
            The clip was refused or could not be judged: see `code`.
        TooLongError
            There is no verdict yet.
        """
        ends = time.monotonic() + timeout
        wait = max(0, min(int(timeout), LONGEST_WAIT))
        options = _options(
            model=model,
            target_fpr=target_fpr,
            keep_audio=None if keep_audio else "false",
            retention_days=retention_days,
            external_id=external_id,
            metadata=json.dumps(dict(metadata)) if metadata else None,
        )

        def body() -> dict[str, Any]:
            path = Path(file)
            return {"files": {"file": (path.name, path.read_bytes())}, "data": options}

        answer = self._transport.request(
            "POST", "/predict", headers={"Prefer": f"wait={wait}"}, body=body, patience=wait
        )
        found = Prediction.from_json(answer.json())
        if found.is_finished:
            return found
        return self.wait(str(found.id), timeout=max(0.0, ends - time.monotonic()))

    def predict_many(
        self,
        files: "Iterable[str | os.PathLike[str]]",
        *,
        timeout: float = 600.0,
        progress: bool = False,
    ) -> Iterator[Prediction]:
        """Judge many clips and give their predictions in the order of the files.

        A file that is refused or cannot be judged is no exception here: its prediction has the
        status ``failed`` and an `error`.

        Parameters
        ----------
        files : iterable of paths
            The recordings; they are sent in batches.
        timeout : float
            Seconds to wait for each batch.
        progress : bool
            Draw a bar on the standard error output.

        Raises
        ------
        TooLongError
            A batch took longer.
        """
        paths = [Path(file) for file in files]
        bar = None
        if progress:
            from tqdm import tqdm

            bar = tqdm(total=len(paths), unit="clip")
        try:
            done = 0
            for part in _parts(paths):
                results: list[Json] = []
                for state in self._batch(part, timeout):
                    results = state["results"]
                    if bar is not None:
                        bar.update(done + state["finished"] - bar.n)
                done += len(results)
                yield from (Prediction.from_json(result) for result in results)
        finally:
            if bar is not None:
                bar.close()

    def _batch(self, paths: list[Path], timeout: float) -> Iterator[Json]:
        """Send a batch and give its state again and again until all of it is finished."""
        ends = time.monotonic() + timeout
        with ExitStack() as opened:

            def body() -> dict[str, Any]:
                opened.close()
                files = [opened.enter_context(path.open("rb")) for path in paths]
                pairs = zip(paths, files, strict=True)
                return {"files": [("files", (path.name, file)) for path, file in pairs]}

            answer = self._transport.request(
                "POST", "/predict/batch", headers={"Prefer": "respond-async"}, body=body
            )
        state: Json = answer.json()
        yield state
        while state["status"] not in FINISHED:
            if time.monotonic() > ends:
                raise TooLongError(state["id"])
            time.sleep(1.0)
            answer = self._transport.request("GET", f"/predict/batch/{state['id']}")
            state = answer.json()
            yield state

    def wait(self, prediction_id: str, *, timeout: float = 120.0) -> Prediction:
        """Wait until a prediction is finished and return it.

        Raises
        ------
        ApiError
            It could not be judged.
        TooLongError
            It is not finished yet.
        """
        ends = time.monotonic() + timeout
        pause = 0.25
        while not (found := self.prediction(prediction_id)).is_finished:
            if time.monotonic() + pause > ends:
                raise TooLongError(prediction_id)
            time.sleep(pause)
            pause = min(pause * 1.5, 3.0)
        if found.error:
            error = found.raw["error"]
            raise ApiError(error["status"], error | {"id": prediction_id})
        return found

    def prediction(self, prediction_id: str) -> Prediction:
        """Return a prediction as it stands, also a failed one."""
        answer = self._transport.request("GET", f"/predictions/{prediction_id}")
        return Prediction.from_json(answer.json())

    def cancel(self, prediction_id: str) -> Prediction:
        """End a prediction that waits or runs."""
        answer = self._transport.request("POST", f"/predictions/{prediction_id}/cancel")
        return Prediction.from_json(answer.json())

    def delete(self, prediction_id: str) -> None:
        """Delete a clip: its audio, and its prediction from the history."""
        self._transport.request("DELETE", f"/predictions/{prediction_id}")

    # --- the history --------------------------------------------------------------------------

    def history(self, **filters: Any) -> Iterator[Prediction]:
        """Give your predictions, the newest first, as long as you go on asking.

        Parameters
        ----------
        **filters
            As the API takes them: ``verdict="FAKE"``, ``since="2026-11-01"``, ...
        """
        for row in self.pages("/predictions", **{"page_size": 200, **filters}):
            yield Prediction.from_json(row)

    def export(self, target: IO[bytes], form: str = "csv", **filters: Any) -> int:
        """Write the history to an open file while it comes in; return the number of bytes.

        Parameters
        ----------
        target : binary file
            Where to write.
        form : str
            ``csv``, ``jsonl`` or ``parquet``.
        **filters
            As for `history`.
        """
        return self.download("/predictions/export", target, format=form, **filters)

    def report(self, prediction_id: str, target: IO[bytes]) -> int:
        """Write the PDF report of a prediction to an open file; return the number of bytes."""
        return self.download(f"/predictions/{prediction_id}/report", target)

    # --- training -----------------------------------------------------------------------------

    def add_samples(self, files: "Mapping[str | os.PathLike[str], str]") -> Json:
        """Add labelled clips; needs the scope `label`.

        Parameters
        ----------
        files : mapping
            From path to label: ``REAL`` or ``FAKE``.
        """

        def body() -> dict[str, Any]:
            items = [(Path(path), label) for path, label in files.items()]
            return {
                "files": [("files", (path.name, path.read_bytes())) for path, _ in items],
                "data": {"labels": [label for _, label in items]},
            }

        found: Json = self._transport.request("POST", "/retrain/add-files", body=body).json()
        return found

    def samples(self, **filters: Any) -> Iterator[Json]:
        """Give the samples, as long as you go on asking; needs the scope `label`."""
        yield from self.pages("/samples", **filters)

    def retrain(self, *, include_original_data: bool = True, model_type: str | None = None) -> Json:
        """Start a training run; needs the scope `train`."""
        wish: Json = {"include_original_data": include_original_data}
        if model_type:
            wish["model_type"] = model_type
        run: Json = self.call("POST", "/retrain", json=wish)
        return run

    def retrain_status(self) -> Json:
        """Return how far the latest training run is."""
        found: Json = self.call("GET", "/retrain/status")
        return found

    # --- the service --------------------------------------------------------------------------

    def health(self) -> Json:
        """Return whether the service can do its work."""
        found: Json = self.call("GET", "/health")
        return found

    def model_info(self) -> Json:
        """Return the model version that judges now."""
        found: Json = self.call("GET", "/model/info")
        return found

    def metrics(self) -> Json:
        """Return the model's figures and the service's counters."""
        found: Json = self.call("GET", "/metrics")
        return found

    # --- every other address ------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        files: "Mapping[str, str | os.PathLike[str]] | None" = None,
    ) -> Any:
        """Ask for any address of the API; tried again and idempotent like all the others.

        Parameters
        ----------
        method, path : str
            Such as ``"POST"``, ``"/models/rollback"``; a path may also be a whole address out of
            an answer's `links`.
        params : mapping, optional
            Parameters of the address.
        json : optional
            The body, where no file is sent.
        files : mapping, optional
            From the form's field to the path of the file that is sent in it.

        Returns
        -------
        dict or None
            The answer, None where it is empty. What is no JSON is for `download`.
        """

        def body() -> dict[str, Any]:
            parts = {name: Path(file) for name, file in (files or {}).items()}
            forms = {name: (path.name, path.read_bytes()) for name, path in parts.items()}
            return ({"json": json} if json is not None else {}) | (
                {"files": forms} if forms else {}
            )

        answer = self._transport.request(method, path, params=params, body=body)
        return answer.json() if answer.content else None

    def pages(self, path: str, **filters: Any) -> Iterator[Json]:
        """Give the rows of any list of the API, page after page, as long as you go on asking."""
        params: Mapping[str, Any] | None = filters
        while path:
            page = self.call("GET", path, params=params)
            yield from page["results"]
            # The address of the next page holds the filters already.
            path, params = page["next"], None

    def download(self, path: str, target: IO[bytes], **params: Any) -> int:
        """Write any file of the API to an open file while it comes in; return its bytes."""
        with self._transport.stream(path, params) as answer:
            return sum(target.write(chunk) for chunk in answer.iter_bytes())

    def events(self, path: str) -> Iterator[tuple[str, Json]]:
        """Give server-sent events, each with its name, until the server ends the stream.

        Parameters
        ----------
        path : str
            Such as ``f"/predictions/{found.id}/events"``.
        """
        with self._transport.stream(path, {}) as answer:
            name = ""
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    yield name, json.loads(line.removeprefix("data: "))


def _options(**wishes: object) -> dict[str, str]:
    """Return the form's fields; what was not asked for is not sent."""
    return {name: str(wish) for name, wish in wishes.items() if wish is not None}


def _parts(paths: list[Path]) -> Iterator[list[Path]]:
    """Cut a list into batches that one request can carry."""
    part: list[Path] = []
    size = 0
    for path in paths:
        more = path.stat().st_size
        if part and (len(part) == BATCH_FILES or size + more > BATCH_BYTES):
            yield part
            part, size = [], 0
        part.append(path)
        size += more
    if part:
        yield part

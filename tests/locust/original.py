"""A load test as somebody wrote it for the original system: nothing in it knows of Voicetell.

Only the base address and a header with a token are given, once:

    VOICETELL_TOKEN=vt_... locust -f tests/locust/original.py --headless \
        --host http://127.0.0.1:8000/api/v1 -u 10 -r 5 -t 30s
"""

import os
from pathlib import Path

from locust import HttpUser, between, task

CLIP = Path(__file__).resolve().parents[2] / "fixtures" / "clips" / "fake-flite.wav"


class ApiUser(HttpUser):
    """Somebody who uses all eight endpoints."""

    wait_time = between(0.5, 1.5)

    def on_start(self) -> None:
        """Read the clip, and set the header."""
        self.content = CLIP.read_bytes()
        self.client.headers["Authorization"] = f"Bearer {os.environ['VOICETELL_TOKEN']}"

    @task(5)
    def predict(self) -> None:
        """One file."""
        files = {"file": ("test_audio.wav", self.content, "audio/wav")}
        with self.client.post("/predict", files=files, catch_response=True) as response:
            body = response.json()
            missing = {"filename", "prediction", "confidence", "probabilities"} - set(body)
            if missing or body["prediction"] not in ("REAL", "FAKE", "INCONCLUSIVE"):
                response.failure(f"{response.status_code}: {body}")

    @task(1)
    def predict_batch(self) -> None:
        """Three files."""
        files = [("files", (f"a{n}.wav", self.content, "audio/wav")) for n in range(3)]
        with self.client.post("/predict/batch", files=files, catch_response=True) as response:
            if len(response.json().get("results", [])) != 3:
                response.failure(f"{response.status_code}: {response.text}")

    @task(2)
    def health(self) -> None:
        """Health."""
        self.client.get("/health")

    @task(1)
    def model_info(self) -> None:
        """The model."""
        self.client.get("/model/info")

    @task(1)
    def metrics(self) -> None:
        """Figures."""
        self.client.get("/metrics")

    @task(1)
    def retrain_status(self) -> None:
        """How training stands."""
        self.client.get("/retrain/status")

    @task(1)
    def add_files(self) -> None:
        """One labelled clip for training; the same bytes again are known already."""
        files = [("files", ("real.wav", self.content, "audio/wav"))]
        fields = {"labels": ["FAKE"]}
        path = "/retrain/add-files"
        with self.client.post(path, files=files, data=fields, catch_response=True) as response:
            if response.status_code != 200:
                response.failure(f"{response.status_code}: {response.text}")

    @task(1)
    def retrain(self) -> None:
        """Ask for a training; that there is too little to learn from is an answer, too."""
        fields = {"include_original_data": "true", "model_type": "random_forest"}
        with self.client.post("/retrain", data=fields, catch_response=True) as response:
            if response.status_code in (200, 202, 409):
                response.success()

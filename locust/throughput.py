"""How many `/predict` a second: programs that send the next clip as soon as they have a verdict.

    VOICETELL_TOKEN=vt_... \
        locust -f locust/throughput.py --headless --host http://127.0.0.1:8000 -u 8 -r 8 -t 1m
"""

import os

from locust import FastHttpUser, constant, task

from clips import TWO_SECONDS


class Loop(FastHttpUser):
    """One connection that is never idle."""

    wait_time = constant(0)

    @task
    def predict(self) -> None:
        """Send two seconds and wait for the verdict."""
        with self.client.post(
            "/api/v1/predict",
            files={"file": ("call.wav", TWO_SECONDS)},
            headers={"Authorization": f"Bearer {os.environ['VOICETELL_TOKEN']}"},
            catch_response=True,
        ) as response:
            if response.status_code != 200:
                response.failure(f"{response.status_code} instead of a verdict")

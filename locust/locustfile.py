"""Voicetell under load, as people use the site and as programs use the API.

    VOICETELL_EMAIL=... VOICETELL_PASSWORD=... VOICETELL_TOKEN=vt_... \
        locust -f locust/locustfile.py --headless --host http://127.0.0.1:8000 -u 50 -r 2 -t 3m

The token needs the scopes `predict` and `read`. A `{n}` in VOICETELL_EMAIL is each person's own
number, from 0 on, so that a hundred people have a hundred accounts, which are made beforehand:

    ./voicetell shell -c "from accounts.models import User
    for n in range(100): User.objects.create_user(f'load{n}@example.org', '...')"

The site lets in 30 people a minute from one address, and half of the users here are people: let no
more than one user come a second (`-r 0.9`) where there are more than sixty.

`Integrator --tags predict` leaves only the programs, and of their calls only `/predict`.
"""

import os
import random
import re
import time
from collections.abc import Callable
from itertools import count

from locust import HttpUser, between, tag, task
from locust.clients import ResponseContextManager

from clips import TWO_SECONDS, any_clip

numbers = count()

PATIENCE_SECONDS = 60
"""How long anybody waits for a verdict; then it counts as a failure."""


def is_deleted(response: ResponseContextManager) -> bool:
    """Whether another user of this account, who sent the same clip, has deleted it meanwhile."""
    if response.status_code == 404:
        response.success()
    return response.status_code == 404


class Visitor(HttpUser):
    """Somebody who sends clips and waits for their verdicts."""

    abstract = True
    wait_time = between(1, 3)

    def wait_for_verdict(self, name: str, look: Callable[[], bool], pause: float) -> None:
        """Look again and again; report the whole wait as one request of its own."""
        started = time.perf_counter()
        late = None
        for _ in count():
            if look():
                break
            if time.perf_counter() - started > PATIENCE_SECONDS:
                late = TimeoutError(f"no verdict within {PATIENCE_SECONDS} s")
                break
            time.sleep(pause)
        self.environment.events.request.fire(
            request_type="WAIT",
            name=name,
            response_time=1000 * (time.perf_counter() - started),
            response_length=0,
            exception=late,
            context={},
        )


class Person(Visitor):
    """Logs in, judges a clip, reads, looks through the history, deletes now and then."""

    weight = 1

    def on_start(self) -> None:
        """Log in as a browser does."""
        self.client.get("/account/login/")
        with self.client.post(
            "/account/login/",
            {
                "login": os.environ["VOICETELL_EMAIL"].format(n=next(numbers)),
                "password": os.environ["VOICETELL_PASSWORD"],
                "csrfmiddlewaretoken": self.client.cookies["csrftoken"],
            },
            catch_response=True,
        ) as response:
            if "sessionid" not in self.client.cookies:
                response.failure("not logged in")

    def open_result(self, page: str) -> str:
        """Open a result's page; return its text."""
        with self.client.get(page, name="/predictions/:id/", catch_response=True) as response:
            is_deleted(response)
        return str(response.text)

    def send_form(self, url: str, name: str, **more: object) -> object:
        """Post as the page's own script does."""
        headers = {"X-CSRFToken": self.client.cookies["csrftoken"], "HX-Request": "true"}
        with self.client.post(
            url, headers=headers, name=name, catch_response=True, **more
        ) as response:
            is_deleted(response)
        return response

    @task(4)
    def judge_a_clip(self) -> None:
        """Send a clip, follow the page's fragment to the verdict, delete one in four."""
        self.client.get("/")
        response = self.send_form("/clips/", "/clips/", files={"files": any_clip()})
        page = response.headers.get("HX-Redirect")
        if not page:
            return
        self.open_result(page)
        shown = "queued"

        def look() -> bool:
            nonlocal shown
            with self.client.get(
                f"{page}live/?shown={shown}",
                headers={"HX-Request": "true"},
                name=".../live/",
                catch_response=True,
            ) as live:
                if is_deleted(live):
                    return True
            if found := re.search(r'data-status="(\w+)"', live.text):
                shown = found[1]
            return shown in ("done", "failed")

        self.wait_for_verdict("page to verdict", look, pause=1.0)
        if random.random() < 0.25:
            body = self.open_result(page)
            if found := re.search(r'href="(/clips/[0-9a-f-]{36}/delete/)', body):
                self.send_form(found[1], "/clips/:id/delete/", allow_redirects=False)

    @task(2)
    def look_through_the_history(self) -> None:
        """Page, filter, open one."""
        body = self.client.get("/history/").text
        self.client.get("/history/?page=2", name="/history/?page")
        self.client.get("/history/?verdict=FAKE", name="/history/?verdict")
        if pages := re.findall(r'href="(/predictions/[0-9a-f-]{36}/)"', body):
            self.open_result(random.choice(pages))


class Integrator(Visitor):
    """A program with a token."""

    weight = 1

    def on_start(self) -> None:
        """Carry the token."""
        self.client.headers["Authorization"] = f"Bearer {os.environ['VOICETELL_TOKEN']}"

    def poll(self, url: str, name: str, shown: str) -> None:
        """Ask for a state until it is final."""

        def look() -> bool:
            with self.client.get(url, name=shown, catch_response=True) as state:
                if is_deleted(state):
                    return True
            return state.ok and state.json()["status"] in ("done", "failed")

        self.wait_for_verdict(name, look, pause=1.0)

    @tag("predict")
    @task(6)
    def predict(self) -> None:
        """Send two seconds and wait for the verdict; where it takes long, follow `Location`."""
        files = {"file": ("call.wav", TWO_SECONDS)}
        response = self.client.post("/api/v1/predict", files=files, name="/predict 2 s WAV")
        if response.status_code == 202:
            self.poll(response.headers["Location"], "after a 202, to verdict", "/predictions/:id")

    @task(2)
    def predict_later(self) -> None:
        """Send a clip, do not wait, ask for it later."""
        response = self.client.post(
            "/api/v1/predict",
            files={"file": any_clip()},
            headers={"Prefer": "respond-async"},
            name="/predict respond-async",
        )
        if response.status_code == 202:
            self.poll(response.headers["Location"], "async to verdict", "/predictions/:id")

    @task(1)
    def predict_batch(self) -> None:
        """Send five clips at once."""
        files = [("files", any_clip()) for _ in range(5)]
        response = self.client.post(
            "/api/v1/predict/batch",
            files=files,
            headers={"Prefer": "respond-async"},
            name="/predict/batch of 5",
        )
        if response.status_code == 202:
            self.poll(response.headers["Location"], "batch to verdicts", "/predict/batch/:id")

    @task(2)
    def look_around(self) -> None:
        """Ask what a dashboard asks."""
        self.client.get("/api/v1/health")
        self.client.get("/api/v1/model/info")
        self.client.get("/api/v1/predictions")

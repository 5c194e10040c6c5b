"""Nothing that opens a door is written down by any program, whatever somebody does."""

import json
import re
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import pytest
from django.conf import settings

from tests.e2e import processes
from tests.factories import PASSWORD

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]


class Person:
    """A browser without scripts that remembers every secret it has been given."""

    def __init__(self, site):
        self.site = site
        self.jar = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path):
        with self.opener.open(self.site + path, timeout=30) as answer:
            return answer.read().decode()

    def post(self, path, **fields):
        page = self.get(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields}, doseq=True)
        headers = {"Referer": self.site + path}
        request = urllib.request.Request(self.site + path, body.encode(), headers)
        with self.opener.open(request, timeout=30) as answer:
            return answer.read().decode()

    @property
    def cookies(self):
        kept = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
        return [cookie.value for cookie in self.jar if cookie.name in kept]


def call(site, path, token, **fields):
    request = urllib.request.Request(
        f"{site}/api/v1{path}",
        json.dumps(fields).encode() if fields else None,
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def test_no_log_holds_a_secret(site, worker, champion, owner, clip_file):
    person = Person(site)
    person.post("/account/login/", login=owner.email, password="a wrong guess 4711")
    person.post("/account/login/", login=owner.email, password=PASSWORD)
    assert len(person.cookies) == 2
    page = person.post("/account/tokens/", name="mine", scopes=["admin"], days="")
    token = re.search(r"vt_\w{12}_[\w-]{43}", page)[0]

    upload = urllib.request.Request(
        f"{site}/api/v1/predict?filename=secret-name.wav",
        clip_file("fake-flite.wav").read_bytes(),
        {"Authorization": f"Bearer {token}", "Content-Type": "audio/wav", "Prefer": "wait=30"},
    )
    with urllib.request.urlopen(upload, timeout=60) as answer:
        assert json.load(answer)["prediction"]
    hook = call(site, "/webhooks", token, url="https://example.org/hook", events=["run.done"])
    for wrong in (token[:-4] + "AAAA", token + "AAAA"):
        with pytest.raises(urllib.error.HTTPError, match="401"):
            call(site, "/predictions", wrong)

    secrets = [
        PASSWORD,
        "a wrong guess 4711",
        token.rpartition("_")[2],
        token.split("_", 2)[2][:-4],
        hook["secret"],
        settings.SECRET_KEY,
        *person.cookies,
    ]
    assert all(len(secret) > 10 for secret in secrets)
    for program in processes.started:
        said = program.said()
        assert [secret for secret in secrets if secret in said] == [], program.log

"""Listening to a clip: the parts that a player asks for, and nothing that a browser would run."""

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from accounts.models import User
from detector.models import Clip
from detector.web.playback import plays_in_browsers
from tests.factories import ClipFactory, facts

CONTENT = bytes(range(100))


@pytest.fixture
def clip(owner: User) -> Clip:
    return ClipFactory(
        owner=owner,
        name='page.html"; x="\n.html',
        size=len(CONTENT),
        container="mp3",
        audio=ContentFile(CONTENT, name="a.mp3"),
    )


def address(clip: Clip) -> str:
    return f"/clips/{clip.pk}/audio/"


def test_the_whole_clip(clip: Clip, browser: Client) -> None:
    answer = browser.get(address(clip))

    assert answer.getvalue() == CONTENT
    assert answer["Content-Length"] == "100"
    assert answer["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-", 0, 99),
        ("bytes=10-19", 10, 19),
        ("bytes=-5", 95, 99),
        ("bytes=90-500", 90, 99),
        ("bytes=-500", 0, 99),
    ],
)
def test_a_part_of_it(asked: str, start: int, end: int, clip: Clip, browser: Client) -> None:
    answer = browser.get(address(clip), headers={"Range": asked})

    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {start}-{end}/100"
    assert answer["Content-Length"] == str(end - start + 1)
    assert answer.getvalue() == CONTENT[start : end + 1]


@pytest.mark.parametrize("asked", ["bytes=-", "bytes=0-1,5-6", "lines=1-2", "bytes=a-b"])
def test_what_is_no_single_range_gets_the_whole(asked: str, clip: Clip, browser: Client) -> None:
    answer = browser.get(address(clip), headers={"Range": asked})

    assert answer.status_code == 200
    assert answer.getvalue() == CONTENT


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=20-10", "bytes=-0"])
def test_a_range_outside_of_it(asked: str, clip: Clip, browser: Client) -> None:
    answer = browser.get(address(clip), headers={"Range": asked})

    assert answer.status_code == 416
    assert answer["Content-Range"] == "bytes */100"


def test_a_range_of_another_content_gets_the_whole(clip: Clip, browser: Client) -> None:
    answer = browser.get(address(clip), headers={"Range": "bytes=0-9", "If-Range": '"other"'})

    assert answer.status_code == 200


def test_the_name_decides_nothing_about_the_type(clip: Clip, browser: Client) -> None:
    answer = browser.get(address(clip))

    assert answer["Content-Type"] == "audio/mpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer["Content-Disposition"].startswith("inline; filename")
    assert "\n" not in answer["Content-Disposition"]
    download = browser.get(f"{address(clip)}?download")
    assert download["Content-Disposition"].startswith("attachment; filename")


def test_head_tells_the_length_and_sends_nothing(clip: Clip, browser: Client) -> None:
    answer = browser.head(address(clip))

    assert answer["Content-Length"] == "100"
    assert answer.content == b""


def test_audio_that_is_gone_from_storage_is_not_found(clip: Clip, browser: Client) -> None:
    clip.audio.storage.delete(clip.audio.name)

    assert browser.get(address(clip)).status_code == 404


@pytest.mark.parametrize(
    ("container", "codec", "plays"),
    [
        ("mp3", "mp3float", True),
        ("wav", "pcm_s16le", True),
        ("wav", "pcm_alaw", False),
        ("wav", "adpcm_ms", False),
        ("amr", "amrnb", False),
    ],
)
def test_what_no_browser_plays_is_offered_to_download(
    container: str, codec: str, plays: bool
) -> None:
    clip = Clip(container=container, facts=facts(container=container, codec=codec))

    assert plays_in_browsers(clip) is plays

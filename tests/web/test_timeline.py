"""Where the shapes of a timeline go."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from detector.engine.types import SegmentKind, Verdict
from detector.web.timeline import HEIGHT, Timeline, clock, draw, percent


def segment(start: float, probability: float | None, kind: str = "speech") -> dict[str, Any]:
    return {
        "start": start,
        "end": start + 3.0,
        "kind": kind,
        "score": None,
        "probability": probability,
    }


def drawn(segments: list[dict[str, Any]], duration: float) -> Timeline:
    timeline = draw(segments, threshold=0.8, real_threshold=0.2, duration=duration)
    assert timeline is not None
    return timeline


def share(text: str) -> float:
    return float(text.removesuffix("%"))


def test_overlapping_windows_each_get_the_second_in_their_middle() -> None:
    timeline = drawn([segment(0, 0.9), segment(1, 0.5), segment(2, 0.1)], duration=5)

    places = [(share(column.x), share(column.width)) for column in timeline.columns]
    assert places == [(0, 40), (40, 20), (60, 40)]
    assert [column.zone for column in timeline.columns] == [
        Verdict.FAKE,
        Verdict.INCONCLUSIVE,
        Verdict.REAL,
    ]


def test_a_threshold_belongs_to_its_verdict_as_it_does_for_the_clip() -> None:
    timeline = drawn([segment(0, 0.8), segment(1, 0.2)], duration=4)

    assert [column.zone for column in timeline.columns] == [Verdict.FAKE, Verdict.REAL]


def test_neighbours_left_out_for_one_reason_are_one_gap() -> None:
    timeline = drawn(
        [
            segment(0, None, "silence"),
            segment(1, None, "silence"),
            segment(2, None, "little_speech"),
            segment(3, 0.4),
        ],
        duration=6,
    )

    assert [(gap.kind, gap.start, gap.end) for gap in timeline.gaps] == [
        (SegmentKind.SILENCE, "0:00", "0:04"),
        (SegmentKind.LITTLE_SPEECH, "0:02", "0:05"),
    ]


def test_nothing_is_drawn_of_nothing() -> None:
    assert draw([], threshold=0.8, real_threshold=0.2, duration=3) is None


@given(
    st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=1, max_size=40),
    st.floats(0, 0.99),
)
def test_shapes_fill_the_width_and_stay_inside(
    probabilities: list[float | None], rest: float
) -> None:
    duration = len(probabilities) + 2 + rest
    segments = [
        segment(start, probability, "speech" if probability is not None else "silence")
        for start, probability in enumerate(probabilities)
    ]
    timeline = drawn(segments, duration)

    assert abs(sum(share(shape.width) for shape in (*timeline.columns, *timeline.gaps)) - 100) < 0.1
    for column in timeline.columns:
        assert 0 <= float(column.y) <= HEIGHT
        assert abs(float(column.y) + float(column.height) - HEIGHT) < 0.11
    assert 1 <= len(timeline.ticks) <= 8
    assert all(0 <= share(tick.x) <= 100 for tick in timeline.ticks)


def test_numbers_to_read() -> None:
    assert [percent(p) for p in (0.0, 0.004, 0.5, 0.994, 1.0)] == [
        "< 0.1 %",
        "0.4 %",
        "50 %",
        "99.4 %",
        "> 99.9 %",
    ]
    assert [clock(s) for s in (0, 2.34, 59.96, 600)] == ["0:00", "0:02.3", "1:00", "10:00"]

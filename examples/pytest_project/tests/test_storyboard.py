"""What the pipeline builds is what the vendor takes."""

from hypothesis import given
from hypothesis import strategies as st
from storyboard import Shot, request

IMAGE = "https://example.com/still.jpg"
shots = st.builds(
    Shot,
    image=st.just(IMAGE),
    prompt=st.text(st.characters(exclude_categories=["Cs"]), max_size=1200),
    seconds=st.integers(0, 60),
    shape=st.sampled_from(["wide", "tall", "square"]),
)


def test_a_plain_shot_is_accepted(assert_accepts):
    assert_accepts(request(Shot(IMAGE, "A red fox runs through fresh snow.")), strict=True)


@given(shot=shots)
def test_every_shot_is_accepted(shot, assert_accepts):
    assert_accepts(request(shot), "runwayml/image_to_video#gen4_turbo")

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.publishing.presentation.slugs import LONGEST, slug_for


@pytest.mark.parametrize(
    ("title", "taken", "slug"),
    [
        ("How long does it take?", [], "how-long-does-it-take"),
        ("🎥🎥", [], "video"),
        ("🎥🎥", ["video", "video-2"], "video-3"),
        ("Zoë fragt", ["zoë-fragt"], "zoë-fragt-2"),
        ("a" * 300, ["a" * 255], "a" * 253 + "-2"),
    ],
)
def test_a_title_becomes_an_address(title, taken, slug):
    assert slug_for(title, taken) == slug


@given(st.text(max_size=300), st.lists(st.sampled_from(["video", "a", "a-2", "b" * 255])))
def test_every_title_has_a_slug_of_its_own(title, taken):
    slug = slug_for(title, taken)
    assert slug
    assert slug not in taken
    assert len(slug) <= LONGEST

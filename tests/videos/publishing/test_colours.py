"""Whatever accent a company has, the site can be read."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from videos.publishing.models import Appearance, contrast_error
from videos.publishing.presentation.colours import NIGHT, PAPER, READABLE, contrast, palette

colours = st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: "#{:02x}{:02x}{:02x}".format(*rgb))


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


def test_a_contrast_that_is_too_low_is_not_rounded_up_to_enough():
    reason = contrast_error("#777777", contrast("#777777", PAPER))
    assert "its contrast is 4.4 to 1, and must be at least 4.5 to 1." in reason


@given(colours)
def test_the_accent_can_be_read_in_the_dark(accent):
    assert contrast(palette(accent).accent_dark, NIGHT) >= READABLE


@given(colours.filter(lambda colour: contrast(colour, PAPER) >= READABLE))
def test_what_stands_on_the_accent_can_be_read(accent):
    made = palette(accent)
    assert contrast(made.accent, made.on_accent) >= READABLE
    assert contrast(made.accent_dark, made.on_accent_dark) >= READABLE


@pytest.mark.parametrize("accent", ["#ffcc00", "blue", "#12345", "#0b5cad;}"])
def test_a_colour_that_cannot_be_read_is_refused(accent):
    with pytest.raises(ValidationError) as refusal:
        Appearance(accent=accent).clean()
    assert list(refusal.value.message_dict) == ["accent"]


def test_a_colour_that_can_be_read_is_taken():
    Appearance(accent="#0b5cad").clean()

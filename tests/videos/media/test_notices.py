"""What was decided for a producer, in words."""

from videos.media.cuts.notices import captions_in_words, remarks_in_words


def remark(code, **sound):
    [found] = remarks_in_words({"remarks": [code], "sound": sound or None})
    return found


def test_each_decision_has_a_sentence():
    assert remark("broken_off").startswith("The recording ends abruptly.")
    assert remark("sizes").startswith(
        "The picture changes its size or rotation during the recording."
    )
    assert "narrow and wide" in remark("shapes")
    assert remark("silent") == "The sound is silent throughout."
    assert "left channel" in remark("only_left")
    assert "right channel" in remark("only_right")


def test_the_track_that_is_heard_in_the_place_of_another_is_named():
    assert remark("other_track", number=3, right=None) == (
        "The default audio track is silent. Viewers hear track 3 instead."
    )
    assert remark("other_track", number=3, right=4).endswith(
        "Viewers hear tracks 3 and 4 instead, as left and right."
    )


def test_remarks_stand_in_their_order_and_unknown_ones_are_left_out():
    found = remarks_in_words({"remarks": ["silent", "from tomorrow", "sizes"]})
    assert [line.split()[1] for line in found] == ["sound", "picture"]
    assert remarks_in_words({}) == remarks_in_words({"remarks": None}) == []


def test_captions_inside_are_named_by_title_or_language():
    facts = {
        "captions": [
            {"number": 1, "title": "For the deaf", "language": "eng"},
            {"number": 2, "title": "", "language": "deu"},
            {"number": 3, "title": "", "language": "tlh"},
            {"number": 4, "title": "", "language": ""},
        ]
    }
    assert captions_in_words(facts) == "For the deaf, German, tlh, unknown language"
    assert remarks_in_words(facts) == [f"The file contains captions: {captions_in_words(facts)}."]
    assert captions_in_words(facts, [2, 4]) == "German, unknown language"
    assert remarks_in_words(facts, [2]) == ["The file contains captions: German."]
    assert remarks_in_words(facts, []) == []
    assert captions_in_words({}) == captions_in_words({"captions": None}) == ""

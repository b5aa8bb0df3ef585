from fractions import Fraction

import pytest

from videos.media.transcoding.hls import (
    Media,
    Variant,
    avc_codec,
    bit_rates,
    key_frame_playlist,
    master,
    parse,
)

WRITTEN = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-MAP:URI="init.mp4"
#EXTINF:4.000000,
00000.m4s
#EXTINF:1.500000,
00001.m4s
#EXT-X-ENDLIST
"""


def test_a_media_playlist_is_read_back():
    media = parse(WRITTEN)
    assert media == Media("init.mp4", (("00000.m4s", 4.0), ("00001.m4s", 1.5)), ended=True)
    assert media.seconds == 5.5


def test_an_unfinished_playlist_is_told_from_a_finished_one():
    assert not parse(WRITTEN.replace("#EXT-X-ENDLIST\n", "")).ended


def test_the_peak_is_of_the_segments_that_say_something():
    assert bit_rates([(4.0, 500_000), (4.0, 1_000_000), (0.1, 100_000)]) == (1_580_247, 2_000_000)


def test_the_codec_is_named_from_the_stream_itself():
    assert avc_codec(b"....avcC\x01\x64\x00\x28\xff") == "avc1.640028"
    with pytest.raises(ValueError, match="subsection"):
        avc_codec(b"no such box")


def test_the_master_leads_to_pictures_and_to_one_group_of_sound():
    variants = [Variant("640x360/index.m3u8", 640, 360, 700_000, 900_000, "avc1.64001e,mp4a.40.2")]
    assert master(variants, Fraction(30000, 1001), sound="sound/index.m3u8") == (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,'
        'CHANNELS="2",URI="sound/index.m3u8"\n'
        "#EXT-X-STREAM-INF:BANDWIDTH=900000,AVERAGE-BANDWIDTH=700000,"
        'CODECS="avc1.64001e,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=29.970,AUDIO="sound"\n'
        "640x360/index.m3u8\n"
    )


def test_a_silent_video_has_no_group_of_sound():
    variants = [Variant("640x360/index.m3u8", 640, 360, 700_000, 900_000, "avc1.64001e")]
    assert "AUDIO" not in master(variants, Fraction(25), sound=None)


def test_key_pictures_are_named_by_their_bytes():
    text = key_frame_playlist(parse(WRITTEN), [(76, 5000), (80, 6000)])
    assert text == (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n"
        '#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-I-FRAMES-ONLY\n#EXT-X-MAP:URI="init.mp4"\n'
        "#EXTINF:4.000000,\n#EXT-X-BYTERANGE:5000@76\n00000.m4s\n"
        "#EXTINF:1.500000,\n#EXT-X-BYTERANGE:6000@80\n00001.m4s\n#EXT-X-ENDLIST\n"
    )


def test_the_master_names_key_pictures_without_sound():
    key = Variant("640x360/keys.m3u8", 640, 360, 70_000, 90_000, "avc1.64001e")
    assert master([], Fraction(25), sound=None, keys=[key]).endswith(
        "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90000,AVERAGE-BANDWIDTH=70000,"
        'CODECS="avc1.64001e",RESOLUTION=640x360,URI="640x360/keys.m3u8"\n'
    )

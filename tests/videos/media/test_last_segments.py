"""A film ends: picture and sound together, and the player knows it."""

import shutil
from pathlib import Path

import pytest

from tests.videos.media.conftest import X264, lavfi
from tests.videos.media.factories import job_of
from tests.videos.media.stored import stored
from videos.media.access import is_for_anyone
from videos.media.errors import EncodeFailed
from videos.media.jobs import end_repair_queue
from videos.media.jobs.tasks import transcode
from videos.media.models import Cut, Job, RenditionSet, footage
from videos.media.renditions import sets
from videos.media.renditions.sets import publish_set
from videos.media.transcoding import hls, last_segments
from videos.media.transcoding.fmp4 import top_level_boxes
from videos.media.transcoding.hls import Media
from videos.media.transcoding.sound.verify import SLACK_SECONDS
from videos.media.transcoding.verify import verify_ends, verify_media

# hls.js passes over a segment of which less than this is missing: its `maxFragLookUpTolerance`
PASSED_OVER_SECONDS = 0.25


def film(rate: str, frames: int, *, sound: str = "sine=440:r=48000", length: float = 1000.0):
    """Makes a film of so many frames; its sound ends after `length` seconds at the latest."""
    seconds = frames / float(eval_rate(rate))
    options = [*X264, *(("-c:a", "aac") if sound else ())]
    heard = f"{sound}:d={min(seconds, length)}" if sound else ""
    return lavfi(f"testsrc2=s=160x90:r={rate}", *options, sound=heard, seconds=seconds)


def eval_rate(rate: str) -> float:
    above, _slash, below = rate.partition("/")
    return int(above) / int(below or 1)


def longer_sound(path: Path) -> None:
    lavfi("testsrc2=s=160x90:r=25:d=5.5", *X264, "-c:a", "aac", sound="sine=440:d=6", seconds=6)(
        path
    )


def variable(path: Path) -> None:
    lavfi(
        "testsrc2=s=160x90:r=30,select='not(eq(mod(n,5),3)+eq(mod(n,7),2))'",
        *(*X264, "-fps_mode", "vfr", "-c:a", "aac"),
        sound="sine=440",
        seconds=12,
    )(path)


FILMS = {
    "6-s.mp4": film("25", 150),
    "12-s.mp4": film("24", 288),
    "a-frame-less.mp4": film("25", 149),
    "a-frame-more.mp4": film("25", 151),
    "21-ms-more.mp4": film("48", 289),
    "23.976.mp4": film("24000/1001", 288),
    "29.97.mp4": film("30000/1001", 360),
    "variable.mp4": variable,
    "silent.mp4": film("25", 301, sound=""),
    "shorter-sound.mp4": film("25", 150, length=3),
    "longer-sound.mkv": longer_sound,
}


def made(folder: Path, told: dict) -> list[Media]:
    """The pictures' playlists, then the sound's, of a set."""
    paths = [folder / rendition["path"] for rendition in told["renditions"]]
    sound = folder / "sound" / "index.m3u8"
    return [hls.parse(path.read_text()) for path in [*paths, *[sound] * sound.exists()]]


@pytest.fixture(scope="module")
def encoded(tmp_path_factory):
    """`encoded(name)` is (folder, JSON) of the set of one of FILMS."""
    from tests.videos.media.conftest import within

    kept = {}

    def result(name):
        if name not in kept:
            source = tmp_path_factory.mktemp("film") / name
            FILMS[name](source)
            ran = within(source, tmp_path_factory.mktemp("set"))
            assert ran.code == 0, ran.err
            kept[name] = (ran.folder, ran.told)
        return kept[name]

    return result


@pytest.mark.parametrize("name", FILMS)
def test_picture_and_sound_end_together_in_segments_that_no_player_passes_over(encoded, name):
    folder, told = encoded(name)
    pictures = [media for media in made(folder, told) if media.segments]
    picture = pictures[0]
    frame = 1 / told["source"]["frame_rate"]
    for media in pictures:
        assert abs(media.seconds - picture.seconds) <= max(frame, 0.045)
        assert len(media.segments) == 1 or media.segments[-1][1] > 2 * PASSED_OVER_SECONDS - 0.001
        assert media.seconds - media.segments[-1][1] < picture.seconds
    assert ("silent" in name) == (len(pictures) == 1)


def parts_of(segment: bytes, path: Path) -> list[tuple[int, int]]:
    path.write_bytes(segment)
    with path.open("rb") as file:
        kept = [box for box in top_level_boxes(file) if box.name in {b"moof", b"mdat"}]
    return [(box.start, box.end) for box in kept]


def as_it_was(place: Path, seconds: float) -> None:
    """Give a rendition back the last segment of so many seconds that was joined to another."""
    listed = place / "index.m3u8"
    text = listed.read_text()
    name, length = hls.parse(text).segments[-1]
    content = (place / name).read_bytes()
    *_others, (moof, _end), (_start, mdat) = parts_of(content, place / "parts")
    (place / "parts").unlink()
    last = f"{int(name[:5]) + 1:05d}.m4s"
    (place / name).write_bytes(content[:moof])
    (place / last).write_bytes(content[moof:mdat])
    split = f"#EXTINF:{length - seconds:.6f},\n{name}\n#EXTINF:{seconds:.6f},\n{last}\n"
    listed.write_text(text.replace(f"#EXTINF:{length:.6f},\n{name}\n", split))


def test_a_short_end_becomes_a_part_of_the_segment_before_and_nothing_is_lost(encoded, tmp_path):
    folder, _told = encoded("6-s.mp4")
    place = tmp_path / "sound"
    shutil.copytree(folder / "sound", place)
    before = (place / "00000.m4s").read_bytes()
    as_it_was(place, 0.021333)
    assert len(hls.parse((place / "index.m3u8").read_text()).segments) == 2
    last_segments.merge_short_end(place)
    assert (place / "00000.m4s").read_bytes() == before
    assert sorted(path.name for path in place.iterdir()) == ["00000.m4s", "index.m3u8", "init.mp4"]
    [(name, seconds)] = hls.parse((place / "index.m3u8").read_text()).segments
    assert (name, round(seconds, 3)) == ("00000.m4s", 6.037)
    last_segments.merge_short_end(place)  # and is not done twice
    assert (place / "00000.m4s").read_bytes() == before


def media(*seconds: float) -> Media:
    named = tuple((f"{number:05d}.m4s", length) for number, length in enumerate(seconds))
    return Media("init.mp4", named, ended=True)


@pytest.mark.parametrize(
    ("picture", "sound"),
    [
        (media(4.0), media(4.010667, 0.021333)),
        (media(4.0, 0.04), media(4.061)),
        (media(4.0, 4.0), media(4.01, 3.99, 0.6)),
    ],
)
def test_a_set_with_a_segment_that_a_player_passes_over_is_never_shown(picture, sound):
    with pytest.raises(EncodeFailed):
        verify_ends([picture], sound)


@pytest.mark.parametrize(
    ("picture", "sound"), [(media(4.0), media(4.032)), (media(4.0, 3.0), media(4.01, 3.01))]
)
def test_a_set_that_ends_well_is_shown(picture, sound):
    verify_ends([picture], sound)
    verify_ends([picture], None)


def test_a_rendition_that_ends_apart_from_the_film_is_refused(encoded):
    folder, told = encoded("6-s.mp4")
    path = folder / told["renditions"][0]["path"]
    verify_media(path, 6.0, slack=0.04)
    for seconds in (5.9, 6.1):
        with pytest.raises(EncodeFailed):
            verify_media(path, seconds, slack=0.04)
    with pytest.raises(EncodeFailed):
        verify_media(folder / "sound" / "index.m3u8", 5.95, slack=SLACK_SECONDS)


@pytest.mark.django_db
class TestSetsOfBefore:
    """Sets of a running studio whose end was not well take care of themselves."""

    @pytest.fixture
    def shown(self, encoded, tmp_path) -> Cut:
        """A public cut whose set has both: a short end of the sound and one of the picture."""
        folder, told = encoded("a-frame-more.mp4")
        old = tmp_path / "old"
        shutil.copytree(folder, old)
        as_it_was(old / "160x90", 0.04)
        as_it_was(old / "sound", 0.05)
        cut = stored(old, told)
        publish_set(cut)
        return cut

    def listed(self, renditions: RenditionSet) -> list[Media]:
        paths = ("160x90/index.m3u8", "sound/index.m3u8")
        return [
            hls.parse(footage().open(f"{renditions.folder}/{path}").read().decode())
            for path in paths
        ]

    def test_they_are_found_and_a_copy_that_ends_well_takes_their_place(self, shown):
        old = shown.current_set
        end_repair_queue.check_ends()
        end_repair_queue.check_ends()
        [job] = Job.objects.all()
        assert (job.kind, job.cut_id) == ("ends", shown.pk)
        transcode(job.pk)
        job.refresh_from_db()
        shown.refresh_from_db()
        assert (job.state, job.reason) == (Job.State.READY, "")
        new = shown.current_set
        assert new != old
        assert (new.is_public, new.ends_well, new.seconds) == (True, True, old.seconds)
        assert [len(media.segments) for media in self.listed(new)] == [1, 1]
        verify_ends(*[[self.listed(new)[0]], self.listed(new)[1]])
        keys = footage().open(f"{new.folder}/160x90/keys.m3u8").read().decode()
        assert keys.count("#EXTINF") == 1
        assert [r.codecs for r in new.renditions.all()] == [r.codecs for r in old.renditions.all()]
        end_repair_queue.check_ends()
        assert Job.objects.count() == 1

    def test_who_plays_the_old_one_plays_on(self, shown):
        old = shown.current_set
        before = [len(media.segments) for media in self.listed(old)]
        end_repair_queue.check_ends()
        transcode(Job.objects.get().pk)
        old.refresh_from_db()
        assert [len(media.segments) for media in self.listed(old)] == before == [2, 2]
        assert (old.is_public, is_for_anyone(old)) == (False, True)

    def test_a_private_set_stays_private_and_a_second_set_stays_second(self, shown, encoded):
        folder, told = encoded("6-s.mp4")
        second = stored(folder, told).current_set
        RenditionSet.objects.filter(pk=second.pk).update(cut=shown, kind="av1", ends_well=True)
        Cut.objects.filter(pk=shown.pk).update(second_set=second)
        sets.withdraw_set(shown)
        end_repair_queue.check_ends()
        transcode(Job.objects.get().pk)
        shown.refresh_from_db()
        assert not shown.current_set.is_public
        assert shown.second_set == second

    def test_sets_that_end_well_are_looked_at_once_and_left_alone(self, encoded):
        cut = stored(*encoded("6-s.mp4"))
        end_repair_queue.check_ends()
        cut.refresh_from_db()
        assert cut.current_set.ends_well is True
        assert not Job.objects.exists()

    def test_a_new_set_is_known_to_end_well(self, tmp_path):
        source = tmp_path / "film.mp4"
        FILMS["6-s.mp4"](source)
        transcode(job_of(source).pk)
        assert RenditionSet.objects.get().ends_well is True

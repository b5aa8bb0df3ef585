"""The audio tracks of a source, and the choice of one of them."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.log_actions import log

from studio.people.models import User
from videos.media.captions.languages import language_name
from videos.media.errors import SoundRefused
from videos.media.jobs.actions import MAY_RETRY, restart
from videos.media.jobs.tasks import enqueue
from videos.media.log_actions import SOUND_CHOSEN
from videos.media.models import Cut, Job, RenditionSet
from videos.media.renditions.sound_guards import why_sound_stays
from videos.media.storage.quota import work_bytes
from videos.planning.models import Video


def tracks_of(cut: Cut) -> list[dict[str, Any]]:
    """The audio tracks of a source, from its probe."""
    tracks: list[dict[str, Any]] = cut.source_info.get("tracks") or []
    return tracks


def audio_track_choices(cut: Cut) -> list[tuple[int, str]]:
    """(number, description) of each audio track."""
    return [(int(track["number"]), in_words(track)) for track in tracks_of(cut)]


def audio_track_of(cut: Cut) -> int | None:
    """The number of the track that is used: the chosen one, the probe's or the default."""
    number = cut.audio_track or (cut.source_info.get("sound") or {}).get("number")
    if number is not None:
        return int(number)
    tracks = tracks_of(cut)
    default = next((track for track in tracks if track.get("default")), None)
    first = default or (tracks[0] if tracks else None)
    return int(first["number"]) if first else None


def in_words(track: dict[str, Any]) -> str:
    """The description of a track."""
    language = language_name(str(track.get("language") or ""))
    channels = channels_in_words(int(track.get("channels") or 0))
    parts = [str(track.get("title") or ""), language, channels, str(track.get("codec") or "")]
    description = ", ".join(part for part in parts if part)
    text = _("Track %(number)d: %(description)s") % {
        "number": int(track["number"]),
        "description": description,
    }
    return _("%(track)s (the source’s default)") % {"track": text} if track.get("default") else text


def channels_in_words(channels: int) -> str:
    """“mono”, “stereo”, or the number of channels."""
    if channels <= 2:
        return {0: "", 1: _("mono"), 2: _("stereo")}[max(0, channels)]
    return ngettext("%(n)d channel", "%(n)d channels", channels) % {"n": channels}


def is_being_remade(cut: Cut) -> bool:
    """Whether a new full set is being made for a cut that shows one."""
    current = cut.current_set
    if current is None or current.kind != RenditionSet.Kind.FULL:
        return False
    return cut.jobs.filter(kind=Job.Kind.FULL, state__in=Job.OPEN).exists()


def choose_audio_track(cut: Cut, number: int, *, by: User) -> None:
    """Make a cut again with another audio track, on record. What it shows stays until then.

    Raises SoundRefused if the cut is approved or public, or has an open job.
    """
    with transaction.atomic():
        # The lock that approving and publishing take, too
        video = Video.objects.select_for_update().get(pk=cut.video_id)
        fresh = Cut.objects.select_for_update().get(pk=cut.pk)
        if number not in dict(audio_track_choices(fresh)):
            raise SoundRefused(_("The source has no such audio track."))
        if reason := why_sound_stays(fresh):
            raise SoundRefused(reason)
        if fresh.jobs.filter(kind=Job.Kind.FULL, state__in=Job.OPEN).exists():
            raise SoundRefused(
                _("This cut is being made ready. Choose the audio track when that is done.")
            )
        record(video, fresh, number, by=by)
        Cut.objects.filter(pk=fresh.pk).update(audio_track=number)
        if fresh.state not in MAY_RETRY:
            enqueue(Job.objects.create(cut=fresh, reserved_bytes=work_bytes(fresh.source_bytes)))
        else:
            restart(fresh)


def record(video: Video, cut: Cut, number: int, *, by: User) -> None:
    """Log a choice in the history of the video. Call it before the choice is saved."""
    words = dict(audio_track_choices(cut))
    was = words.get(audio_track_of(cut) or 0, "")
    data = {"cut": cut.number, "was": was, "now": words[number]}
    log(video, SOUND_CHOSEN, user=by, data=data)

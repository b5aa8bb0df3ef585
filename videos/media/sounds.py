"""Which track of a source is heard: what there is, and the choice of a person."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.log_actions import log

from studio.people.models import User
from videos.media.acts import MAY_RETRY, OPEN, make_again
from videos.media.errors import SoundRefused
from videos.media.languages import language_name
from videos.media.log_actions import SOUND_CHOSEN
from videos.media.models import Cut, Job, RenditionSet
from videos.media.reservations import work_bytes
from videos.media.sound_guards import why_sound_stays
from videos.media.tasks import enqueue
from videos.planning.models import Video


def tracks_of(cut: Cut) -> list[dict[str, Any]]:
    """The sound tracks of a source, as the probe told them."""
    tracks: list[dict[str, Any]] = cut.facts.get("tracks") or []
    return tracks


def choices_of(cut: Cut) -> list[tuple[int, str]]:
    """(number, words) of each track."""
    return [(int(track["number"]), in_words(track)) for track in tracks_of(cut)]


def heard_in(cut: Cut) -> int | None:
    """The number of the track that is heard: the chosen one, else the probe's, else the default."""
    number = cut.sound_track or (cut.facts.get("sound") or {}).get("number")
    if number is not None:
        return int(number)
    tracks = tracks_of(cut)
    default = next((track for track in tracks if track.get("default")), None)
    first = default or (tracks[0] if tracks else None)
    return int(first["number"]) if first else None


def in_words(track: dict[str, Any]) -> str:
    """A track as people tell it from others."""
    language = language_name(str(track.get("language") or ""))
    channels = channels_in_words(int(track.get("channels") or 0))
    parts = [str(track.get("title") or ""), language, channels, str(track.get("codec") or "")]
    told = ", ".join(part for part in parts if part)
    text = _("Track %(number)d: %(told)s") % {"number": int(track["number"]), "told": told}
    return _("%(track)s (the source’s default)") % {"track": text} if track.get("default") else text


def channels_in_words(channels: int) -> str:
    """Mono, stereo, or how many."""
    if channels <= 2:
        return {0: "", 1: _("mono"), 2: _("stereo")}[max(0, channels)]
    return ngettext("%(n)d channel", "%(n)d channels", channels) % {"n": channels}


def is_being_remade(cut: Cut) -> bool:
    """Whether another set takes the place of the full one that a cut shows, soon."""
    current = cut.current_set
    if current is None or current.kind != RenditionSet.Kind.FULL:
        return False
    return cut.jobs.filter(kind="full", state__in=OPEN).exists()


def choose_sound(cut: Cut, number: int, *, by: User) -> None:
    """Have a cut made again with another track; what it shows stays until that is ready.

    On record. Raises SoundRefused: what is approved, or is what viewers have, sounds as it does.
    """
    with transaction.atomic():
        # As whoever approves and whoever publishes
        video = Video.objects.select_for_update().get(pk=cut.video_id)
        fresh = Cut.objects.select_for_update().get(pk=cut.pk)
        if number not in dict(choices_of(fresh)):
            raise SoundRefused(_("The source has no such track."))
        if reason := why_sound_stays(fresh):
            raise SoundRefused(reason)
        if fresh.jobs.filter(kind="full", state__in=OPEN).exists():
            raise SoundRefused(_("This cut is being made ready now. Choose when that is done."))
        record(video, fresh, number, by=by)
        Cut.objects.filter(pk=fresh.pk).update(sound_track=number)
        if fresh.state not in MAY_RETRY:
            enqueue(Job.objects.create(cut=fresh, reserved_bytes=work_bytes(fresh.source_bytes)))
        else:
            make_again(fresh)


def record(video: Video, cut: Cut, number: int, *, by: User) -> None:
    """Put a choice into the history of the video, as it stands before it is made."""
    words = dict(choices_of(cut))
    was = words.get(heard_in(cut) or 0, "")
    data = {"cut": cut.number, "was": was, "now": words[number]}
    log(video, SOUND_CHOSEN, user=by, data=data)

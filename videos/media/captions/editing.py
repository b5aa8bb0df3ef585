"""Saving, changing and removing captions."""

from datetime import datetime

from django.conf.locale import LANG_INFO
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from studio.people.models import User
from videos.media.errors import CaptionRefused
from videos.media.log_actions import CAPTIONS_REMOVED
from videos.media.models import Caption
from videos.media.transcoding.webvtt import format_webvtt, parse_cues

UNKNOWN = "und"  # the BCP 47 tag of an unknown language
LABEL_LENGTH = 60


class CaptionsChanged(CaptionRefused):
    """Somebody else saved these captions after they were opened."""

    def __init__(self, caption: Caption) -> None:
        text = _("%(who)s saved these captions after you opened them. Your changes are not saved.")
        who = caption.changed_by or _("Somebody else")
        super().__init__(text % {"who": who}, "changed")


def languages() -> list[tuple[str, str]]:
    """(BCP 47 tag, name in its own language), by name."""
    known = {code: info["name_local"] for code, info in LANG_INFO.items() if "name_local" in info}
    return sorted(known.items(), key=lambda pair: pair[1].casefold())


def label_of(language: str) -> str:
    """The label of a language tag, also of second captions in a language (`en-x-2`)."""
    base, _mark, nth = language.partition("-x-")
    label = _("Unknown language") if base == UNKNOWN else dict(languages()).get(base, base)
    label = label[:1].upper() + label[1:]
    return _("%(language)s (%(number)s)") % {"language": label, "number": nth} if nth else label


def save(cut_id: int, language: str, webvtt: str, *, by: User | None = None) -> Caption:
    """Save the captions of a cut in a language, replacing existing ones."""
    caption, _created = Caption.objects.update_or_create(
        cut_id=cut_id,
        language=language,
        defaults={
            "label": label_of(language),
            "webvtt": webvtt,
            "is_automatic": False,
            "changed_by": by,
        },
    )
    return caption


def change(
    caption: Caption, text: str, *, language: str, label: str, seen: datetime, by: User
) -> Caption:
    """Save edited captions. `seen` is the value of `changed_at` when they were opened.

    They no longer count as automatic. Raises CaptionRefused, which names the line, or
    CaptionsChanged; then nothing has changed.
    """
    webvtt = format_webvtt(parse_cues(text)) if text.strip() not in {"", "WEBVTT"} else "WEBVTT\n"
    with transaction.atomic():
        locked = Caption.objects.select_for_update(of=("self",)).select_related("changed_by")
        fresh = locked.get(pk=caption.pk)
        if fresh.changed_at != seen:
            raise CaptionsChanged(fresh)
        fresh.webvtt, fresh.language, fresh.label = webvtt, language, label or label_of(language)
        fresh.is_automatic, fresh.changed_by = False, by
        try:
            with transaction.atomic():
                fresh.save()
        except IntegrityError as taken:
            raise CaptionRefused(
                _("This cut has other captions in %(language)s.")
                % {"language": label_of(language)},
                "language",
            ) from taken
    return fresh


def remove(caption: Caption, *, by: User) -> None:
    """Remove captions, on record. Published captions stay public."""
    data = {"cut": caption.cut.number, "language": caption.shown_label, "lines": caption.cues}
    with transaction.atomic():
        log(caption.cut.video, CAPTIONS_REMOVED, user=by, data=data)
        caption.delete()


def start(cut_id: int, language: str, *, by: User) -> Caption:
    """Create empty captions in a language, unless there are some."""
    empty = {
        "label": label_of(language),
        "webvtt": "WEBVTT\n",
        "changed_by": by,
        "changed_at": timezone.now(),
    }
    caption, _created = Caption.objects.get_or_create(
        cut_id=cut_id, language=language, defaults=empty
    )
    return caption

"""Tells the rep when one of their share links was watched: at once the first time a day.

What else is watched through it that day stands in the digest of the next morning (`studio.desk`).
"""

import datetime as dt
from decimal import Decimal

from django.conf import settings
from django.core.cache import caches
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q, QuerySet
from django.dispatch import Signal
from django.utils.timezone import get_default_timezone, localdate, now
from django.utils.translation import gettext, ngettext
from django_q.tasks import async_task

from videos.audience.addresses import contact_url
from videos.audience.models import ShareLink, View

LATE = dt.timedelta(minutes=1)  # after which a task that should have come is missed
MOST_AT_ONCE = 200
A_DAY = 86_400  # seconds

# Sent once a view, after the transaction in which a view through a share link first counted, with
# `view`: the rooms below follow here who watched.
link_watched = Signal()


def tell_later(view: View) -> None:
    """Tells the rooms below at once, and the rep by a task. Call it after the commit.

    One task a link and day: a flood of views must not fill the queue, be the worker away or busy.
    What became of a task that told nobody is `tell_the_untold`'s.
    """
    first = f"{__name__}:{view.share_link_id}:{today()}"
    if caches["limits"].add(first, True, A_DAY):
        async_task("videos.audience.tasks.tell_rep", view.pk)
    link_watched.send_robust(sender=View, view=view)


def today() -> dt.date:
    """The studio's day."""
    return localdate(timezone=get_default_timezone())


def worth_telling() -> QuerySet[View]:
    """Views that count, through a link of an active rep, and that they were not told of."""
    return View.objects.filter(
        share_link__rep__is_active=True,
        counted_at__isnull=False,
        told_at__isnull=True,
        is_staff=False,
        is_internal=False,
        is_bot=False,
    )


def tell_rep(view_id: int) -> None:
    """Writes the rep a mail on a view, if it is the first of its link today that they hear of.

    All others of the day are left to the digest. Asking again changes nothing.
    """
    with transaction.atomic():
        view = worth_telling().filter(pk=view_id).first()
        if view is None or view.share_link_id is None:
            return
        links = ShareLink.objects.select_related("video", "contact", "rep")
        link = links.get(pk=view.share_link_id)
        quiet = ShareLink.objects.filter(Q(told_on=None) | ~Q(told_on=today()), pk=link.pk)
        if not quiet.update(told_on=today()):
            return
        View.objects.filter(pk=view_id).update(told_at=now())
        send_mail(*message(link, view.seconds_watched or Decimal(0)), None, [link.rep.email])


def tell_the_untold() -> None:
    """What a queue that was away, or a worker that died, left unsaid today."""
    midnight = dt.datetime.combine(today(), dt.time(), get_default_timezone())
    missed = worth_telling().filter(counted_at__gte=midnight, counted_at__lt=now() - LATE)
    first = missed.filter(Q(share_link__told_on=None) | ~Q(share_link__told_on=today()))
    for view_id in first.order_by("counted_at").values_list("pk", flat=True)[:MOST_AT_ONCE]:
        tell_rep(view_id)


def message(link: ShareLink, watched: Decimal) -> tuple[str, str]:
    """Subject and text of the mail: who watched what, for how long so far, where to read on."""
    words = {
        "contact": str(link.contact),
        "video": str(link.video),
        "so_far": ngettext("%(seconds)d second", "%(seconds)d seconds", int(watched))
        % {"seconds": int(watched)},
        "url": settings.BASE_URL + contact_url(link.contact),
    }
    subject = gettext("%(contact)s is watching “%(video)s”") % words
    text = (
        gettext(
            "%(contact)s opened the link you made and is watching “%(video)s”: %(so_far)s so far.\n"
            "\n"
            "What they have watched until now: %(url)s\n"
            "\n"
            "Now may be a good moment to call.\n"
        )
        % words
    )
    return " ".join(subject.split()), text

"""Mails reps when one of their share links is watched: at once for the first view a day.

Further views of that day are in the digest of the next morning (`studio.desk`).
"""

import datetime as dt
from decimal import Decimal
from functools import partial

from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from django.db.models import Q, QuerySet
from django.dispatch import Signal
from django.utils.timezone import get_default_timezone, localdate, now
from django.utils.translation import gettext, ngettext
from django_q.tasks import async_task

from studio.people.mail import Message, mail_user
from videos.audience.models import ShareLink, View
from videos.audience.urls_for import contact_url

MISSED_AFTER = dt.timedelta(minutes=1)  # after which a notification counts as missed
BATCH_SIZE = 200
A_DAY_SECONDS = 86_400  # seconds

# Sent once for each view, with `view`, after the transaction in which a view through a share link
# first counted.
link_watched = Signal()


def notify_later(view: View) -> None:
    """Send `link_watched` and queue the mail to the rep. Call it after the commit.

    One task for each link and day, so that a flood of views cannot fill the queue. If that task
    fails, `send_missed_notifications` sends the mail.
    """
    first = f"{__name__}:{view.share_link_id}:{today()}"
    if caches["limits"].add(first, True, A_DAY_SECONDS):
        async_task("videos.audience.tasks.notify_rep", view.pk)
    link_watched.send_robust(sender=View, view=view)


def today() -> dt.date:
    """Today in the studio's time zone."""
    return localdate(timezone=get_default_timezone())


def pending_views() -> QuerySet[View]:
    """Counted views through a link of an active rep, who was not notified of them yet."""
    return View.objects.filter(
        share_link__rep__is_active=True,
        counted_at__isnull=False,
        told_at__isnull=True,
        is_staff=False,
        is_internal=False,
        is_bot=False,
    )


def notify_rep(view_id: int) -> None:
    """Mail the rep about a view, if it is the first notification of its link today.

    Other views of the day are left to the digest. Safe to call again.
    """
    with transaction.atomic():
        view = pending_views().filter(pk=view_id).first()
        if view is None or view.share_link_id is None:
            return
        links = ShareLink.objects.select_related("video", "contact", "rep")
        link = links.get(pk=view.share_link_id)
        quiet = ShareLink.objects.filter(Q(told_on=None) | ~Q(told_on=today()), pk=link.pk)
        if not quiet.update(told_on=today()):
            return
        View.objects.filter(pk=view_id).update(told_at=now())
        mail_user(link.rep, partial(message, link, view.seconds_watched or Decimal(0)))


def send_missed_notifications() -> None:
    """Send today's notifications that were lost with a queue or a worker."""
    midnight = dt.datetime.combine(today(), dt.time(), get_default_timezone())
    missed = pending_views().filter(counted_at__gte=midnight, counted_at__lt=now() - MISSED_AFTER)
    first = missed.filter(Q(share_link__told_on=None) | ~Q(share_link__told_on=today()))
    for view_id in first.order_by("counted_at").values_list("pk", flat=True)[:BATCH_SIZE]:
        notify_rep(view_id)


# The path that earlier versions have in their queues and schedules
tell_the_untold = send_missed_notifications


def message(link: ShareLink, watched: Decimal) -> Message:
    """Subject and text of the mail to the rep."""
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
    return Message(subject, text)

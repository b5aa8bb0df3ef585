"""The daily digest mail for sales reps: views of their share links not reported yet.

The first view of a link each day is mailed at once (`videos.audience.tracking.notifications`); the
digest sums up all others by contact and video, with the contact's open deals.
"""

import datetime as dt
import logging
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.timezone import get_default_timezone, localtime, now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studio.collation.functions import SortKey
from studio.desk.models import Digest
from studio.desk.waiting import Waiting, waiting_for
from studio.formats.money import is_currency, round_minor, shown
from studio.people.mail import Message, mail_user
from studio.people.models import User
from videos.audience.models import Contact, View
from videos.audience.tracking.notifications import pending_views
from videos.audience.urls_for import contact_url
from videos.deals.models import Deal
from videos.planning.models import Video

HOUR = 7  # of the day, in the studio's time zone
LONGEST_AGO = dt.timedelta(days=7)  # older views are not reported
MOST_LINES = 50
AT_ONCE = 2000  # rows read per query

log = logging.getLogger(__name__)


class Watched(NamedTuple):
    """What one contact watched of one video: seconds and number of views."""

    contact: Contact
    video: str
    seconds: Decimal
    views: int


def send_due() -> None:
    """Send each rep one digest a day, from HOUR on. Calling it again changes nothing."""
    moment = localtime(timezone=get_default_timezone())
    if moment.hour < HOUR:
        return
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    reps = unreported_views(midnight).values("share_link__rep")
    for rep in User.objects.filter(pk__in=reps).order_by("pk"):
        try:
            send(rep, midnight)
        except Exception:  # go on with other reps; the next run tries again
            log.exception("the digest of %s for user %d failed", midnight.date(), rep.pk)


def unreported_views(before: dt.datetime) -> QuerySet[View]:
    """Return views counted before this instant that were not reported yet."""
    return pending_views().filter(counted_at__lt=before, counted_at__gte=before - LONGEST_AGO)


def send(rep: User, midnight: dt.datetime) -> None:
    """Send a rep the digest of the day that starts at `midnight`, unless it was sent."""
    try:
        with transaction.atomic():
            Digest.objects.create(rep=rep, day=midnight.date())
            told_at = now()
            if not unreported_views(midnight).filter(share_link__rep=rep).update(told_at=told_at):
                transaction.set_rollback(True)
                return
            reported = View.objects.filter(share_link__rep=rep, told_at=told_at)
            mail_user(rep, lambda: message(watched_by_contact(reported), waiting_for(rep)))
    except IntegrityError:
        return  # already sent today


def watched_by_contact(views: QuerySet[View]) -> list[Watched]:
    """Return seconds and views by contact and video, most watched first.

    Rows are streamed, since there may be very many; exact seconds are summed in Python.
    """
    found: dict[tuple[int, int], tuple[Decimal, int]] = {}
    columns = ("share_link__contact", "share_link__video", "seconds_watched")
    for contact, video, seconds in views.order_by().values_list(*columns).iterator(AT_ONCE):
        so_far, count = found.get((contact, video), (Decimal(0), 0))
        found[contact, video] = (so_far + (seconds or 0), count + 1)
    contacts = Contact.objects.in_bulk({contact for contact, _video in found})
    videos = Video.objects.in_bulk({video for _contact, video in found})
    watched = [
        Watched(contacts[contact], str(videos[video]), *numbers)
        for (contact, video), numbers in found.items()
    ]
    return sorted(watched, key=lambda one: (-one.seconds, str(one.contact), one.video))


def open_deals(contact: Contact) -> list[str]:
    """Return lines for the open deals of a contact, or of the contact they were merged into."""
    people = [contact.pk, *([contact.merged_into_id] if contact.merged_into_id else [])]
    deals = Deal.objects.with_status(Deal.Status.OPEN).filter(deal_contacts__contact__in=people)
    return [deal_line(deal) for deal in deals.distinct().order_by(SortKey("name"), "pk")]


def deal_line(deal: Deal) -> str:
    """Return a deal's name with its amount."""
    if deal.amount is None:
        return _("%(deal)s (no amount yet)") % {"deal": deal.name}
    amount = f"{deal.amount:f} {deal.currency}"
    if is_currency(deal.currency):
        amount = shown(round_minor(deal.amount, deal.currency), deal.currency)
    return _("%(deal)s (%(amount)s)") % {"deal": deal.name, "amount": amount}


def message(watched: list[Watched], waiting: Sequence[Waiting] = ()) -> Message:
    """Return subject and text: what was watched, then the rep's tasks."""
    people = len({one.contact.pk for one in watched})
    subject = ngettext(
        "%(count)d contact watched your videos", "%(count)d contacts watched your videos", people
    ) % {"count": people}
    lines = [_("New views through your links:")]
    for one in watched[:MOST_LINES]:
        lines += ["", line(one)]
        lines += [_("Open deal: %(deal)s") % {"deal": deal} for deal in open_deals(one.contact)]
        lines.append(settings.BASE_URL + contact_url(one.contact))
    if len(watched) > MOST_LINES:
        lines += ["", _("And %(count)d more.") % {"count": len(watched) - MOST_LINES}]
    if waiting:
        lines += ["", _("Waiting for you:")]
    for item in waiting:
        address = settings.BASE_URL + (item.page or item.url)
        lines += ["", f"{item.text}: {item.act}", item.why, address]
    return Message(subject, "\n".join(lines) + "\n")


def line(one: Watched) -> str:
    """Return one line: who watched what, how long, in how many views."""
    seconds = ngettext("%(count)d second", "%(count)d seconds", int(one.seconds)) % {
        "count": int(one.seconds)
    }
    views = ngettext("%(count)d view", "%(count)d views", one.views) % {"count": one.views}
    return _("%(contact)s, “%(video)s”: %(seconds)s in %(views)s") % {
        "contact": one.contact,
        "video": one.video,
        "seconds": seconds,
        "views": views,
    }

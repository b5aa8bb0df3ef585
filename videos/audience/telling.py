"""Tells the rep when one of their share links was watched."""

from decimal import Decimal

from django.conf import settings
from django.core.mail import send_mail
from django.dispatch import Signal
from django.utils.timezone import now
from django.utils.translation import gettext, ngettext
from django_q.tasks import async_task

from videos.audience.addresses import contact_url
from videos.audience.models import ShareLink, View

# Sent once a view, after the transaction in which a view through a share link first counted, with
# `view`: the rooms below follow here who watched.
link_watched = Signal()


def tell_later(view: View) -> None:
    """Tells the rooms below at once, and the rep by a task. Call it after the commit."""
    async_task("videos.audience.tasks.tell_rep", view.pk)
    link_watched.send_robust(sender=View, view=view)


def tell_rep(view_id: int) -> None:
    """Sends the rep one mail on a view, however often it is asked.

    Raises OSError when the mail server does not take it; asking again then sends it.
    """
    untold = View.objects.filter(pk=view_id, told_at__isnull=True, share_link__isnull=False)
    if not untold.update(told_at=now()):
        return
    view = View.objects.get(pk=view_id)
    links = ShareLink.objects.select_related("video", "contact", "rep")
    link = links.get(views=view)
    try:
        send_mail(*message(link, view.seconds_watched or Decimal(0)), None, [link.rep.email])
    except OSError:  # SMTPException is one
        View.objects.filter(pk=view_id).update(told_at=None)
        raise


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

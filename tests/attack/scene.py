"""What an attacked studio holds; runs in its `manage.py shell`."""

import datetime as dt
import json
import sys
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone

from budgets.models import Line
from studio.people.models import User
from studio.people.roles import Role
from tests.budgets.factories import LineFactory, greenlit
from tests.factories import PASSWORD, ContactFactory, ShareLinkFactory, UserFactory, VideoFactory
from tests.videos.audience.factories import public_video
from videos.deals.deal_status import close
from videos.deals.models import Deal, DealContact
from videos.media.models import Caption


def deal(rep: User, name: str, amount: str, *contacts: object) -> Deal:
    """An open deal of the rep, a month old."""
    made = Deal.objects.create(
        name=name,
        owner_email=rep.email,
        amount=Decimal(amount),
        currency="EUR",
        created_at=timezone.now() - dt.timedelta(days=30),
        **({"owner": rep} if hasattr(Deal, "owner") else {}),
    )
    for contact in contacts:
        DealContact.objects.create(deal=made, contact=contact)
    return made


def make() -> dict[str, object]:
    """People of each role, public videos, deals won and open, a budget line with money on it."""
    people = {
        role.name.lower(): UserFactory(role=role, email=f"{role.name.lower()}@fernhill.example")
        for role in Role
    }
    people["colleague"] = UserFactory(role=Role.EXPERT, email="colleague@fernhill.example")
    people["admin"] = User.objects.create_superuser("admin@fernhill.example", PASSWORD)
    rep, colleague = people["expert"], people["colleague"]
    published = timezone.now() - dt.timedelta(days=20)
    video = public_video(
        title="How long does it take?", duration_seconds=Decimal(60), published_at=published
    )
    hidden = VideoFactory(title="Not public", stage="editing")
    buyer, stranger, late = ContactFactory(), ContactFactory(), ContactFactory()
    won = deal(rep, "Won, never watched", "250000", buyer)
    touched = deal(rep, "Won, watched", "1000", stranger)
    open_deal = deal(rep, "Open", "500", late)
    theirs = deal(colleague, "A colleague's", "9000", ContactFactory())
    link = ShareLinkFactory(video=video, contact=stranger, rep=rep)
    cut = video.page.cut
    caption = Caption.objects.create(cut=cut, language="en", webvtt="WEBVTT\n")
    line = LineFactory(approved=10_000_000)
    spending = greenlit((line, 50_000), video=VideoFactory(stage="planned"))
    return {
        "users": {name: user.email for name, user in people.items()},
        "video": video.public_id,
        "video_pk": video.pk,
        "hidden": hidden.public_id,
        "page": video.page.url_path.replace("/home", "", 1) if video.page else "/",
        "page_url": video.page.get_url(),
        "buyer": buyer.pk,
        "late": late.pk,
        "won": won.pk,
        "touched": touched.pk,
        "open": open_deal.pk,
        "theirs": theirs.pk,
        "theirs_name": theirs.name,
        "link": link.token,
        "caption": caption.pk,
        "cut": cut.pk,
        "line": line.pk,
        "spending": spending.pk,
        "line_count": Line.objects.count(),
        "urls": {
            "influence": reverse("deals_influence"),
            "expense": reverse("budgets_expense"),
            "account": reverse("wagtailadmin_account"),
            "reset": reverse("wagtailadmin_password_reset"),
            "share": reverse("audience_share_links:add"),
            "captions": reverse("media_edit_captions", args=[caption.pk]),
            "deal_add": reverse("deals_deals:add"),
        },
    }


def win(pk: int, by: str) -> None:
    """Marks a deal won, now."""
    close(pk, Deal.Status.WON, by=User.objects.get(email=by))


def tell() -> None:
    """Makes the scene and prints it."""
    sys.stdout.write("SCENE " + json.dumps(make()) + "\n")

"""The demo's public site."""

import datetime as dt

from django.utils.text import slugify
from wagtail.models import Site

from studio.operations.demo import clock
from studio.people.models import User
from videos.planning.models import Video
from videos.publishing.models import Appearance, VideoIndexPage, VideoPage

INTRO = (
    "<p>What buyers of industrial heat pumps ask us, answered by the people who sell, build and "
    "repair them.</p>"
)
FOOTER = "<p>Fernhill Heat is invented, and so is everybody in it.</p>"
BODIES = {
    "What happens when it stops at three in the morning?": (
        "<p>Every plant reports its pressures and temperatures once a minute. Most alarms are "
        "settled from our desk before anyone on site has noticed; for the others an engineer is "
        "on the road within the hour, and the boiler you had before takes over meanwhile.</p>"
        "<h2>What you can do tonight</h2>"
        "<p>Ask us for last year's list of alarms. It is one page, and it says what each of them "
        "has cost the customer.</p>"
    ),
    "When has a heat pump paid for itself in a laundry?": (
        "<p>The example is a laundry with ten tonnes of linen a day, two shifts, and gas at the "
        "price of last winter. With fewer hours it takes longer; with waste heat from your "
        "dryers it is faster.</p>"
        "<h2>Bring three numbers</h2>"
        "<ol><li>Hours a week</li><li>What a kilowatt-hour of power costs you</li>"
        "<li>Wash temperature</li></ol>"
    ),
}


def dress_site() -> None:
    """Whose site it is, and what stands above the videos."""
    index = VideoIndexPage.objects.get()
    index.title, index.intro = "Straight answers on process heat", INTRO
    index.save_revision().publish()
    look = Appearance.for_site(Site.objects.get(is_default_site=True))
    look.company_name, look.accent, look.footer = "Fernhill Heat", "#0f6b63", FOOTER
    look.save()


def draft_page(video: Video, at: dt.datetime) -> VideoPage:
    """The page of a video as the producer wrote it on the day of the approval; not live."""
    nora = User.objects.get(email="nora@fernhill.example")
    page = VideoPage(
        title=video.title,
        slug=slugify(video.title),
        video=video,
        body=BODIES.get(video.title, ""),
        live=False,
        owner=nora,
    )
    with clock.at(at):
        VideoIndexPage.objects.get().add_child(instance=page)
        page.save_revision(user=nora)
    return page

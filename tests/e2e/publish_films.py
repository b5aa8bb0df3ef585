"""Publishes films without the screens: `manage.py shell < tests/e2e/publish_films.py`.

PRODUCER is an e-mail address, FILMS a folder. Waits for the worker, then prints a line of JSON for
each film: its name, the pages on which it is to be watched, in public, in the review and as a cut.
"""

import json
import os
import time
from pathlib import Path

from django.core.files import File
from django.urls import reverse

from studio.people.models import User
from videos.media.models import Cut
from videos.media.uploads.intake import receive
from videos.planning.models import Expert, Stage, Video
from videos.publishing.models import VideoIndexPage, VideoPage
from videos.review.approvals import approve

producer = User.objects.get(email=os.environ["PRODUCER"])
expert = User.objects.filter(email="kim@studio.example").first() or User.objects.create_user(
    "kim@studio.example", first_name="Kim", last_name="Lake"
)
on_camera, _made = Expert.objects.get_or_create(user=expert)
cuts = {}
for path in sorted(Path(os.environ["FILMS"]).iterdir()):
    video = Video.objects.create(title=f"Film {path.stem}", stage=Stage.EDITING, producer=producer)
    video.experts.add(on_camera)
    with path.open("rb") as file:
        cuts[path.stem] = receive(video, File(file, path.name), by=producer)
end = time.monotonic() + 240
while left := Cut.objects.exclude(state=Cut.State.READY).filter(
    pk__in=[cut.pk for cut in cuts.values()]
):
    assert time.monotonic() < end, list(left.values("state", "reason"))
    time.sleep(0.2)
for name, cut in cuts.items():
    cut.refresh_from_db()
    approve(cut, by=expert)
    page = VideoPage(title=cut.video.title, video=cut.video, live=False)
    VideoIndexPage.objects.get().add_child(instance=page)
    page.save_revision(user=producer).publish(user=producer)
    review = reverse("review_cuts:cut", args=[cut.pk])
    told = {"name": name, "public": page.get_url(), "review": review}
    print(json.dumps(told | {"cut": reverse("media_cut", args=[cut.pk])}))

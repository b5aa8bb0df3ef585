"""Publishes a video without the screens: `manage.py shell < tests/e2e/publish.py`.

PRODUCER is an e-mail address, FOOTAGE a file. Waits for the worker, then prints the address of the
page.
"""

import os
import time
from pathlib import Path

from django.core.files import File

from studio.people.models import User
from videos.media.captions.editing import save
from videos.media.models import Cut
from videos.media.transcoding.webvtt import to_webvtt
from videos.media.uploads.intake import receive
from videos.planning.models import Expert, Stage, Video
from videos.publishing.models import VideoIndexPage, VideoPage
from videos.review.approvals import approve

CAPTIONS = b"1\n00:00:00,500 --> 00:00:04,000\nA rabbit wakes up.\n"

producer = User.objects.get(email=os.environ["PRODUCER"])
expert = User.objects.create_user("robin@studio.example", first_name="Robin", last_name="Warren")
video = Video.objects.create(title="Who wakes the rabbit?", stage=Stage.EDITING, producer=producer)
video.experts.add(Expert.objects.create(user=expert))
with Path(os.environ["FOOTAGE"]).open("rb") as file:
    cut = receive(video, File(file, "rabbit.mp4"), by=producer)
save(cut.pk, "en", to_webvtt(CAPTIONS))
end = time.monotonic() + 120
while cut.state != Cut.State.READY:
    assert time.monotonic() < end, cut.state
    time.sleep(0.2)
    cut.refresh_from_db()
approve(cut, by=expert)
page = VideoPage(title=video.title, video=video, live=False)
VideoIndexPage.objects.get().add_child(instance=page)
page.save_revision(user=producer).publish(user=producer)
print(page.get_url())

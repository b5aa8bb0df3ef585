"""What a viewer can play is always one whole set, in a folder of its own."""

import re
from datetime import timedelta
from urllib.parse import urljoin

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.timezone import now

from tests.factories import RenditionSetFactory
from tests.videos.media.factories import job_of, set_folders
from videos.media.jobs import handlers
from videos.media.jobs.tasks import transcode
from videos.media.models import Cut, Job, RenditionSet, footage
from videos.media.renditions.sets import key_of, publish_set
from videos.media.transcoding import pipeline

pytestmark = pytest.mark.django_db
NAMED = re.compile(r'^(?!#)(.+)$|URI="([^"]+)"', re.MULTILINE)
SERVED = {200, 302}  # by us, or by the bucket's signed address


def stored(folder: str) -> dict[str, bytes]:
    """The files of a folder in the storage, by their names in it."""
    folders, files = footage().listdir(folder)
    found = {}
    for name in files:
        with footage().open(f"{folder}/{name}") as file:
            found[name] = file.read()
    for inner in folders:
        found |= {f"{inner}/{n}": content for n, content in stored(f"{folder}/{inner}").items()}
    return found


def statuses(client: Client, url: str, *, known: dict[str, int] | None = None) -> dict[str, int]:
    """What is answered at an address of a set, and at all that its playlists name."""
    known = {} if known is None else known
    if url in known:
        return known
    answer = client.get(url)
    known[url] = answer.status_code
    if url.endswith(".m3u8") and answer.status_code == 200:
        for line, uri in NAMED.findall(answer.getvalue().decode()):
            statuses(client, urljoin(url, line or uri), known=known)
    return known


def test_a_half_written_or_replaced_rendition_is_never_served(
    media, signed_in, producer, monkeypatch, settings
):
    job = job_of(media("silent.webm"))
    transcode(job.pk)
    old = Cut.objects.get().current_set
    publish_set(Cut.objects.get())
    names = stored(old.folder)
    moments = []

    def look() -> None:
        """While the next set is being made, nobody gets a file of it, and everybody the old one."""
        half = key_of(Job.objects.get(state=Job.State.RUNNING).token, RenditionSet.Kind.FULL)
        for client in (Client(), signed_in(producer)):
            answers = {client.get(f"/media/{half}/{name}").status_code for name in names}
            assert answers == {404}
            assert set(statuses(client, old.master_url).values()) <= SERVED
        moments.append(half)

    real_create, real_finish = pipeline.create_set, handlers.finish

    def create(source, folder, facts, *, on_progress):
        (folder / "master.m3u8").write_text("#EXTM3U")  # as any tool writes: bit by bit
        look()
        made = real_create(source, folder, facts, on_progress=on_progress)
        look()
        return made

    def finish(claimed, key, *args, **kwargs):
        look()  # all of it lies in the storage, and nothing says so yet
        return real_finish(claimed, key, *args, **kwargs)

    monkeypatch.setattr(pipeline, "create_set", create)
    monkeypatch.setattr(handlers, "finish", finish)
    Job.objects.create(cut=job.cut)
    transcode(0)
    new = Cut.objects.get().current_set
    assert moments == [new.key] * 3
    assert (new.is_public, new.replaced_at) == (True, None)
    assert stored(new.folder).keys() == names.keys()
    answers = statuses(Client(), new.master_url)
    assert set(answers.values()) <= SERVED
    assert len(answers) > 3  # the master, a playlist, and what it names
    # Who plays the replaced one plays on for a while, and then nobody gets any of it.
    past = now() - timedelta(hours=settings.SET_KEEP_HOURS, minutes=1)
    RenditionSet.objects.filter(pk=old.pk).update(replaced_at=past, public_until=past)
    for client in (Client(), signed_in(producer)):
        assert {client.get(old.url(name)).status_code for name in names} == {404}


def test_every_set_of_renditions_has_its_own_folder(media):
    job = job_of(media("silent.webm"))
    before = set_folders()
    transcode(job.pk)
    old = Cut.objects.get().current_set
    files = stored(old.folder)
    Job.objects.create(cut=job.cut)
    transcode(0)
    new = Cut.objects.get().current_set
    assert set_folders() - before == {str(old.key), str(new.key)}
    assert stored(old.folder) == files  # nothing of it was written again
    assert stored(new.folder).keys() == files.keys()
    with pytest.raises(IntegrityError), transaction.atomic():
        RenditionSetFactory(key=old.key)

import smtplib

import pytest
from django.core import mail
from django.utils.timezone import now

from tests.factories import CutFactory, UserFactory, VideoFactory
from videos.media.jobs import notifications
from videos.media.jobs.notifications import tell
from videos.media.models import Cut, Job
from videos.media.uploads.removal import remove

pytestmark = pytest.mark.django_db


def ended(state: str = "ready", **fields) -> Job:
    people = {"producer": UserFactory(email="producer@studio.example")}
    cut = CutFactory(
        video=VideoFactory(title="Why\nus", **people),
        uploaded_by=UserFactory(email="expert@studio.example"),
        number=2,
    )
    return Job.objects.create(cut=cut, state=state, ended_at=now(), **fields)


def sent() -> list[tuple[str, list[str]]]:
    return [(message.subject, message.to) for message in mail.outbox]


def test_producer_and_uploader_hear_once_that_a_cut_is_ready(settings):
    job = ended()
    tell(job.pk)
    tell(job.pk)
    subject = "“Why us”, cut 2 is ready to watch"
    assert sent() == [
        (subject, ["producer@studio.example"]),
        (subject, ["expert@studio.example"]),
    ]
    assert f"{settings.BASE_URL}/admin/" in mail.outbox[0].body
    job.refresh_from_db()
    assert job.notified_at is not None


def test_who_is_both_hears_once():
    job = ended()
    job.cut.uploaded_by = job.cut.video.producer
    job.cut.save()
    tell(job.pk)
    assert len(mail.outbox) == 1


def test_a_failure_is_told_with_its_reason():
    tell(ended("failed", reason="The file is incomplete. Export or copy it again.").pk)
    assert mail.outbox[0].subject == "“Why us”, cut 2 could not be made ready"
    assert "The file is incomplete. Export or copy it again." in mail.outbox[0].body


def test_nobody_hears_of_a_cut_that_was_removed_before_its_mail(heard):
    job = ended("failed", reason="It broke.")
    Job.objects.update(ended_at=now() - 2 * notifications.LATE)
    Cut.objects.update(state=Cut.State.FAILED, reason="It broke.")
    assert list(notifications.untold()) == [job]
    remove(job.cut, by=job.cut.video.producer)
    notifications.send_missed_notifications()
    tell(job.pk)
    assert (sent(), heard) == ([], [])


@pytest.mark.parametrize(
    ("code", "next_step"),
    [
        ("storage", "The uploaded file is kept. Try again, or upload another file"),
        ("unknown", "The uploaded file is kept. Try again, or upload another file"),
        ("source_gone", "Try again, or upload the file once more"),
        ("refused", "Upload another file"),
    ],
)
def test_the_mail_about_a_failure_asks_for_what_helps(code, next_step):
    tell(ended("failed", reason="It came to nothing.", failure=code).pk)
    body = mail.outbox[0].body
    assert next_step in body
    assert ("Try again" in body) is (code != "refused")
    assert ("is kept" in body) is (code in {"storage", "unknown"})


def test_a_file_without_a_number_is_told_by_its_name():
    job = ended("failed", reason="It is a text.", failure="refused")
    job.cut.number = None
    job.cut.save()
    tell(job.pk)
    assert mail.outbox[0].subject == "“Why us”, “talk.mp4” could not be made ready"


@pytest.mark.parametrize("fields", [{"state": "cancelled"}, {"state": "queued"}, {"kind": "av1"}])
def test_nobody_hears_of_what_has_no_outcome_or_what_nobody_waits_for(fields):
    tell(ended(**fields).pk)
    assert mail.outbox == []


def test_a_mail_server_that_is_away_loses_no_message(monkeypatch):
    job = ended()

    def away(*args, **kwargs):
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as patch:
        patch.setattr("studio.people.mail.send_mail", away)
        tell(job.pk)
    assert Job.objects.get().notified_at is None
    tell(job.pk)
    assert len(mail.outbox) == 2

import pytest
from django.core import mail

from tests.factories import ExpertFactory, ready_cut
from tests.queue import queued
from videos.media.models import Cut
from videos.media.signals import cut_ready
from videos.planning.models import Stage
from videos.review.approvals import approve, ask_for_changes
from videos.review.models import Comment, ReviewRequest
from videos.review.tasks import ask_reviewers, tell_verdict

pytestmark = pytest.mark.django_db


def recipients():
    return sorted(address for message in mail.outbox for address in message.to)


def test_a_verdict_leaves_a_task_with_its_id(
    cut, sales_manager, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        verdict = approve(cut, by=sales_manager)
    tasks = [task for task in queued() if task[0] == "videos.review.tasks.tell_verdict"]
    assert tasks == [("videos.review.tasks.tell_verdict", (verdict.pk,))]


def test_a_cut_that_is_ready_leaves_a_task_with_its_id(cut, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        cut_ready.send(sender=Cut, cut=cut)
    assert ("videos.review.tasks.ask_reviewers", (cut.pk,)) in queued()


def test_the_producer_reads_what_to_change_once(cut, producer, on_camera):
    Comment.objects.create(cut=cut, by=on_camera.user, seconds="7.5", text="The logo is old.")
    verdict = ask_for_changes(cut, by=on_camera.user, note="Shorter, please.")

    tell_verdict(verdict.pk)
    tell_verdict(verdict.pk)

    assert recipients() == [producer.email]
    assert "Shorter, please." in mail.outbox[0].body
    assert f"0:07.5 The logo is old. ({on_camera})" in mail.outbox[0].body
    assert f"/admin/review/{cut.pk}/" in mail.outbox[0].body


def test_producer_and_uploader_read_it_and_who_spoke_does_not(cut, producer, sales_manager):
    uploader = ExpertFactory().user
    cut.uploaded_by = uploader
    cut.save()
    tell_verdict(approve(cut, by=sales_manager).pk)
    assert recipients() == sorted([producer.email, uploader.email])

    mail.outbox.clear()
    tell_verdict(ask_for_changes(cut, by=producer, note="The price is wrong.").pk)
    assert recipients() == [uploader.email]


def test_reviewers_are_asked_once_each(cut, on_camera, sales_manager, finance):
    ask_reviewers(cut.pk)
    ask_reviewers(cut.pk)
    assert recipients() == sorted([on_camera.user.email, sales_manager.email])
    assert ReviewRequest.objects.filter(cut=cut).count() == 2


def test_nobody_is_asked_for_a_word_that_is_not_wanted_any_more(cut, sales_manager):
    approve(cut, by=sales_manager)
    ask_reviewers(cut.pk)
    older = ready_cut(video__stage=Stage.REVIEW, number=1)
    ready_cut(video=older.video, number=2)
    ask_reviewers(older.pk)
    ask_reviewers(0)
    assert recipients() == []


def test_a_mail_server_that_refuses_is_asked_again(cut, sales_manager, settings):
    verdict = approve(cut, by=sales_manager)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(OSError):  # noqa: PT011
        tell_verdict(verdict.pk)
    verdict.refresh_from_db()
    assert verdict.notified_at is None

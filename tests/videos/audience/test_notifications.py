import datetime as dt
import uuid
from decimal import Decimal
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.urls import reverse
from django.utils.timezone import now

from tests.factories import ShareLinkFactory, ViewFactory
from tests.queue import queued
from videos.audience.models import View
from videos.audience.tracking import notifications


@pytest.fixture
def link(video):
    return ShareLinkFactory(video=video, contact__name="Ann Lee")


@pytest.fixture
def watched(link):
    return ViewFactory(
        video=link.video, share_link=link, seconds_watched=Decimal("12.5"), counted_at=now()
    )


@pytest.fixture
def heard():
    """The views that the rooms below were told of."""
    views = []

    def listen(sender, view, **kwargs):
        views.append(view.public_id)

    notifications.link_watched.connect(listen)
    yield views
    notifications.link_watched.disconnect(listen)


def test_the_rep_is_told_once_when_a_view_through_the_link_counts(
    play, link, heard, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        play(share=link.token, seq=0, ranges=[[0, 2]])
    assert (queued(), heard) == ([], [])
    with django_capture_on_commit_callbacks(execute=True):
        play(share=link.token, seq=1, ranges=[[2, 4]])
        play(share=link.token, seq=2, ranges=[[4, 14]])
        play(share=link.token, seq=2, ranges=[[4, 14]])
    view = View.objects.get()
    assert queued() == [("videos.audience.tasks.notify_rep", (view.pk,))]
    assert heard == [view.public_id]


def test_a_link_has_one_task_a_day_also_while_nobody_takes_it(link, watched, heard):
    other = ViewFactory(share_link=ShareLinkFactory(video=link.video), counted_at=now())
    views = [watched, *(ViewFactory(share_link=link, counted_at=now()) for _ in range(2)), other]
    for view in views:
        notifications.notify_later(view)
    name = "videos.audience.tasks.notify_rep"
    assert queued() == [(name, (watched.pk,)), (name, (other.pk,))]
    assert heard == [view.public_id for view in views]


def test_the_next_day_has_a_task_of_its_own(watched, monkeypatch):
    notifications.notify_later(watched)
    tomorrow = notifications.today() + dt.timedelta(days=1)
    monkeypatch.setattr(notifications, "today", lambda: tomorrow)
    notifications.notify_later(watched)
    assert len(queued()) == 2


def test_nobody_is_told_of_views_without_a_link_or_that_do_not_count(
    play, link, heard, signed_in, producer, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        play(share=None)
        play(share=link.token, client=signed_in(producer), view=str(uuid.uuid4()))
    assert (queued(), heard) == ([], [])


def test_the_mail_says_who_watched_what_for_how_long_and_where_to_read_on(watched, link, settings):
    notifications.notify_rep(watched.pk)
    (sent,) = mail.outbox
    assert sent.to == [link.rep.email]
    assert sent.subject == f"Ann Lee is watching “{link.video.title}”"
    assert "12 seconds so far" in sent.body
    page = reverse("audience_contacts:inspect", args=[link.contact_id])
    assert f"{settings.BASE_URL}{page}" in sent.body


def test_a_task_that_comes_twice_sends_one_mail(watched):
    notifications.notify_rep(watched.pk)
    notifications.notify_rep(watched.pk)
    assert len(mail.outbox) == 1


def test_a_mail_that_could_not_be_sent_is_sent_when_asked_again(watched, monkeypatch):
    def no_server(*args, **kwargs):
        raise SMTPServerDisconnected

    with monkeypatch.context() as without:
        without.setattr("studio.people.mail.send_mail", no_server)
        with pytest.raises(SMTPServerDisconnected):
            notifications.notify_rep(watched.pk)
    assert mail.outbox == []
    notifications.notify_rep(watched.pk)
    assert len(mail.outbox) == 1


def test_a_title_of_several_lines_makes_a_subject_of_one(watched, link):
    link.video.title = "Two\nlines"
    link.video.save()
    notifications.notify_rep(watched.pk)
    assert mail.outbox[0].subject == "Ann Lee is watching “Two lines”"

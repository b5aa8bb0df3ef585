"""Comments are open or done, and posting one leaves the page of a cut as it is."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import registry
from wagtail.users.models import UserProfile

from tests.factories import ExpertFactory, ready_cut
from videos.review.approvals import approve
from videos.review.comments import mark_done, open_before, reopen
from videos.review.models import Comment

pytestmark = pytest.mark.django_db

JSON = {"Accept": "application/json"}


def page(cut):
    return reverse("review_cuts:cut", args=[cut.pk])


def address(cut, comment, act="comment_done"):
    return reverse(f"review_cuts:{act}", args=[cut.pk, comment.pk])


def shown(client, cut):
    return " ".join(client.get(page(cut)).content.decode().split())


@pytest.fixture
def comment(cut, sales_manager):
    return Comment.objects.create(cut=cut, by=sales_manager, text="The logo is old.")


def test_a_comment_is_marked_as_done_and_opened_again_on_record(
    cut, comment, producer, sales_manager, signed_in
):
    client = signed_in(producer)

    client.post(address(cut, comment))

    comment.refresh_from_db()
    assert (comment.done_by, comment.done_at is not None) == (producer, True)
    assert f"Done, marked by {producer}" in shown(client, cut)
    assert "Every comment on this cut is done." in shown(client, cut)

    signed_in(sales_manager).post(address(cut, comment, "reopen_comment"))

    comment.refresh_from_db()
    assert (comment.done_by, comment.done_at) == (None, None)
    entries = registry.get_logs_for_instance(cut.video).order_by("timestamp", "pk")
    assert [(str(entry.message), str(entry.comment), entry.user) for entry in entries] == [
        ("Marked a comment on cut 1 as done", "“The logo is old.”", producer),
        ("Reopened a comment on cut 1", "“The logo is old.”", sales_manager),
    ]


def test_the_script_reads_the_moment_of_a_comment_in_every_language(
    cut, comment, producer, signed_in
):
    Comment.objects.update(seconds=Decimal("83.4"))
    UserProfile.objects.create(user=producer, preferred_language="de")
    assert 'data-review-seconds-param="83.4"' in shown(signed_in(producer), cut)


def test_who_marked_a_comment_first_stays_on_record(cut, comment, producer, sales_manager):
    assert mark_done(comment, by=producer)
    assert not mark_done(comment, by=sales_manager)
    comment.refresh_from_db()
    assert comment.done_by == producer
    assert reopen(comment, by=producer)
    assert not reopen(comment, by=producer)
    assert len(registry.get_logs_for_instance(cut.video)) == 2


def test_the_database_holds_no_done_comment_of_nobody(comment):
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.update(done_at=timezone.now())


def test_who_has_no_say_marks_nothing(cut, comment, signed_in):
    signed_in(ExpertFactory().user).post(address(cut, comment))
    comment.refresh_from_db()
    assert comment.done_at is None


def test_a_comment_of_another_cut_is_not_marked_by_this_ones_address(
    cut, comment, producer, signed_in
):
    assert signed_in(producer).post(address(ready_cut(), comment)).status_code in {302, 404}
    comment.refresh_from_db()
    assert comment.done_at is None


def test_comments_are_marked_after_the_verdict_too(cut, comment, producer, signed_in, on_camera):
    approve(cut, by=on_camera.user)
    signed_in(producer).post(address(cut, comment))
    comment.refresh_from_db()
    assert comment.done_by == producer


def test_beside_the_approval_stands_how_many_comments_are_open(
    cut, comment, producer, sales_manager, on_camera, signed_in
):
    done = Comment.objects.create(cut=cut, by=producer, text="Typo.")
    Comment.objects.create(cut=cut, by=producer, text="Music.")
    mark_done(done, by=producer)
    approver = signed_in(on_camera.user)
    assert "2 comments are open" in shown(approver, cut)

    newer = ready_cut(video=cut.video, uploaded_by=producer, number=2)

    assert open_before(newer) == 2
    html = shown(approver, newer)
    assert "No comment on this cut is open" in html
    assert "2 on older cuts are open" in html
    assert open_before(cut) == 0


def test_the_list_of_cuts_counts_open_comments(cut, comment, producer, sales_manager, signed_in):
    mark_done(Comment.objects.create(cut=cut, by=producer, text="Typo."), by=producer)
    approve(cut, by=sales_manager)
    rows = signed_in(sales_manager).get(reverse("review_cuts:index")).context["object_list"]
    assert [(row.pk, row.open_comments) for row in rows] == [(cut.pk, 1)]


def test_the_script_of_the_page_gets_the_parts_that_changed(cut, sales_manager, signed_in):
    client = signed_in(sales_manager)
    answer = client.post(
        reverse("review_cuts:comment", args=[cut.pk]),
        {"seconds": "0:07.5", "text": "The logo is old."},
        headers=JSON,
        follow=True,
    )
    told = answer.json()
    assert (told["said"], told["refused"]) == (["Your comment was added."], False)
    assert sorted(told["parts"]) == ["comments", "form", "open"]
    assert "The logo is old." in told["parts"]["comments"]
    assert "The logo is old." not in told["parts"]["form"]
    assert "1 comment is open" in told["parts"]["open"]
    assert "<video" not in answer.content.decode()

    told = client.post(address(cut, Comment.objects.get()), headers=JSON, follow=True).json()
    assert "1 comment is done" in told["parts"]["comments"]
    assert "No comment on this cut is open" in told["parts"]["open"]


def test_a_refused_comment_comes_back_to_the_script_as_it_was_typed(cut, sales_manager, signed_in):
    told = (
        signed_in(sales_manager)
        .post(
            reverse("review_cuts:comment", args=[cut.pk]),
            {"seconds": "0:13", "text": "Late."},
            headers=JSON,
        )
        .json()
    )
    assert told["refused"]
    assert "This cut ends at 0:12.5." in told["parts"]["form"]
    assert "Late." in told["parts"]["form"]
    assert not Comment.objects.exists()

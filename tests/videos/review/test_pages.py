from decimal import Decimal

import pytest
from django.urls import reverse

from tests.factories import CutFactory, ExpertFactory, QuestionFactory, ready_cut
from videos.media.models import Cut, RenditionSet
from videos.planning.admin.panels import panels_for
from videos.planning.models import Stage
from videos.review.admin.panels import ReviewPanel
from videos.review.approvals import approve
from videos.review.models import Comment, Verdict

pytestmark = pytest.mark.django_db


def page(cut, act="cut"):
    return reverse(f"review_cuts:{act}", args=[cut.pk])


def stage_of(cut):
    cut.video.refresh_from_db()
    return cut.video.stage


def test_an_expert_on_camera_who_watched_approves_with_one_press(cut, on_camera, signed_in):
    client = signed_in(on_camera.user)
    assert "Approve this cut" in client.get(page(cut)).content.decode()

    response = client.post(page(cut, "approve"), {"played": "[[0, 12.5]]"}, follow=True)

    assert "is approved and can be published" in response.content.decode()
    assert stage_of(cut) == Stage.APPROVED
    assert [verdict.by for verdict in cut.verdicts.all()] == [on_camera.user]


def test_a_producer_asks_for_changes_but_does_not_approve(cut, producer, signed_in):
    client = signed_in(producer)
    html = client.get(page(cut)).content.decode()
    assert "Approve this cut" not in html
    assert "Request changes" in html

    client.post(page(cut, "approve"), {"unwatched": "1"})
    assert Verdict.objects.count() == 0

    client.post(page(cut, "changes"), {"note": "Shorter, please."})
    assert list(Verdict.objects.values_list("kind", "note", "by")) == [
        ("changes", "Shorter, please.", producer.pk)
    ]
    assert stage_of(cut) == Stage.EDITING


def test_an_expert_who_is_not_on_camera_watches_and_says_nothing(cut, signed_in):
    client = signed_in(ExpertFactory().user)
    html = client.get(page(cut)).content.decode()
    assert "You can watch" in html
    for act, data in [
        ("approve", {"unwatched": "1"}),
        ("changes", {"note": "No."}),
        ("comment", {"text": "No."}),
    ]:
        client.post(page(cut, act), data)
    assert (Verdict.objects.count(), Comment.objects.count()) == (0, 0)
    assert stage_of(cut) == Stage.REVIEW


def test_the_uploader_reads_who_has_to_approve(on_camera, signed_in):
    cut = ready_cut(uploaded_by=on_camera.user, video__stage=Stage.REVIEW)
    cut.video.experts.add(on_camera)
    client = signed_in(on_camera.user)
    sentence = "You uploaded"
    assert sentence in client.get(page(cut)).content.decode()
    response = client.post(page(cut, "approve"), {"unwatched": "1"}, follow=True)
    assert sentence in response.content.decode()
    assert Verdict.objects.count() == 0


def test_changes_without_a_note_come_back_with_the_reason(cut, sales_manager, signed_in):
    response = signed_in(sales_manager).post(page(cut, "changes"), {"note": " "})
    assert "This field is required" in response.content.decode()
    assert stage_of(cut) == Stage.REVIEW


def test_a_comment_stands_at_its_moment(cut, sales_manager, signed_in):
    client = signed_in(sales_manager)
    client.post(page(cut, "comment"), {"seconds": "0:07.5", "text": "The logo is old."})
    client.post(page(cut, "comment"), {"seconds": "", "text": "A good one."})
    assert list(Comment.objects.values_list("seconds", "text", "by")) == [
        (Decimal("7.5"), "The logo is old.", sales_manager.pk),
        (None, "A good one.", sales_manager.pk),
    ]
    html = client.get(page(cut)).content.decode()
    assert html.index("A good one.") < html.index("The logo is old.")
    assert 'data-review-seconds-param="7.5"' in html


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"seconds": "0:13", "text": "Late."}, "This cut ends at 0:12.5."),
        ({"seconds": "soon", "text": "When?"}, "minutes and seconds"),
        ({"seconds": "", "text": ""}, "This field is required"),
    ],
)
def test_a_comment_nobody_can_place_is_refused(data, reason, cut, sales_manager, signed_in):
    response = signed_in(sales_manager).post(page(cut, "comment"), data)
    assert reason in response.content.decode()
    assert Comment.objects.count() == 0


def test_an_older_cut_takes_no_word_and_leads_to_the_newest(cut, sales_manager, signed_in):
    newer = ready_cut(video=cut.video, number=2)
    client = signed_in(sales_manager)
    html = client.get(page(cut)).content.decode()
    assert f'href="{page(newer)}"' in html
    assert "Approve this cut" not in html
    response = client.post(page(cut, "comment"), {"text": "The logo is old."})
    assert "A newer cut is ready" in response.content.decode()
    client.post(page(cut, "approve"), {"unwatched": "1"})
    assert (Verdict.objects.count(), Comment.objects.count()) == (0, 0)


def test_people_take_back_their_own_comments_until_a_verdict(
    cut, producer, sales_manager, signed_in
):
    mine = Comment.objects.create(cut=cut, by=producer, text="Typo.")
    others = Comment.objects.create(cut=cut, by=sales_manager, text="Logo.")
    client = signed_in(producer)
    for comment in [mine, others]:
        client.post(reverse("review_cuts:remove_comment", args=[cut.pk, comment.pk]))
    assert list(Comment.objects.all()) == [others]
    approve(cut, by=sales_manager)
    signed_in(sales_manager).post(reverse("review_cuts:remove_comment", args=[cut.pk, others.pk]))
    assert list(Comment.objects.all()) == [others]


def test_a_cut_that_is_being_made_says_so(producer, signed_in):
    cut = CutFactory(state="working")
    html = signed_in(producer).get(page(cut)).content.decode()
    assert "Being made ready" in html
    assert "Request changes" not in html


def test_what_waits_for_me_stands_first(cut, sales_manager, signed_in):
    judged = ready_cut(video__stage=Stage.REVIEW, video__title="Old news")
    approve(judged, by=sales_manager)
    html = signed_in(sales_manager).get(reverse("review_cuts:index")).content.decode()
    assert html.index("Waiting for your review") < html.index(cut.video.title)
    assert html.index(cut.video.title) < html.index("Other cuts") < html.index("Old news")
    assert html.count(cut.video.title) == 1


def test_the_pages_ask_little_of_the_database(
    cut, on_camera, signed_in, django_assert_max_num_queries
):
    for number in range(12):
        Comment.objects.create(cut=cut, by=on_camera.user, seconds=number, text="Here.")
        QuestionFactory(video=cut.video)
        ready_cut(video__stage=Stage.REVIEW)
    client = signed_in(on_camera.user)
    for address in [page(cut), reverse("review_cuts:index")]:
        with django_assert_max_num_queries(40):
            assert client.get(address).status_code == 200


def test_the_videos_page_says_who_is_asked(cut, on_camera, finance, rf):
    request = rf.get("/")
    request.user = on_camera.user
    panel = next(panel for panel in panels_for(request, cut.video) if panel.anchor == "review")
    html = panel.render_html({})
    assert "Reviewers:" in html
    assert str(on_camera) in html
    assert "Review cut 1" in html
    request.user = finance
    assert not ReviewPanel(request, cut.video).is_shown()


def test_the_videos_page_says_that_nobody_can_approve(cut, producer, rf):
    cut.video.experts.clear()
    request = rf.get("/")
    request.user = producer
    html = ReviewPanel(request, cut.video).render_html({})
    assert "Nobody can approve cut 1. Add an expert on camera" in html
    assert "Reviewers:" not in html


@pytest.mark.parametrize(
    ("state", "reason", "said"),
    [
        ("working", "", "The cut can be approved when the full version is ready."),
        ("failed", "The disk is full.", "The disk is full. What you can watch is a small version"),
    ],
)
def test_a_small_version_can_be_watched_and_not_judged(
    cut, on_camera, signed_in, rf, state, reason, said
):
    RenditionSet.objects.filter(pk=cut.current_set.pk).update(kind="first")
    Cut.objects.filter(pk=cut.pk).update(state=state, reason=reason)
    client = signed_in(on_camera.user)
    html = " ".join(client.get(page(cut)).content.decode().split())
    assert f'data-hls="/media/{cut.current_set.key}/' in html
    assert said in html
    assert "Approve this cut" not in html
    client.post(page(cut, "approve"), {"unwatched": "1"})
    assert not Verdict.objects.exists()
    request = rf.get("/")
    request.user = on_camera.user
    panel = ReviewPanel(request, cut.video).render_html({"request": request})
    assert f'href="{page(cut)}"' in panel
    assert "Watch a small version of cut 1" in panel

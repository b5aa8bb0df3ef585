"""What an earlier version left in a queue, or signed, is still understood after modules moved."""

import pydoc

import pytest

from videos import audience, deals, media
from videos.audience.tasks import notify_rep
from videos.audience.tracking import av1_promotion
from videos.audience.tracking import notifications as notifications_of_views
from videos.deals.imports.browser import actions
from videos.media.jobs import maintenance, notifications, parallel, tasks
from videos.media.uploads import verification
from videos.publishing import privacy
from videos.review import notifications as notifications_of_reviews


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("videos.media.tasks.transcode", tasks.transcode),
        ("videos.media.telling.tell", notifications.tell),
        ("videos.media.together.help_with", parallel.help_with),
        ("videos.media.checking.check", verification.check),
        ("videos.media.checking.look_after_uploads", verification.look_after_uploads),
        ("videos.media.checking.remove_abandoned_parts", verification.remove_abandoned_parts),
        ("videos.media.upkeep.every_minute", maintenance.every_minute),
        ("videos.audience.tasks.tell_rep", notify_rep),
        (
            "videos.review.notices.tell_the_untold",
            notifications_of_reviews.send_missed_notifications,
        ),
        ("videos.publishing.privacy.follow_all", privacy.sync_all),
        (
            "videos.audience.telling.tell_the_untold",
            notifications_of_views.send_missed_notifications,
        ),
        ("videos.audience.earned.ask_for_av1", av1_promotion.ask_for_av1),
        ("videos.deals.importing.acts.go_on", actions.run_next_step),
        ("videos.deals.importing.acts.look_again", actions.resume_stale),
        ("videos.deals.importing.acts.tidy_up", actions.delete_old_data),
        ("videos.deals.imports.browser.actions.run_next_step", actions.run_next_step),
        ("videos.deals.imports.browser.actions.resume_stale", actions.resume_stale),
        ("videos.deals.imports.browser.actions.delete_old_data", actions.delete_old_data),
    ],
)
def test_a_task_queued_before_its_module_moved_finds_its_function(path, function):
    assert pydoc.locate(path) is function  # as the queue's worker looks for it


@pytest.mark.parametrize(
    "path", [tasks.TASK, notifications.TASK, parallel.TASK, verification.__name__ + ".check"]
)
def test_a_task_queued_now_finds_its_function(path):
    assert callable(pydoc.locate(path))


def test_a_module_that_never_was_is_none():
    for room in (media, audience, deals):
        with pytest.raises(AttributeError):
            room.__getattr__("nothing")

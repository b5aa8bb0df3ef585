"""What is read for one deal, one video or some months says of them what everything would."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from django.urls import reverse
from hypothesis import HealthCheck, given, settings

from studio.desk.signed import OwnReport
from studio.people.roles import Role
from tests.factories import (
    ContactFactory,
    ExpertFactory,
    ShareLinkFactory,
    UserFactory,
    ViewFactory,
)
from tests.studio.screens import SCREENS, World
from tests.videos.deals.factories import DealContactFactory, DealFactory
from tests.videos.deals.random_inputs import asks, worlds
from tests.videos.deals.test_oracle import make_rest, report_params, write_crm, write_views
from videos.deals.attribution import load as loading
from videos.deals.attribution.load import (
    deals_touched_by,
    influence_report,
    load_input,
    studio_params,
)
from videos.deals.models import Deal
from videos.deals.reports.evidence import touches_of
from videos.planning.models import Video

few = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@contextmanager
def stored(world, ask) -> Iterator[None]:
    """The rows of a random world, for a while."""
    with (
        transaction.atomic(),
        tempfile.TemporaryDirectory() as folder,
        override_settings(TIME_ZONE=ask["zone"].key),
    ):
        write_crm(folder, world)
        write_views(folder, world)
        call_command("import_crm", folder, stdout=StringIO())
        call_command("import_views", folder, stdout=StringIO())
        make_rest(world)
        yield
        transaction.set_rollback(True)


def followed(report, deals=None):
    """The deals of a report with their touches, by id."""
    found = {one.deal.id: one for one in [*report.closed, *report.open]}
    return found if deals is None else {name: found[name] for name in deals if name in found}


def touches_by(report, video):
    """The touches by a video, and the credit of each."""
    found = [one for one in touches_of(report) if one.touch.view.video == video]
    return sorted(found, key=lambda one: (one.deal_id, one.touch.order))


@few
@given(world=worlds, ask=asks)
def test_one_deal_has_the_touches_and_the_credit_of_the_whole_report(db, world, ask):
    with stored(world, ask):
        params = report_params({**ask, "skip_missing_rates": True})
        whole = influence_report(params)
        for deal in Deal.objects.all():
            alone = influence_report(params, Deal.objects.filter(pk=deal.pk))
            assert followed(alone) == followed(whole, [deal.public_id])
            assert alone.won == [won for won in whole.won if won.deal.id == deal.public_id]


@few
@given(world=worlds, ask=asks)
def test_one_video_has_the_line_and_the_touches_of_the_whole_report(db, world, ask):
    with stored(world, ask):
        params = report_params({**ask, "skip_missing_rates": True})
        whole = influence_report(params)
        for video in Video.objects.all():
            alone, name = influence_report(params, deals_touched_by(video)), video.public_id
            assert touches_by(alone, name) == touches_by(whole, name)
            assert [line for line in alone.videos if line.id == name] == [
                line for line in whole.videos if line.id == name
            ]
            assert [won for won in alone.won if name in won.video_ids] == [
                won for won in whole.won if name in won.video_ids
            ]


@few
@given(world=worlds, ask=asks)
def test_the_home_page_has_the_won_deals_of_the_whole_report(db, world, ask):
    with stored(world, ask):
        reader = UserFactory(is_superuser=True)
        whole = influence_report(studio_params(skip_missing_rates=True))
        days = sorted({won.day for won in whole.won})
        for earliest in days[:3]:
            own = OwnReport(reader, earliest)
            for day in days[days.index(earliest) :]:
                assert own.since(day) == [won for won in whole.won if won.day >= day]


def test_no_rows_are_read_but_of_the_deals_contacts_and_their_viewers(db):
    deal, other = DealFactory(), DealFactory()
    doublet = ContactFactory(merged_into=ContactFactory(merged_into=ContactFactory()))
    DealContactFactory(deal=deal, contact=doublet.merged_into)
    DealContactFactory(deal=other)
    its = ViewFactory(share_link=ShareLinkFactory(contact=doublet))
    by_the_same = ViewFactory(viewer=its.viewer)
    for contact in (other.deal_contacts.get().contact, ContactFactory()):
        link = ShareLinkFactory(contact=contact)
        ViewFactory(video=link.video, share_link=link)
    ViewFactory()
    found = load_input(studio_params(), Deal.objects.filter(pk=deal.pk))
    people = {doublet, doublet.merged_into, doublet.merged_into.merged_into}
    assert {contact.id for contact in found.contacts} == {one.public_id for one in people}
    assert {view.id for view in found.views} == {its.public_id, by_the_same.public_id}
    assert {one.id for one in found.videos} == {its.video.public_id, by_the_same.video.public_id}


@pytest.fixture
def times_read(monkeypatch) -> list[int]:
    """Holds how often views were read for a report."""
    times = [0]
    original = loading.load_views

    def counted(*args, **kwargs):
        times[0] += 1
        return original(*args, **kwargs)

    monkeypatch.setattr(loading, "load_views", counted)
    return times


def test_no_page_reads_what_a_report_is_made_of_twice(signed_in, times_read, db):
    world = World.make()
    everything = UserFactory(is_superuser=True)
    for role in Role:
        everything.groups.add(*world.users[role].groups.all())
    ExpertFactory(user=everything)
    client = signed_in(everything)
    pages = {
        name: screen.url(name, world)
        for name, screen in SCREENS.items()
        if not screen.post and name.startswith(("deals", "wagtailadmin_home"))
    }
    touches = reverse("planning_video_panel", args=[world.share_link.video_id, "touches"])
    read = {}
    for name, url in {**pages, "touches": touches}.items():
        times_read[0] = 0
        assert client.get(url).status_code == 200, name
        read[name] = times_read[0]
    assert {name: times for name, times in read.items() if times > 1} == {}
    for name in ("wagtailadmin_home", "deals_influence", "deals_evidence", "touches"):
        assert read[name] == 1

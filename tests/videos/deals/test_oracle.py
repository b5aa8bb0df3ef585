"""The report agrees with an oracle on random small worlds, to the cent."""

import csv
import json
import tempfile
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings

from tests.factories import UserFactory
from tests.videos.deals import oracle
from tests.videos.deals.random_inputs import asks, worlds
from videos.audience.models import Contact as ContactRow
from videos.audience.models import ShareLink, Viewer
from videos.audience.models import View as ViewRow
from videos.deals.attribution.influence import MissingRate, build_report
from videos.deals.attribution.input import (
    AttributionInput,
    Contact,
    Deal,
    ReportParams,
    Video,
    View,
)
from videos.deals.attribution.load import influence_report
from videos.deals.models import Deal as DealRow
from videos.deals.reports.serializers import report_as_json
from videos.planning.models import Video as VideoRow


def attribution_input(world):
    return AttributionInput(
        videos=[Video(v["id"], v["title"], v["duration"]) for v in world["videos"]],
        views=[
            View(
                id=v["id"],
                video=v["video"],
                started_at=v["started_at"],
                seconds=v["seconds"],
                viewer=v["viewer"],
                contact=v["contact"] or v["link_contact"],
                imported=v["imported"],
                excluded=v["is_staff"] or v["is_internal"] or v["is_bot"],
                counted_at=v["counted_at"],
                identified_at=v["identified_at"],
            )
            for v in world["views"]
        ],
        contacts=[Contact(c["id"], c["created_at"], c["merged_into"]) for c in world["contacts"]],
        deals=[
            Deal(
                id=d["id"],
                status=d["status"],
                created_at=d["created_at"],
                closed_at=d["closed_at"],
                amount=d["amount"],
                currency=d["currency"],
                contacts=[contact for contact, _role in d["contacts"]],
            )
            for d in world["deals"]
        ],
        rates={(r["from"], r["to"], r["day"]): r["rate"] for r in world["rates"]},
    )


def report_params(ask):
    return ReportParams(
        as_of=ask["as_of"],
        model=ask["model"],
        currency=ask["currency"],
        lookback_days=ask["lookback_days"],
        landmark_days=ask["landmark_days"],
        from_day=ask["from"],
        to_day=ask["to"],
        zone=ask["zone"],
        skip_missing_rates=ask.get("skip_missing_rates", False),
    )


def approx(value):
    """The same document, its numbers with a tolerance; everything else exactly."""
    if isinstance(value, dict):
        return {key: approx(inside) for key, inside in value.items()}
    if isinstance(value, list):
        return [approx(inside) for inside in value]
    return pytest.approx(value, rel=1e-12, abs=1e-12) if isinstance(value, float) else value


@settings(max_examples=400, deadline=None)
@given(worlds, asks)
def test_the_report_agrees_with_the_oracle(world, ask):
    try:
        expected = oracle.influence(world, ask)
    except oracle.NoRate as no_rate:
        missing = no_rate.args
        with pytest.raises(MissingRate) as refusal:
            build_report(attribution_input(world), report_params(ask))
        assert tuple(refusal.value.params.values()) == missing
    else:
        found = report_as_json(build_report(attribution_input(world), report_params(ask)))
        assert found == approx(expected)
        assert list(found) == list(expected)


@settings(max_examples=200, deadline=None)
@given(worlds, asks)
def test_the_rest_of_a_report_without_some_rates_agrees_with_the_oracle(world, ask):
    skips = {**ask, "skip_missing_rates": True}
    some = {**world, "rates": world["rates"][::7]}
    expected = oracle.influence(some, skips)
    found = report_as_json(build_report(attribution_input(some), report_params(skips)))
    assert found == approx(expected)
    assert list(found["totals"]) == list(expected["totals"])


def write(folder, name, header, rows):
    with open(Path(folder) / name, "w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([header.split(","), *rows])


def text(value):
    return "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)


def write_crm(folder, world):
    write(
        folder,
        "contacts.csv",
        "email,contact_id,created_at,company_id,name",
        [["", c["id"], text(c["created_at"]), "", ""] for c in world["contacts"]],
    )
    write(
        folder,
        "deals.csv",
        "deal_id,name,company_id,owner_email,status,stage,amount,currency,created_at,closed_at",
        [
            [
                d["id"],
                "",
                "",
                "",
                d["status"],
                "",
                text(d["amount"]),
                d["currency"],
                text(d["created_at"]),
                text(d["closed_at"]),
            ]
            for d in world["deals"]
        ],
    )
    write(
        folder,
        "deal_contacts.csv",
        "deal_id,contact_id,role",
        [[d["id"], *part] for d in world["deals"] for part in d["contacts"]],
    )
    write(
        folder,
        "rates.csv",
        "date,from_currency,to_currency,rate",
        [[text(r["day"]), r["from"], r["to"], text(r["rate"])] for r in world["rates"]],
    )


def write_views(folder, world):
    write(
        folder,
        "videos.csv",
        "video_id,title,duration_seconds,published_at",
        [[v["id"], v["title"], text(v["duration"]), ""] for v in world["videos"]],
    )
    write(
        folder,
        "views.csv",
        "view_id,video_id,viewer_id,contact_id,started_at,seconds_watched,is_bot,is_internal",
        [
            [
                v["id"],
                v["video"],
                text(v["viewer"]),
                text(v["contact"]),
                text(v["started_at"]),
                text(v["seconds"]),
                text(v["is_bot"]),
                text(v["is_internal"]),
            ]
            for v in world["views"]
            if v["imported"]
        ],
    )


def make_rest(world):
    """What no CSV can bring: merges, views of the studio's own."""
    rep = UserFactory()
    contacts = {contact.public_id: contact for contact in ContactRow.objects.all()}
    for contact in world["contacts"]:
        if contact["merged_into"]:
            contacts[contact["id"]].merged_into = contacts[contact["merged_into"]]
            contacts[contact["id"]].save()
    for view in world["views"]:
        video = VideoRow.objects.get(public_id=view["video"])
        viewer = None
        if view["viewer"]:
            viewer, _new = Viewer.objects.get_or_create(public_id=view["viewer"])
        if view["imported"]:
            continue
        link = None
        if view["link_contact"]:
            link, _new = ShareLink.objects.get_or_create(
                video=video, contact=contacts[view["link_contact"]], rep=rep
            )
        ViewRow.objects.create(
            public_id=view["id"],
            video=video,
            viewer=viewer,
            share_link=link,
            started_at=view["started_at"],
            seconds_watched=view["seconds"],
            is_bot=view["is_bot"],
            is_internal=view["is_internal"],
            is_staff=view["is_staff"],
            counted_at=view["counted_at"],
            identified_at=view["identified_at"],
        )


def asked(ask):
    names = ("model", "currency", "lookback_days", "landmark_days", "from", "to", "as_of")
    return [
        f"--{name.replace('_', '-')}={text(ask[name])}" for name in names if ask[name] is not None
    ]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(world=worlds, ask=asks)
def test_import_and_command_agree_with_the_oracle(db, world, ask):
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
        printed = StringIO()
        try:
            expected = oracle.influence(world, ask)
        except oracle.NoRate as no_rate:
            missing = no_rate.args
            with pytest.raises(CommandError) as refusal:
                call_command("influence", "--json", *asked(ask), stdout=printed)
            assert refusal.value.returncode == 1
            assert all(fact in str(refusal.value) for fact in missing)
            assert printed.getvalue() == ""
        else:
            call_command("influence", "--json", *asked(ask), stdout=printed)
            assert json.loads(printed.getvalue()) == approx(expected)
            # Some deals' report looks at their contacts' views alone, and finds the same.
            narrowed = influence_report(report_params(ask), DealRow.objects.all())
            assert report_as_json(narrowed) == approx(expected)
        transaction.set_rollback(True)

"""The demo's market and older views as the CSV files that the imports read."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from studio.operations.demo.records import World

Row = Sequence[object]


def write(path: Path, header: str, rows: Iterable[Row]) -> None:
    """One file, with its columns as the imports name them."""
    with path.open("w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerow(header.split(","))
        sheet.writerows(rows)


def write_crm(world: World, folder: Path) -> None:
    """Companies, contacts, deals and rates; the last deal was entered by hand and is left out."""
    emails = {person.key: person.email for person in world.people}
    write(
        folder / "companies.csv",
        "company_id,name,domain",
        ((company.id, company.name, company.domain) for company in world.companies),
    )
    write(
        folder / "contacts.csv",
        "contact_id,email,name,company_id,created_at",
        (
            (
                contact.id,
                contact.email,
                contact.name,
                contact.company,
                contact.created_at.isoformat(),
            )
            for contact in world.contacts
        ),
    )
    imported = world.deals[:-1]
    write(
        folder / "deals.csv",
        "deal_id,name,company_id,owner_email,status,stage,amount,currency,created_at,closed_at",
        (
            (
                deal.id,
                deal.name,
                deal.company,
                emails[deal.owner],
                deal.status,
                deal.stage,
                "" if deal.amount is None else deal.amount,
                "" if deal.amount is None else deal.currency,
                deal.created_at.isoformat(),
                deal.closed_at.isoformat() if deal.closed_at else "",
            )
            for deal in imported
        ),
    )
    write(
        folder / "deal_contacts.csv",
        "deal_id,contact_id,role",
        ((deal.id, contact, role) for deal in imported for contact, role in deal.contacts),
    )
    write(
        folder / "rates.csv",
        "date,from_currency,to_currency,rate",
        ((rate.day, rate.currency, "EUR", rate.rate) for rate in world.rates),
    )


def write_older(world: World, folder: Path) -> None:
    """The videos from before the studio, and their views."""
    ids = {video.key: video.public_id for video in world.older}
    write(
        folder / "videos.csv",
        "video_id,title,duration_seconds,published_at",
        (
            (video.public_id, video.title, video.seconds, video.published_at.isoformat())
            for video in world.older
        ),
    )
    write(
        folder / "views.csv",
        "view_id,video_id,viewer_id,contact_id,started_at,seconds_watched,is_bot,is_internal",
        (
            (
                view.id,
                ids[view.video],
                view.viewer,
                view.contact,
                view.started_at.isoformat(),
                view.seconds,
                view.is_bot,
                view.is_internal,
            )
            for view in world.views
            if view.imported
        ),
    )

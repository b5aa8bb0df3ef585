"""Random small worlds for the oracle, full of ties, edges and things unknown.

Hypothesis picks the seeds; drawn one by one, its choices would leave most worlds all but empty.
"""

import datetime as dt
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from videos.deals.attribution import credit

BASE = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)  # summer time begins within the weeks after
MODELS = sorted(credit.MODELS)  # the oracle fails on one that it does not know
# Ids that a database's collation or UTF-16 would sort otherwise.
VIDEO_IDS = ["v10", "v9", "V9", "\uffee", "\U0001f3ac"]
CONTACT_IDS = ["c1", "c2", "C1", "ç", "c3"]
VIEWERS = [None, "w1", "w2", "w3", "w4"]
CURRENCIES = ["EUR", "USD", "JPY", "KWD"]
AMOUNTS = [None, "0", "0.005", "0.01", "1", "33.335", "100", "12345.678901", "999999999999.995"]
RATES = ["1", "0.0061234567", "1.085", "150.125"]
SECONDS = [None, "2.9", "2.999999", "3", "3.0", "10.5", "11", "600"]
ZONES = ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]


class Dice(Random):
    def chance(self, share):
        return self.random() < share

    def delay(self):
        """From nothing to days, in steps that meet other instants."""
        steps = [0, 0, 3, 1800, 86_400, 3 * 86_400, 7 * 86_400]
        return dt.timedelta(seconds=self.choice(steps))

    def decimal(self, texts):
        text = self.choice(texts)
        return None if text is None else Decimal(text)

    def instant(self, span=24):
        """Mostly a midnight, so that instants meet."""
        micro = self.choice([0, 0, 0, 0, 0, 1, -1, 1_000_000, 14_400_000_000])
        return BASE + dt.timedelta(days=self.randrange(span), microseconds=micro)

    def day(self):
        return (BASE + dt.timedelta(days=self.randrange(28))).date()


def video(dice, video_id):
    return {
        "id": video_id,
        "title": f"Title of {video_id}",
        "duration": dice.decimal([None, "1.5", "2.9", "3", "60.25"]),
    }


def contacts(dice):
    """Contacts that may be merged into one that comes later, so never in a circle."""
    ids = dice.sample(CONTACT_IDS, len(CONTACT_IDS))
    return [
        {
            "id": contact,
            "created_at": dice.instant() if dice.chance(0.6) else None,
            "merged_into": (
                dice.choice(ids[place + 1 :]) if dice.chance(0.25) and ids[place + 1 :] else None
            ),
        }
        for place, contact in enumerate(ids)
    ]


def view(dice, view_id, video_ids, durations):
    imported = dice.chance(0.4)
    contact = dice.choice([None, *CONTACT_IDS])
    flag = dice.choice([""] * 9 + ["is_bot", "is_internal", "is_staff"])
    found = {
        "id": view_id,
        "video": dice.choice(video_ids),
        "viewer": dice.choice(VIEWERS),
        "contact": contact if imported else None,
        "link_contact": None if imported else contact,
        "imported": imported,
        "started_at": dice.instant(),
        "seconds": dice.decimal(SECONDS),
        "is_bot": flag == "is_bot",
        "is_internal": flag == "is_internal",
        "is_staff": flag == "is_staff" and not imported,
        "counted_at": None,
        "identified_at": None,
    }
    if imported:
        limit = min(3, durations[found["video"]] or 3)
        if found["seconds"] is not None and found["seconds"] >= limit:
            found["counted_at"] = found["started_at"]
    else:
        if dice.chance(0.8):  # whatever was watched: the limit was another one at the time
            found["counted_at"] = found["started_at"] + dice.delay()
        if found["viewer"] and dice.chance(0.4):
            found["identified_at"] = found["started_at"] + dice.delay()
    return found


def deal(dice, deal_id, amounts):
    status = dice.choice(["won", "won", "won", "lost", "open"])
    created_at, closed_at = sorted([dice.instant(), dice.instant(30)])
    parts = {(dice.choice(CONTACT_IDS), dice.choice(["", "decides"])) for _ in range(3)}
    return {
        "id": deal_id,
        "status": status,
        "created_at": created_at,
        "closed_at": None if status == "open" else closed_at,
        "amount": dice.decimal(amounts),
        "currency": dice.choice(["EUR"] * 9 + CURRENCIES),
        "contacts": sorted(parts)[: dice.choice([0, 1, 2, 3, 3])],
    }


def rates(dice):
    full = dice.chance(0.8)  # else some rate is missing, sooner or later
    found = {}
    for number in range(0, 32, 1 if full else 6):
        if dice.chance(0.5):
            day = (BASE + dt.timedelta(days=number - 3)).date()
            for source in CURRENCIES:
                for target in CURRENCIES:
                    found[day, source, target] = dice.decimal(RATES)
    return [
        {"day": day, "from": source, "to": target, "rate": rate}
        for (day, source, target), rate in found.items()
    ]


def world_of(seed):
    dice = Dice(seed)
    video_ids = dice.sample(VIDEO_IDS, dice.randint(1, len(VIDEO_IDS)))
    numbers = dice.sample(range(60), dice.choice([0, 5, 20, 40, 60]))
    videos = [video(dice, video_id) for video_id in video_ids]
    durations = {one["id"]: one["duration"] for one in videos}
    return {
        "videos": videos,
        "contacts": contacts(dice),
        "views": [view(dice, f"x{number}", video_ids, durations) for number in numbers],
        "deals": [
            deal(dice, f"{'dD'[number % 2]}{number}", AMOUNTS)
            for number in range(dice.choice([0, 3, 10, 30]))
        ],
        "rates": rates(dice),
    }


def ask_of(seed):
    dice = Dice(seed)
    first, last = sorted([dice.day(), dice.day()])
    return {
        "as_of": dice.choice([BASE + dt.timedelta(days=60)] * 3 + [dice.instant(30)]),
        "model": dice.choice(MODELS),
        "currency": dice.choice(["EUR"] * 5 + CURRENCIES),
        "lookback_days": dice.choice([None, None, 0, 1, 7, 30]),
        "landmark_days": dice.choice([14, 14, 0, 1, 7]),
        "from": dice.choice([None, None, None, first]),
        "to": dice.choice([None, None, None, last]),
        "zone": ZoneInfo(dice.choice(ZONES)),
    }


seeds = st.integers(0, 2**64 - 1)
worlds = seeds.map(world_of)
asks = seeds.map(ask_of)

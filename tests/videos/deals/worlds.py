"""Random small worlds for the oracle, full of ties, edges and things unknown."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

BASE = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)  # summer time begins within the weeks after
MODELS = [
    "first",
    "last",
    "linear",
    "position_based",
    "time_decay",
    "u_shaped",
    "w_shaped",
    "full_path",
]
# Ids that a database's collation or UTF-16 would sort otherwise.
VIDEO_IDS = ["v10", "v9", "V9", "\uffee", "\U0001f3ac"]
CONTACT_IDS = ["c1", "c2", "C1", "ç"]
VIEWERS = ["w1", "w2", "w3"]
CURRENCIES = ["EUR", "USD", "JPY", "KWD"]
AMOUNTS = ["0", "0.005", "0.01", "1", "33.335", "100", "12345.678901", "999999999999.995"]
RATES = ["1", "0.0061234567890123456789", "1.085", "150.125"]
SECONDS = [None, "0", "2.9", "2.999999", "3", "3.0", "10.5"]

halves = st.integers(0, 60).map(lambda n: BASE + dt.timedelta(hours=12 * n))
offsets = st.sampled_from([0, 0, 0, 1, -1, 1_000_000, 3_600_000_000])
instants = st.builds(
    lambda start, offset: start + dt.timedelta(microseconds=offset), halves, offsets
)
days = st.integers(0, 32).map(lambda n: (BASE + dt.timedelta(days=n)).date())


def some_decimal(texts):
    return st.sampled_from(texts).map(lambda text: None if text is None else Decimal(text))


@st.composite
def videos(draw):
    return [
        {
            "id": video,
            "title": f"Title of {video}",
            "duration": draw(some_decimal([None, "1.5", "2.9", "3", "60.25"])),
        }
        for video in draw(st.lists(st.sampled_from(VIDEO_IDS), min_size=1, unique=True))
    ]


@st.composite
def contacts(draw):
    """Contacts that may be merged into one that comes later, so never in a circle."""
    ids = draw(st.permutations(CONTACT_IDS))
    return [
        {
            "id": contact,
            "created_at": draw(st.none() | instants),
            "merged_into": draw(st.sampled_from([None, None, *ids[place + 1 :]])),
        }
        for place, contact in enumerate(ids)
    ]


@st.composite
def views(draw, video_ids):
    found = []
    for number in draw(st.permutations(range(draw(st.integers(0, 14))))):
        imported = draw(st.booleans())
        contact = draw(st.none() | st.sampled_from(CONTACT_IDS))
        flags = draw(st.sampled_from(["", "", "", "", "is_bot", "is_internal", "is_staff"]))
        found.append(
            {
                "id": f"x{number}",
                "video": draw(st.sampled_from(video_ids)),
                "viewer": draw(st.none() | st.sampled_from(VIEWERS)),
                "contact": contact if imported else None,
                "link_contact": None if imported else contact,
                "imported": imported,
                "started_at": draw(instants),
                "seconds": draw(some_decimal(SECONDS)),
                "is_bot": flags == "is_bot",
                "is_internal": flags == "is_internal",
                "is_staff": flags == "is_staff" and not imported,
            }
        )
    return found


@st.composite
def deals(draw):
    found = []
    for number in range(draw(st.integers(0, 9))):
        created_at, closed_at = sorted([draw(instants), draw(instants)])
        status = draw(st.sampled_from(["won", "won", "won", "lost", "open"]))
        amount = draw(some_decimal([None, *AMOUNTS]))
        parts = st.tuples(st.sampled_from(CONTACT_IDS), st.sampled_from(["", "decides"]))
        found.append(
            {
                "id": f"{'dD'[number % 2]}{number}",
                "status": status,
                "created_at": created_at,
                "closed_at": None if status == "open" else closed_at,
                "amount": amount,
                "currency": draw(st.sampled_from(["EUR", "EUR", *CURRENCIES])),
                "contacts": draw(st.lists(parts, max_size=3, unique=True)),
            }
        )
    return found


@st.composite
def rates(draw):
    found = {}
    for day in draw(st.lists(days, max_size=12, unique=True)):
        for source in draw(st.lists(st.sampled_from(CURRENCIES), unique=True)):
            for target in draw(st.lists(st.sampled_from(CURRENCIES), unique=True)):
                found[day, source, target] = Decimal(draw(st.sampled_from(RATES)))
    return [
        {"day": day, "from": source, "to": target, "rate": rate}
        for (day, source, target), rate in found.items()
    ]


@st.composite
def worlds(draw):
    known = draw(videos())
    return {
        "videos": known,
        "contacts": draw(contacts()),
        "views": draw(views([video["id"] for video in known])),
        "deals": draw(deals()),
        "rates": draw(rates()),
        "staff_viewers": draw(st.sampled_from([[], [], ["w3"]])),
    }


@st.composite
def asks(draw):
    first, last = sorted([draw(days), draw(days)])
    return {
        "as_of": draw(st.just(BASE + dt.timedelta(days=60)) | instants),
        "model": draw(st.sampled_from(MODELS)),
        "currency": draw(st.sampled_from(["EUR", "EUR", "EUR", "USD", "JPY", "KWD"])),
        "lookback_days": draw(st.sampled_from([None, None, 0, 1, 7, 30])),
        "landmark_days": draw(st.sampled_from([14, 14, 0, 1, 7])),
        "from": draw(st.sampled_from([None, first])),
        "to": draw(st.sampled_from([None, last])),
        "zone": ZoneInfo(
            draw(st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]))
        ),
    }

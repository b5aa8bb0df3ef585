"""The influence report a second time, written from the words of the design alone.

Plain, slow, and apart from the product: it imports nothing of it. A world is a dict of lists of
dicts, as `random_inputs.py` makes them; times are aware, money and seconds are `Decimal`.
"""

import datetime as dt
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from math import comb, sqrt

DECIMALS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}


class NoRate(Exception):
    """Carries deal, from, to and day."""


def influence(world, ask):
    with localcontext() as context:
        context.prec = 120
        return Oracle(world, ask).document()


class Oracle:
    def __init__(self, world, ask):
        self.world = world
        self.ask = ask
        self.views = [v for v in world["views"] if v["started_at"] <= ask["as_of"]]
        self.contacts = {c["id"]: c for c in world["contacts"]}
        self.videos = {v["id"]: v for v in world["videos"]}

    # who

    def merged(self, contact):
        """The survivor of all merges."""
        while self.contacts[contact]["merged_into"]:
            contact = self.contacts[contact]["merged_into"]
        return contact

    def counts(self, view):
        if view["is_staff"] or view["is_internal"] or view["is_bot"]:
            return False
        return view["counted_at"] is not None and view["counted_at"] <= self.ask["as_of"]

    def said(self, view):
        """The contact that is known from the view itself."""
        if view["imported"]:
            return self.merged(view["contact"]) if view["contact"] else None
        if not view["link_contact"] or not self.counts(view):
            return None
        return self.merged(view["link_contact"])

    def held_by(self, view, deal):
        """Whether the viewer of a view is known to the deal at all."""
        attached = view["identified_at"]
        if view["viewer"] is None:
            return False
        if attached is None:
            return True
        if attached > self.ask["as_of"]:
            return False
        return self.close(deal) is None or attached < self.close(deal)

    def identifies(self, view, deal):
        """Whether the view tells the deal who its viewer is."""
        if self.said(view) is None or not self.held_by(view, deal):
            return False
        if view["imported"] or self.close(deal) is None:
            return True
        return view["started_at"] < self.close(deal) and view["counted_at"] < self.close(deal)

    def owner(self, view, deal):
        if self.said(view):
            return self.said(view)
        if not self.held_by(view, deal):
            return None
        others = [
            v for v in self.views if v["viewer"] == view["viewer"] and self.identifies(v, deal)
        ]
        others.sort(key=lambda v: (v["started_at"], v["id"]))
        for other in others:
            if other["started_at"] >= view["started_at"]:
                return self.said(other)
        return self.said(others[-1]) if others else None

    # touches

    def close(self, deal):
        if deal["status"] in ("won", "lost") and deal["closed_at"] <= self.ask["as_of"]:
            return deal["closed_at"]
        return None

    def touches(self, deal):
        people = {self.merged(contact) for contact, _role in deal["contacts"]}
        found = []
        for view in self.views:
            if not self.counts(view):
                continue
            if not view["started_at"] < self.close(deal):
                continue
            if not view["counted_at"] < self.close(deal):
                continue
            lookback = self.ask["lookback_days"]
            age = self.close(deal) - view["started_at"]
            if lookback is not None and age > dt.timedelta(hours=24 * lookback):
                continue
            if self.owner(view, deal) in people:
                found.append(view)
        return sorted(found, key=lambda v: (v["started_at"], v["id"]))

    # which deals

    def closed_deals(self):
        found = []
        for deal in self.world["deals"]:
            if deal["created_at"] > self.ask["as_of"] or self.close(deal) is None:
                continue
            day = self.close(deal).astimezone(self.ask["zone"]).date()
            if self.ask["from"] and day < self.ask["from"]:
                continue
            if self.ask["to"] and day > self.ask["to"]:
                continue
            found.append(deal)
        return sorted(found, key=lambda d: d["id"])

    # money

    def minor(self, deal):
        """Minor units, or None."""
        if deal["amount"] is None:
            return None
        amount = deal["amount"]
        currency = self.ask["currency"]
        if deal["currency"] != currency:
            day = self.close(deal).astimezone(self.ask["zone"]).date()
            usable = [
                (rate["day"], rate["rate"])
                for rate in self.world["rates"]
                if rate["from"] == deal["currency"]
                and rate["to"] == currency
                and day - dt.timedelta(days=7) <= rate["day"] <= day
            ]
            if not usable:
                if self.ask.get("skip_missing_rates"):
                    return None
                raise NoRate(deal["id"], deal["currency"], currency, day.isoformat())
            amount *= max(usable)[1]
        scaled = amount.scaleb(DECIMALS[currency])
        return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))

    def text(self, minor):
        return f"{Decimal(minor).scaleb(-DECIMALS[self.ask['currency']]):f}"

    # credit

    def shares(self, deal, touches):
        """Percent of each touch, not yet scaled."""
        n = len(touches)
        model = self.ask["model"]
        hundred = Decimal(100)
        if model == "first":
            return [hundred] + [Decimal(0)] * (n - 1)
        if model == "last":
            return [Decimal(0)] * (n - 1) + [hundred]
        if model == "linear":
            return [hundred / n] * n
        if model == "position_based":
            if n == 1:
                return [hundred]
            if n == 2:
                return [Decimal(50), Decimal(50)]
            return [Decimal(40)] + [Decimal(20) / (n - 2)] * (n - 2) + [Decimal(40)]
        if model == "time_decay":
            shares = []
            for touch in touches:
                age = self.close(deal) - touch["started_at"]
                days = Decimal(age // dt.timedelta(microseconds=1)) / Decimal(86_400_000_000)
                shares.append((-days / 7 * Decimal(2).ln()).exp())
            return shares
        names = {
            "u_shaped": (["first", "lead"], Decimal(40), Decimal(20)),
            "w_shaped": (["first", "lead", "deal"], Decimal(30), Decimal(10)),
            "full_path": (["first", "lead", "deal", "last"], Decimal("22.5"), Decimal(10)),
        }
        roles, each, rest = names[model]
        shares = [Decimal(0)] * n
        nobody = [True] * n
        for role in roles:
            place = self.role(role, deal, touches)
            shares[place] += each
            nobody[place] = False
        for place in range(n):
            if nobody[place]:
                shares[place] = rest / nobody.count(True)
        return shares

    def role(self, role, deal, touches):
        if role == "first":
            return 0
        if role == "last":
            return len(touches) - 1
        instant = deal["created_at"]
        if role == "lead":
            people = {self.merged(contact) for contact, _role in deal["contacts"]}
            known = [
                c["created_at"]
                for c in self.world["contacts"]
                if c["created_at"] and self.merged(c["id"]) in people
            ]
            instant = min(known) if known else instant
        found = 0
        for place, touch in enumerate(touches):
            if touch["started_at"] <= instant:
                found = place
        return found

    def parts(self, deal, touches, minor):
        shares = self.shares(deal, touches)
        tiny = Decimal(10) ** -50
        exact = [(minor * share / sum(shares)).quantize(tiny) for share in shares]
        parts = [int(share.to_integral_value(rounding=ROUND_FLOOR)) for share in exact]
        while sum(parts) < minor:
            best = None
            for place in range(len(parts)):
                left = exact[place] - parts[place]
                if best is None or left > exact[best] - parts[best]:
                    best = place
            parts[best] += 1
        return parts

    # compared

    def side(self, deals):
        won = [deal for deal in deals if deal["status"] == "won"]
        n, x = len(deals), len(won)
        days = sorted((d["closed_at"] - d["created_at"]).total_seconds() / 86400 for d in won)
        rate = interval = median = around = None
        if n:
            rate = x / n
            z = 1.959964
            centre = (x + z * z / 2) / (n + z * z)
            reach = z / (n + z * z) * sqrt(x * (n - x) / n + z * z / 4)
            interval = [centre - reach, centre + reach]
        if x:
            median = (days[(x - 1) // 2] + days[x // 2]) / 2
            ranks = [
                k for k in range(1, x + 1) if sum(comb(x, i) for i in range(k)) / 2**x <= 0.025
            ]
            if ranks:
                around = [days[max(ranks) - 1], days[x - max(ranks)]]
        return {
            "closed": n,
            "won": x,
            "close_rate": rate,
            "close_rate_interval": interval,
            "median_days": median,
            "median_days_interval": around,
        }

    def compared(self):
        every = {"with": [], "without": []}
        fair = {"with": [], "without": []}
        for deal in self.closed_deals():
            touches = self.touches(deal)
            every["with" if touches else "without"].append(deal)
            landmark = deal["created_at"] + dt.timedelta(hours=24 * self.ask["landmark_days"])
            if self.close(deal) >= landmark:
                early = [touch for touch in touches if touch["started_at"] < landmark]
                fair["with" if early else "without"].append(deal)
        return {
            "all": {side: self.side(deals) for side, deals in every.items()},
            "landmark": {side: self.side(deals) for side, deals in fair.items()},
        }

    # the document

    def without_rate(self, won, minors):
        if not self.ask.get("skip_missing_rates"):
            return {}
        ids = [d["id"] for d in won if d["amount"] is not None and minors[d["id"]] is None]
        return {"without_rate": sorted(ids)}

    def document(self):
        ask = self.ask
        won = [deal for deal in self.closed_deals() if deal["status"] == "won"]
        minors = {deal["id"]: self.minor(deal) for deal in won}
        touches = {deal["id"]: self.touches(deal) for deal in won}
        influenced = [deal for deal in won if touches[deal["id"]]]
        videos, deals = {}, []
        for deal in influenced:
            key = deal["id"]
            credit = {}
            if minors[key] is not None:
                parts = self.parts(deal, touches[key], minors[key])
                for touch, part in zip(touches[key], parts, strict=True):
                    credit[touch["video"]] = credit.get(touch["video"], 0) + part
            for touch in touches[key]:
                line = videos.setdefault(
                    touch["video"], {"touches": 0, "deals": set(), "credit": 0}
                )
                line["touches"] += 1
                line["deals"].add(key)
            for video, minor in credit.items():
                videos[video]["credit"] += minor
            deals.append(
                {
                    "deal_id": key,
                    "amount": None if minors[key] is None else self.text(minors[key]),
                    "touches": len(touches[key]),
                    "videos": len({touch["video"] for touch in touches[key]}),
                    "credit": {video: self.text(minor) for video, minor in credit.items()},
                }
            )
        lines = sorted(videos.items(), key=lambda item: (-item[1]["credit"], item[0]))
        return {
            "as_of": ask["as_of"].isoformat(),
            "model": ask["model"],
            "currency": ask["currency"],
            "lookback_days": ask["lookback_days"],
            "landmark_days": ask["landmark_days"],
            "from": ask["from"].isoformat() if ask["from"] else None,
            "to": ask["to"].isoformat() if ask["to"] else None,
            "totals": {
                "won_deals": len(won),
                "won_revenue": self.text(sum(minors[d["id"]] or 0 for d in won)),
                "influenced_deals": len(influenced),
                "influenced_revenue": self.text(sum(minors[d["id"]] or 0 for d in influenced)),
                "without_amount": sorted(d["id"] for d in won if d["amount"] is None),
                **self.without_rate(won, minors),
            },
            "videos": [
                {
                    "video_id": video,
                    "title": self.videos[video]["title"],
                    "touches": line["touches"],
                    "influenced_deals": len(line["deals"]),
                    "influenced_revenue": self.text(
                        sum(minors[deal] or 0 for deal in line["deals"])
                    ),
                    "credit": self.text(line["credit"]),
                }
                for video, line in lines
            ],
            "deals": deals,
            "compared": self.compared(),
        }

"""Acts against the numbers: A1, made after the signature; A4, switched off by one deal."""

import html
import re
from uuid import uuid4

from tests.attack.browser import Browser
from tests.attack.forms import fields_with
from tests.attack.result import Result
from tests.attack.target import Target

WIN = """
from tests.attack.scene import win
win({pk}, "{by}")
"""
LATE_LINK = """
from tests.factories import ShareLinkFactory
from videos.audience.models import Contact
from videos.planning.models import Video
from studio.people.models import User
link = ShareLinkFactory(
    video=Video.objects.get(public_id="{video}"),
    contact=Contact.objects.get(pk={contact}),
    rep=User.objects.get(email="{rep}"),
)
print(link.token)
"""


def after_the_signature(target: Target) -> Result:
    """Reports, links, tokens and agents that come after a deal was won."""
    result = Result("A1 made after the signature")
    scene = target.scene
    rep = scene["users"]["expert"]
    # An honest touch before the close, of the contact whose link was opened.
    honest = target.visitor("127.0.3.1")
    honest.get(f"/s/{scene['link']}")
    seen = str(uuid4())
    honest.report(scene["video"], 4, view=seen, elapsed=0)
    # Somebody who watches and is not known, but said yes.
    unknown = target.visitor("127.0.3.2")
    unknown.get(scene["page_url"])
    unknown.post("/audience/remember", {"remember": "yes", "next": "/"})
    unknown.report(scene["video"], 4, elapsed=0)
    for deal in (scene["won"], scene["touched"]):
        target.run(WIN.format(pk=deal, by=rep))
    before = target.influence()
    result.expect(
        before["totals"]["influenced_revenue"] == "1000.00",
        f"before the acts {before['totals']['influenced_revenue']} were influenced, not 1000.00",
    )
    made = LATE_LINK.format(video=scene["video"], contact=scene["buyer"], rep=rep)
    token = target.run(made).splitlines()[-1]
    late = target.visitor("127.0.3.3")
    late.get(f"/s/{token}")
    acts = [
        late.report(scene["video"], 30, elapsed=604_000),
        late.report(scene["video"], 30, share=token, elapsed=604_000),
        unknown.get(f"/s/{token}"),
        unknown.report(scene["video"], 30, share=token, elapsed=600),
        honest.report(scene["video"], 30, view=seen, share=token, elapsed=30, seq=99),
    ]
    bot = Browser(target.url, local="127.0.3.1", agent="Googlebot/2.1")
    bot.cookies = dict(honest.cookies)
    acts.append(bot.report(scene["video"], 40, view=seen, elapsed=40, seq=100))
    # Who knows the id of a view that began in another's tab, but not the key of that tab.
    taken = str(uuid4())
    honest.report(scene["video"], 4, view=taken, elapsed=0, key=uuid4().hex)
    stranger = target.visitor("127.0.3.4")
    for guess in ("", uuid4().hex):
        answer = stranger.report(scene["video"], 30, view=taken, elapsed=30, key=guess)
        result.expect(answer.status == 400, f"a view with another key answers {answer.status}")
        acts.append(answer)
    expert = target.as_user("expert")
    key = fields_with(expert.get("/admin/deals/new/").text, {"once"})["once"]
    acts += [
        expert.post(f"/admin/deals/{scene['won']}/open/", {"once": key}),
        expert.post(
            f"/admin/deals/{scene['won']}/contacts/add/",
            {"contact": scene["late"], "role": "", "once": key},
        ),
        expert.post(f"/admin/deals/edit/{scene['won']}/", {"created_at": "2020-01-01T00:00"}),
    ]
    result.tried = len(acts)
    result.refused = sum(answer.status in {400, 403, 404, 429} for answer in acts)
    after = target.influence()
    for part in ("totals", "deals", "videos", "compared"):
        result.expect(
            before[part] == after[part], f"{part} changed from {before[part]} to {after[part]}"
        )
    result.note(f"influenced before {before['totals']['influenced_revenue']}, after the same")
    return result


def switched_off(target: Target) -> Result:
    """Deals whose amounts or currencies no report can add up."""
    result = Result("A4 switched off by one deal")
    expert = target.as_user("expert")
    leader = target.as_user("leader")
    influence = target.scene["urls"]["influence"]
    form = {"name": "Absurd", "currency": "EUR", "created_at": "2026-01-01T10:00", "stage": ""}
    # The last one is not to be refused: honest digits, in a currency that nobody gave a rate for.
    amounts = ["1e999999", "1e3", "NaN", "Infinity", "-1", "9" * 16, "0." + "1" * 11, "9" * 400]
    for amount in amounts:
        answer = expert.fill("/admin/deals/new/", {**form, "amount": amount})
        result.tried += 1
        result.refused += answer.status == 200 and 'name="amount"' in answer.text
        result.expect(answer.status == 200, f"amount {amount[:20]}: answered {answer.status}")
    made = expert.fill(
        "/admin/deals/new/", {**form, "name": "Without a rate", "amount": "7", "currency": "ZMW"}
    )
    result.expect(made.status == 302, f"a deal in ZMW is an honest one, but {made.status}")
    where = re.search(r"/admin/deals/\w+/(\d+)/", made.headers.get("location", ""))
    if where:
        target.run(WIN.format(pk=int(where[1]), by=target.scene["users"]["expert"]))
    page = leader.get(influence)
    text = html.unescape(page.text)
    result.expect(page.status == 200, f"the leader's report answers {page.status}")
    result.expect("Without a rate" in text, "the deal without a rate is not named on the report")
    result.expect("1,000.00" in text, "the report's other figures are gone")
    for name in ("leader", "finance", "expert", "sales_manager"):
        home = target.as_user(name).get("/admin/")
        result.expect(home.status == 200, f"the home page of {name} answers {home.status}")
    for question in ("lookback_days=-1", "from=2026-01-32", "model=unheard", "as_of=soon"):
        page = leader.get(f"{influence}?{question}")
        result.tried += 1
        told = "1,000.00" in html.unescape(page.text)
        result.refused += not told
        result.expect(not told, f"{question} is answered with all time's revenue")
    return result

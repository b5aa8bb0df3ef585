"""Acts at the doors: B1, taking over; B2, guessing and flooding mailboxes."""

import time
from uuid import uuid4

from tests.attack.result import Result
from tests.attack.target import PASSWORD, Target

RESET_MAILS = 3  # at most, of twenty requests
WATCHED_MAILS = 1  # a link and day
LINK_MAILS = "is watching"
CALM = 3.0  # seconds
IN_QUEUE = """
from django_q.brokers import get_broker
broker = get_broker()
print(broker.queue_size() + (broker.lock_size() or 0))
"""


def take_over(target: Target) -> Result:
    """A rep who would be somebody else: by the account page, by look-alike addresses."""
    result = Result("B1 identity")
    scene = target.scene
    expert = target.as_user("expert")
    account = scene["urls"]["account"]
    colleague = scene["users"]["colleague"]
    for address in (
        colleague,
        colleague.upper(),
        colleague.replace("fernhill", "fernhıll"),
        colleague.replace("fernhill", "ｆernhill"),
        colleague.replace("colleague", "colleaGue"),
        "somebody.else@fernhill.example",
    ):
        data = {
            "name_email-first_name": "Eve",
            "name_email-last_name": "Example",
            "name_email-email": address,
        }
        answer = expert.fill(account, data)
        result.tried += 1
        result.expect(answer.status in {200, 302, 403}, f"{address}: answered {answer.status}")
        mine = expert.get("/admin/deals/").text
        result.expect(scene["theirs_name"] not in mine, f"as {address} one owns another's deals")
        result.refused += scene["theirs_name"] not in mine
    stays = target.run(
        "from studio.people.models import User\n"
        f"print(User.objects.filter(email='{scene['users']['expert']}').count())"
    )
    result.expect(stays.endswith("1"), "the rep changed their own address")
    browser = target.visitor("127.0.4.9")
    result.expect(browser.sign_in(colleague, PASSWORD), "the colleague is locked out")
    return result


def guess(target: Target) -> Result:
    """Sixty wrong passwords, then the right one; twenty resets; the true person meanwhile."""
    result = Result("B2 sign-in and reset")
    finance = target.scene["users"]["finance"]
    guesser = target.visitor("127.0.4.1")
    let_in = 0
    for number in range(60):
        address = finance if number % 3 else finance.upper()
        let_in += guesser.sign_in(address, f"wrong {number}")
    result.tried += 60
    result.expect(let_in == 0, "a wrong password let somebody in")
    told = guesser.post("/admin/login/", {"username": finance, "password": PASSWORD})
    result.expect(told.status != 302, "sixty guesses, then in: no lock holds")
    result.refused += told.status != 302
    spoofed = {
        "X-Forwarded-For": "203.0.113.7",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    body = f"username={finance}&password={PASSWORD.replace(' ', '+')}&csrfmiddlewaretoken=" + (
        guesser.cookies.get("csrftoken", "")
    )
    forged = guesser.request("POST", "/admin/login/", body.encode(), spoofed)
    result.tried += 1
    result.refused += forged.status != 302
    result.expect(forged.status != 302, "a made-up X-Forwarded-For opens the lock")
    elsewhere = target.visitor("127.0.4.2")
    result.expect(elsewhere.sign_in(finance, PASSWORD), "the true person is locked out elsewhere")
    before = len(target.mails())
    for number in range(20):
        asker = target.visitor(f"127.0.4.{20 + number % 4}")
        asker.get(target.scene["urls"]["reset"])
        asker.post(target.scene["urls"]["reset"], {"email": target.scene["users"]["leader"]})
    result.tried += 20
    settle(target)
    sent = len(target.mails()) - before
    result.refused += 20 - sent
    result.expect(sent <= RESET_MAILS, f"twenty requests sent {sent} mails")
    result.note(f"20 requests to reset sent {sent} mails")
    return result


def flood_a_rep(target: Target) -> Result:
    """A hundred and fifty views through one link: what reaches the rep's mailbox."""
    result = Result("B2 mails of a link")
    scene = target.scene
    before = sum(LINK_MAILS in mail for mail in target.mails())
    for number in range(150):
        browser = target.visitor(f"127.0.5.{number % 100 + 1}")
        browser.get(f"/s/{scene['link']}")
        answer = browser.report(
            scene["video"], 6, view=str(uuid4()), share=scene["link"], elapsed=6
        )
        result.tried += 1
        result.refused += answer.status == 429
    settle(target)
    sent = sum(LINK_MAILS in mail for mail in target.mails()) - before
    result.expect(sent <= WATCHED_MAILS, f"one link sent its rep {sent} mails in a day")
    result.note(f"150 views through one link sent {sent} mails")
    return result


def settle(target: Target, seconds: float = 20) -> None:
    """Waits until nothing was in the queue or in work and no mail went out for CALM, at most so
    many seconds. A queue in Redis does not tell what is in work."""
    end, since, sent = time.monotonic() + seconds, time.monotonic(), -1
    while time.monotonic() < end and time.monotonic() - since < CALM:
        time.sleep(0.2)
        before, sent = sent, len(target.mails())
        if sent != before or target.run(IN_QUEUE).splitlines()[-1] != "0":
            since = time.monotonic()

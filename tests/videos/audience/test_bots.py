import pytest

from videos.audience.tracking.bots import is_bot

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
HEADLESS = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "HeadlessChrome/140.0.0.0 Safari/537.36"
)


@pytest.mark.parametrize(
    ("user_agent", "on_loopback", "expected"),
    [
        (FIREFOX, False, False),
        (GOOGLE, False, True),
        (GOOGLE, True, True),
        ("", False, True),
        ("  ", True, True),
        (HEADLESS, False, True),
        (HEADLESS, True, False),
    ],
)
def test_bots_are_known_by_name(user_agent, on_loopback, expected):
    assert is_bot(user_agent, on_loopback=on_loopback) is expected

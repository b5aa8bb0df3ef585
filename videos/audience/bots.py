"""Bots, by the name they give and the list that `crawler-user-agents` maintains."""

from functools import lru_cache

from crawleruseragents import is_crawler


@lru_cache(maxsize=512)
def is_bot(user_agent: str, *, at_home: bool) -> bool:
    """Whether a user agent is a bot's; one that gives no name is.

    `at_home`: the studio answers on this machine alone. No crawler comes there, but browser tests
    do, so that a headless browser is taken for a browser.
    """
    if at_home:
        user_agent = user_agent.replace("HeadlessChrome/", "Chrome/")
    return not user_agent.strip() or bool(is_crawler(user_agent))

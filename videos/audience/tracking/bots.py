"""Detects bots by their user agent, with the list of `crawler-user-agents`."""

from functools import lru_cache

from crawleruseragents import is_crawler


@lru_cache(maxsize=512)
def is_bot(user_agent: str, *, on_loopback: bool) -> bool:
    """Whether a user agent is a bot's. An empty one is.

    `on_loopback`: the studio is served on a loopback address only. Crawlers cannot reach it, but
    browser tests do, so a headless browser counts as a browser there.
    """
    if on_loopback:
        user_agent = user_agent.replace("HeadlessChrome/", "Chrome/")
    return not user_agent.strip() or bool(is_crawler(user_agent))

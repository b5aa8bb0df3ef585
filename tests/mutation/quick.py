"""A pytest plugin: Hypothesis tries the same examples each time, and does not shrink failures."""

from hypothesis import Phase, settings

settings.register_profile(
    "mutation", phases=(Phase.explicit, Phase.generate), derandomize=True, database=None
)

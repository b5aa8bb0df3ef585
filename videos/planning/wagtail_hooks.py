"""What planning adds to the admin."""

from wagtail import hooks

from videos.planning.log_actions import register_actions

hooks.register("register_log_actions", register_actions)

"""What each role may do with questions, videos, shoots, experts and resources.

An expert's own questions and shoots, which they may change, follow from `access.py`.
"""

from studio.people.roles import Role

SEES_VIDEOS = ["planning.view_video"]
SEES_PLANS = [
    *SEES_VIDEOS,
    "planning.view_question",
    "planning.add_question",
    "planning.view_shoot",
    "planning.add_shoot",
    "planning.view_expert",
    "planning.view_resource",
]
PLANS = [
    *SEES_PLANS,
    "planning.change_question",
    "planning.add_video",
    "planning.change_video",
    "planning.plan_video",
    "planning.cancel_video",
    "planning.change_shoot",
    "planning.add_expert",
    "planning.change_expert",
    "planning.add_resource",
    "planning.change_resource",
]

GRANTS = {
    Role.PRODUCER: [*PLANS, "planning.move_video"],
    Role.EXPERT: SEES_PLANS,
    Role.SALES_MANAGER: PLANS,
    Role.FINANCE: SEES_VIDEOS,
    Role.LEADER: SEES_VIDEOS,
}

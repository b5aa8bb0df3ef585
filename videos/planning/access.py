"""Who may do what with questions, videos and shoots."""

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from wagtail.permission_policies import ModelPermissionPolicy

from studio.people.models import User
from videos.planning.models import Expert, Question, Shoot, Stage

AnyUser = User | AnonymousUser

# The permission that each of planning's own transitions needs, by the stage it leads to
TRANSITION_PERMISSIONS = {
    Stage.IDEA: "planning.plan_video",
    Stage.PLANNED: "planning.plan_video",
    Stage.SHOT: "planning.move_video",
    Stage.EDITING: "planning.move_video",
    Stage.CANCELLED: "planning.cancel_video",
}


def signed_in(request: HttpRequest) -> User:
    """The user of a request. Raises PermissionDenied for anonymous users."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def expert_of(user: AnyUser) -> Expert | None:
    """The user as an expert on camera, if they are one; asked of the database once."""
    expert: Expert | None = getattr(user, "expert", None)
    return expert if expert and expert.active else None


def may_change_stage(user: AnyUser, to: Stage) -> bool:
    """Whether the user may change the stage of a video to this one, in planning."""
    return to in TRANSITION_PERMISSIONS and user.has_perm(TRANSITION_PERMISSIONS[to])


def may_link_questions(user: AnyUser) -> bool:
    """Whether the user may say which video answers a question."""
    return user.has_perms(["planning.change_question", "planning.change_video"])


def may_plan_from_question(user: AnyUser) -> bool:
    """Whether the user may create a video from a question."""
    return user.has_perms(["planning.change_question", "planning.add_video"])


def may_change_question(user: AnyUser, question: Question) -> bool:
    """Whether the user may edit a question: anyone's, or one they heard themselves."""
    return user.has_perm("planning.change_question") or (
        user.has_perm("planning.add_question") and question.heard_by_id == user.pk
    )


def may_change_shoot(user: AnyUser, shoot: Shoot) -> bool:
    """Whether the user may change or cancel a shoot: any, or one they are an expert of."""
    return user.has_perm("planning.change_shoot") or (
        user.has_perm("planning.add_shoot") and shoot.experts.filter(user=user.pk).exists()
    )


class QuestionPermissionPolicy(ModelPermissionPolicy):
    """Users who may add questions may also change those they heard."""

    def user_has_permission(self, user: User, action: str) -> bool:
        if action == "change" and super().user_has_permission(user, "add"):
            return True
        return bool(super().user_has_permission(user, action))

    def user_has_permission_for_instance(self, user: User, action: str, instance: Question) -> bool:
        if action == "change":
            return may_change_question(user, instance)
        return bool(super().user_has_permission_for_instance(user, action, instance))


class ShootPermissionPolicy(ModelPermissionPolicy):
    """Users who may book shoots may also change those with themselves on camera."""

    def user_has_permission(self, user: User, action: str) -> bool:
        if action == "change" and super().user_has_permission(user, "add"):
            return True
        return bool(super().user_has_permission(user, action))

    def user_has_permission_for_instance(self, user: User, action: str, instance: Shoot) -> bool:
        if action == "change":
            return may_change_shoot(user, instance)
        return bool(super().user_has_permission_for_instance(user, action, instance))

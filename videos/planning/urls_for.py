"""URLs of planning's pages."""

from django.urls import reverse

from videos.planning.models import Expert, Question, Shoot, Video


def video_url(video: Video) -> str:
    """The one page of a video."""
    return reverse("planning_videos:inspect", args=[video.pk])


def question_url(question: Question) -> str:
    """The page of a question."""
    return reverse("planning_questions:inspect", args=[question.pk])


def shoot_url(shoot: Shoot) -> str:
    """The page of a shoot."""
    return reverse("planning_shoots:inspect", args=[shoot.pk])


def expert_url(expert: Expert) -> str:
    """The page of an expert."""
    return reverse("planning_experts:inspect", args=[expert.pk])

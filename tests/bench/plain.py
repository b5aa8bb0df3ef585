"""The least that Django does for a row: its usual middleware, one view, one insert.

Served by the same web server on the same database as the studio, to hold its beacons against.
"""

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from studio import settings as studio

settings.configure(
    SECRET_KEY="measures only",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES=studio.DATABASES,
    DEFAULT_AUTO_FIELD=studio.DEFAULT_AUTO_FIELD,
    USE_TZ=True,
    INSTALLED_APPS=[
        f"django.contrib.{app}" for app in ("auth", "contenttypes", "sessions", "messages")
    ],
    MIDDLEWARE=[  # as `django-admin startproject` lists it
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
)
django.setup()

from django.db import connection, models  # noqa: E402 models need settings
from django.views.decorators.csrf import csrf_exempt  # noqa: E402


class Row(models.Model):
    """What is inserted."""

    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "plain"

    def __str__(self) -> str:
        return self.text


@csrf_exempt
def insert(request: HttpRequest, **name: str) -> HttpResponse:
    """Keeps what is posted; answers 200 to anything else."""
    if request.method != "POST":
        return HttpResponse()
    Row.objects.create(text=request.body.decode())
    return HttpResponse(status=204)


urlpatterns = [path("<path:name>", insert)]
application = get_wsgi_application()

if __name__ == "__main__":
    with connection.schema_editor() as editor:
        editor.create_model(Row)

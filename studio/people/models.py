"""Users, identified by their e-mail address, and invitations."""

from typing import Any

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.crypto import salted_hmac
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from studio.collation.functions import SortKey
from studio.people.access_log import note_access
from studio.people.addresses import email_key
from studio.people.errors import AddressTaken, LastAdministrator
from studio.single_line import SingleLines

GUARDED = {"email", "email_key", "is_active", "is_superuser"}


class UserQuerySet(models.QuerySet["User"]):
    """Users by address."""

    def known_as(self, address: str) -> "UserQuerySet":
        """The user whose present or former address this is, or None."""
        key = email_key(address)
        return self.filter(addresses__email_key=key) if key else self.none()

    def administrators(self) -> "UserQuerySet":
        """The active superusers."""
        return self.filter(is_superuser=True, is_active=True)

    def update(self, **fields: Any) -> int:
        """Update users, saving each one if `User.save` guards one of the fields.

        Raises what `User.save` raises, and TypeError for `email_key`, which is computed.
        """
        if "email_key" in fields:
            raise TypeError("The key of an address follows from the address.")
        if not GUARDED & fields.keys():
            return super().update(**fields)
        with transaction.atomic():
            users = list(self.select_for_update())
            for user in users:
                for name, value in fields.items():
                    setattr(user, name, value)
                user.save()
        return len(users)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete users. Raises LastAdministrator if no administrator would be left."""
        with transaction.atomic():
            refuse_the_last_administrators(
                set(self.administrators().values_list("pk", flat=True)), lock=True
            )
            return super().delete()

    update.alters_data = delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail address and finds them by its key."""

    use_in_migrations = True

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def known_as(self, address: str) -> UserQuerySet:
        """The user whose present or former address this is, or None."""
        return self.get_queryset().known_as(address)

    def administrators(self) -> UserQuerySet:
        """The active superusers."""
        return self.get_queryset().administrators()

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user; without a password they cannot sign in until one is set."""
        if not email.strip():
            raise ValueError("A user needs an e-mail address.")
        user: User = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an administrator, who may do everything."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with this present address. Raises User.DoesNotExist."""
        return self.get(email_key=email_key(username or ""))


class User(SingleLines, AbstractUser):
    """A user, whose permissions come from their groups, see `roles.py`.

    The address is stored as it was entered; `email_key` is compared. Saving updates the key,
    remembers former addresses, and raises AddressTaken or LastAdministrator.
    """

    username = None  # type: ignore[assignment]
    email = models.EmailField(
        _("e-mail address"),
        unique=True,
        help_text=_("Only administrators change it."),
        error_messages={"unique": _("A user with this e-mail address already exists.")},
    )
    email_key = models.CharField(max_length=255, unique=True, editable=False)
    sessions_ended = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text=_("How often all sessions and links of this user were ended."),
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()  # type: ignore[misc, assignment]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = [SortKey("first_name"), SortKey("last_name"), "email"]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """Return the address as entered, since the key is what is compared."""
        return username

    def clean(self) -> None:
        """Raise what `save` would raise, for forms to show beside the address."""
        self.email = self.email.strip()
        self.email_key = email_key(self.email)
        try:
            self._refuse_a_taken_address()
        except AddressTaken as refusal:
            raise ValidationError({"email": refusal}) from None
        if not (self._state.adding or (self.is_active and self.is_superuser)):
            refuse_the_last_administrators({self.pk})

    def other_holder(self) -> "User | None":
        """Another user who has, or had, this user's address."""
        return User.objects.known_as(self.email).exclude(pk=self.pk).first()

    def save(self, *args: Any, update_fields: Any = None, **kwargs: Any) -> None:
        if update_fields is not None and not GUARDED & set(update_fields):
            super().save(*args, update_fields=update_fields, **kwargs)
            return
        self.email = self.email.strip()
        self.email_key = email_key(self.email)
        if update_fields is not None:
            update_fields = {*update_fields, "email", "email_key", "sessions_ended"}
        try:
            with transaction.atomic():
                before = self._end_sessions_when_it_matters()
                self._refuse_a_taken_address()
                super().save(*args, update_fields=update_fields, **kwargs)
                KnownAddress.objects.get_or_create(
                    email_key=self.email_key, defaults={"user": self, "email": self.email}
                )
                note_access(self, before)
                self._refuse_a_taken_address()
        except IntegrityError:  # somebody was faster, by an instant
            self._refuse_a_taken_address()
            raise

    def _refuse_a_taken_address(self) -> None:
        if holder := self.other_holder():
            raise AddressTaken(self.email, holder)

    def _end_sessions_when_it_matters(self) -> "User | None":
        """End all sessions if the user is deactivated or renamed. Returns the stored user."""
        if self._state.adding:
            return None
        before = User.objects.select_for_update().filter(pk=self.pk).first()
        if before is None:
            return None
        stays = self.is_active and self.is_superuser
        if before.is_active and before.is_superuser and not stays:
            refuse_the_last_administrators({before.pk}, lock=True)
        if (before.is_active and not self.is_active) or before.email_key != self.email_key:
            self.sessions_ended = before.sessions_ended + 1
        return before

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """The hash that sessions must match; changes with a new password and on deactivation."""
        known = f"{self.password}:{self.sessions_ended}"
        return salted_hmac(
            "studio.people.models.User.sessions", known, secret=secret, algorithm="sha256"
        ).hexdigest()


def refuse_the_last_administrators(going: set[int], *, lock: bool = False) -> None:
    """Raise LastAdministrator if there are no administrators but these.

    Callers that then write must pass `lock`, in the same transaction.
    """
    found = User.objects.administrators().order_by("pk")
    administrators = list(found.select_for_update() if lock else found)
    if administrators and {user.pk for user in administrators} <= going:
        raise LastAdministrator(administrators[0])


def keep_an_administrator(sender: type[User], instance: User, **kwargs: Any) -> None:
    """Before a user is deleted in any way: raise LastAdministrator if none would be left."""
    if instance.is_active and instance.is_superuser:
        refuse_the_last_administrators({instance.pk}, lock=True)


class KnownAddress(models.Model):
    """A present or former address of a user, which no other user can get."""

    user = models.ForeignKey(User, models.CASCADE, related_name="addresses", verbose_name=_("user"))
    email = models.EmailField(_("e-mail address"))
    email_key = models.CharField(max_length=255, unique=True)
    since = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("known address")
        verbose_name_plural = _("known addresses")
        ordering = ["since", "pk"]

    def __str__(self) -> str:
        return self.email


class Tally(models.Model):
    """A rate limit's count since `began_at`. `subject` is a keyed hash."""

    door = models.CharField(max_length=30)  # the name of the rate limit
    subject = models.CharField(max_length=64)
    began_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        constraints = [
            models.UniqueConstraint(fields=["door", "subject"], name="people_tally_once")
        ]

    def __str__(self) -> str:
        return f"{self.door}: {self.count}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations by state."""

    def open(self) -> "InvitationQuerySet":
        """Neither accepted nor withdrawn; they may have expired."""
        return self.filter(accepted_at=None, withdrawn_at=None)


class Invitation(SingleLines):
    """An invitation by mail to become a user with certain roles.

    Acts on it are in `inviting.py`. Its link is signed and not stored; each sending raises
    `serial`, which voids earlier links. `sent_by` is responsible for the roles it grants.
    """

    email = models.EmailField(_("e-mail address"))
    email_key = models.CharField(max_length=255, editable=False)
    groups = models.ManyToManyField(
        "auth.Group", blank=True, related_name="+", verbose_name=_("roles")
    )
    is_superuser = models.BooleanField(
        _("administrator"),
        default=False,
        help_text=_("Administrators may do everything. Only they manage users and settings."),
    )
    serial = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("invited"), default=now, editable=False)
    sent_at = models.DateTimeField(_("sent"), default=now, editable=False)
    sent_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", editable=False, verbose_name=_("sent by")
    )
    expires_at = models.DateTimeField(_("valid until"), editable=False)
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)
    user = models.OneToOneField(
        User,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="invitation",
        verbose_name=_("user"),
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-sent_at", "-pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["email_key"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="people_one_open_invitation",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(withdrawn_at=None),
                name="people_invitation_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_open(self) -> bool:
        """Whether it can still be accepted, possibly after it is sent again."""
        return self.accepted_at is None and self.withdrawn_at is None

    @property
    def is_expired(self) -> bool:
        """Whether it is open, but its link has expired."""
        return self.is_open and self.expires_at <= now()


class FirstRunToken(models.Model):
    """A token that creates the first administrator of a studio without users; see `first_run.py`.

    `digest` is its SHA-256: the token itself is printed and not stored.
    """

    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("first-run token")
        verbose_name_plural = _("first-run tokens")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M}"

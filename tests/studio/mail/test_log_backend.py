"""On a laptop a mail is one line of the log, with all that it says."""

from django.core.mail import EmailMultiAlternatives

from studio.mail.backend import rows_of
from studio.mail.log_backend import LONGEST, in_one_line
from studio.mail.outbox import KeptMail


def letter(text):
    message = EmailMultiAlternatives("Welcome, Ann", text, "studio@a.example", ["ann@a.example"])
    message.attach_alternative("<p>Not this</p>", "text/html")
    message.attach("notes.txt", "Nor this", "text/plain")
    return message


def test_a_mail_is_one_line_with_its_links():
    said = in_one_line(letter("Hello Ann,\r\n\r\nset a password: http://a.example/x/\r\n"))
    expected = "to ann@a.example: Welcome, Ann: Hello Ann, set a password: http://a.example/x/"
    assert said == expected


def test_signs_of_other_scripts_come_through_the_outbox():
    [row] = rows_of(letter("Grüße an Анна"))
    assert in_one_line(KeptMail(row)).endswith(": Grüße an Анна")


def test_a_long_mail_is_cut():
    assert len(in_one_line(letter("word " * LONGEST))) < LONGEST + 100

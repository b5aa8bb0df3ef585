import threading

import pytest
from django.core import signing
from django.db import connection

from tests.factories import ViewerFactory
from videos.audience.models import View, Viewer
from videos.audience.tracking import cookies


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [True, False])
def test_beacons_of_one_view_at_the_same_instant_all_stand(play, visitor, known):
    """The view may be there already, or be made by whichever is first."""
    public_id = ViewerFactory().public_id if known else "4f7c2a52-0000-4000-8000-000000000000"
    visitor.cookies[cookies.VIEWER_COOKIE] = signing.dumps(
        public_id, salt=cookies.SALT + cookies.VIEWER_COOKIE
    )
    if known:
        play(seq=99, ranges=[])
    barrier, answers = threading.Barrier(4), []

    def send(seq: int) -> None:
        barrier.wait()
        try:
            answers.append(play(seq=seq, ranges=[[seq * 2, seq * 2 + 1]]).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(seq,)) for seq in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    view = View.objects.get()
    assert answers == [204] * 4
    assert view.ranges == [[0, 1], [2, 3], [4, 5], [6, 7]]
    assert view.viewer == Viewer.objects.get()

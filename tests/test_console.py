"""The console in which tests run scripts within a studio of their own."""

import os
from collections.abc import Iterator

import pytest

from tests.e2e.running import Studio

pytestmark = pytest.mark.xdist_group("console")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("studio")
    settings = {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "studio.settings"}
    elsewhere = {"DATABASE_URL", "REDIS_URL", "S3_BUCKET"}
    env = {name: value for name, value in os.environ.items() if name not in elsewhere}
    studio = Studio("", env | settings)
    yield studio
    studio.close()


def test_a_script_says_what_it_prints_and_leaves_nothing_to_the_next(studio: Studio) -> None:
    assert studio.run("import os\nname = os.environ['NAME']\nprint(name)", NAME="one") == "one\n"
    assert studio.run("import os\nprint('name' in globals(), os.environ.get('NAME'))") == (
        "False None\n"
    )


@pytest.mark.parametrize("script", ["assert 1 > 2, 'no'", "raise SystemExit('no')", "no("])
def test_a_script_that_fails_fails_its_test_and_not_the_next_script(
    studio: Studio, script: str
) -> None:
    with pytest.raises(RuntimeError, match="no"):
        studio.run(script)
    assert studio.run("print(1)") == "1\n"


def test_a_closed_console_has_ended(studio: Studio) -> None:
    console = studio.console()
    studio.close()
    assert (console.returncode, studio.consoles) == (-15, [])

"""Fixtures of the tests that test the practice Identity Center itself."""

import pytest

from practice.client import Practice
from practice.speaker import Speaker


@pytest.fixture(scope="module")
def center_process(tmp_path_factory):
    with Practice.start(tmp_path_factory.mktemp("practice"), interval=0) as practice:
        yield practice


@pytest.fixture
def center(center_process):
    """As new. What it finds to be wrong is the test's to look at: most of these tests break the rules."""
    center_process.reset()
    return center_process


@pytest.fixture
def speaker(center):
    speaker = Speaker(center)
    yield speaker
    speaker.close()

"""What every integration test may ask for. A test fails, too, for what it did not look at: a request that breaks
AWS's rules, a report of a sanitizer, a crash, a secret in an output, a daemon that does not end."""
import pathlib
import shutil
import signal
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "lib")]


def pytest_configure(config):
    # A shell starts what is to run in the background with interrupts ignored, and programs keep that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "quick: one of the few that ./tests/run --quick runs")
    config.addinivalue_line("markers", "once: has nothing to do with how iamic was built; not repeated with sanitizers")
    config.addinivalue_line("markers", "alone: measures time, starts crowds or builds; nothing else runs beside it")
    config.addinivalue_line("markers", "all: only in ./tests/run --all: a browser, a booted system, or minutes")


def pytest_collection_modifyitems(items):
    """The practice server's own tests are the same whatever build they run beside."""
    for item in items:
        if item.path.name.startswith(("test_practice_", "test_quickstart")):
            item.add_marker(pytest.mark.once)
        if item.path.name == "test_quickstart.py":
            item.add_marker(pytest.mark.alone)


@pytest.fixture(scope="session")
def practice_server(tmp_path_factory):
    from practice.client import Practice
    with Practice.start(tmp_path_factory.mktemp("practice")) as server:
        yield server


@pytest.fixture
def practice(practice_server):
    """The practice Identity Center, as new; a request that broke AWS's rules fails the test that caused it."""
    practice_server.reset()
    yield practice_server
    violations = practice_server.violations()
    practice_server.reset()
    assert not violations, "requests that AWS would not have got: " + "; ".join(
        f"{violation['operation']}: {violation['text']}" for violation in violations)


@pytest.fixture
def home(practice):
    """An empty home whose programs talk to the practice Identity Center."""
    from home import Home
    home = Home(practice)
    yield home
    fail_for(home.close())


@pytest.fixture
def bare_home():
    """An empty home without any Identity Center."""
    from home import Home
    home = Home()
    yield home
    fail_for(home.close())


@pytest.fixture
def cli():
    """A home whose iamic talks to a daemon of the test's own making, cli.agent."""
    from home import Home
    from scripted_agent import ScriptedAgent
    home = Home()
    agent = ScriptedAgent(home.base / "agent")
    home.env["IAMIC_SOCKET"] = str(agent.path)
    home.env["AWS_CONFIG_FILE"] = "/nonexistent/config"
    home.agent = agent
    yield home
    faults = home.close() + agent.faults
    agent.close()
    fail_for(faults)


@pytest.fixture(scope="session")
def bare_debian(tmp_path_factory):
    """The tree of a Debian 12 that has nothing but itself, to be copied."""
    import debian
    tree = tmp_path_factory.mktemp("debian") / "bare"
    debian.bootstrap(tree)
    yield tree
    shutil.rmtree(tree)


@pytest.fixture
def daemon(home):
    """iamicd, started by hand in `home`, ready."""
    return home.start_daemon()


def fail_for(faults):
    assert not faults, "left behind by the test:\n" + "\n".join(faults)

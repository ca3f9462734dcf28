"""AWS's clients, unmodified, through credential_process: over an expiry, in a crowd, and while iamic is signed out."""
import time

import clients
import pytest
from clients import CLIENTS, LISTINGS, Bench, restic
from home import Home, wait_for
from practice.client import Practice

pytestmark = [pytest.mark.all, pytest.mark.alone, pytest.mark.timeout(600)]

LIFE = 12  # seconds; iamic gives out what has a quarter of it left, and the slowest client needs one to use it
CROWD = {"aws-cli": 8, "boto3": 8, "javascript-v3": 6, "javascript-v2": 6, "go-v1": 6, "go-v2": 6, "ruby": 4,
         "rclone": 3, "restic": 1, "s4cmd": 2}
SIGNED_OUT = "iamic: session 'corp' is signed out: run 'iamic-login corp'"


@pytest.fixture(scope="module", autouse=True)
def built():
    clients.build()


@pytest.fixture(scope="module", params=[False, True], ids=["credential_process", "exec --server"])
def over_an_expiry(request, built, tmp_path_factory):
    """All clients at once, each with a role of its own, before and after its credentials expired. A client that can
    ask twice is one process, and a listing has its second page when the credentials of its first have expired.

    ({client: result of each process}, {role: access keys})"""
    with Practice.start(tmp_path_factory.mktemp("practice"), role_life=LIFE, page_size=1) as practice:
        home = Home(practice)
        try:
            listers = {f"{name}-list": name.title() + "-List" for name in LISTINGS}
            bench = Bench(home, {**{one.name: one.role for one in CLIENTS.values()}, **listers})
            home.start_daemon()
            home.sign_in()
            assert bench.once(CLIENTS["restic"], argv=restic("init")).status == 0
            results = run_over_an_expiry(bench, request.param)
            practice.check()
            signed = bench.signed()
        finally:
            faults = home.close()
    assert not faults, faults
    return results, signed


def run_over_an_expiry(bench, served):
    practice = bench.home.practice
    asking = [one for one in CLIENTS.values() if (one.is_served if served else one.runs_process)]
    asked = practice.count("ListObjects")
    practice.fault("ListObjects", "delay", times=len(LISTINGS), seconds=LIFE + 1)
    running = {f"{name}-list": [bench.spawn(CLIENTS[name], argv, f"{name}-list", served=served)]
               for name, argv in LISTINGS.items()}
    wait_for(lambda: practice.count("ListObjects") == asked + len(LISTINGS), 30, lambda: "the listings do not begin")
    running.update({one.name: [bench.start(one, served=served)] for one in asking})
    wait_for(lambda: set(bench.signed()) >= {one.role for one in asking}, 60,
             lambda: f"signed by {bench.signed()} only, of {running}")
    time.sleep(LIFE + 1)  # all that was granted so far has expired
    for one in asking:
        if one.follows:
            clients.ask(running[one.name][0])
        else:
            running[one.name].append(bench.start(one, served=served))
    return {name: [clients.ended(process) for process in processes] for name, processes in running.items()}


@pytest.mark.parametrize("name", [*CLIENTS, *(f"{name}-list" for name in LISTINGS)])
def test_a_client_goes_on_with_fresh_credentials_when_its_first_have_expired(over_an_expiry, name):
    results, signed = over_an_expiry
    if name not in results:
        assert not (CLIENTS[name].is_served and CLIENTS[name].runs_process)
        return
    for result in results[name]:
        assert (result.status, result.err) == (0, ""), result
    assert len(signed[name.title()]) >= 2, signed


def test_a_crowd_of_all_clients_causes_one_request(home, practice):
    bench = Bench(home, dict.fromkeys(CLIENTS, "ReadOnly"))
    marked = home.aws_config.read_text().replace("\nregion =", "\niamic_generated = true\nregion =")
    home.write_aws_config(marked)  # as 'iamic profiles' marks them: to no client that key means anything
    home.start_daemon()
    home.sign_in()
    crowd = [(CLIENTS[name], number) for name, count in CROWD.items() for number in range(count)]
    assert len(crowd) == 50
    running = [bench.start(one, argv=restic("init") if one.name == "restic" else None) for one, _ in crowd]
    for process in running:
        result = clients.ended(process)
        assert (result.status, result.err) == (0, ""), result
    assert bench.grants("ReadOnly") == 1
    assert len(bench.signed()["ReadOnly"]) == 1
    signed = [request for request in practice.requests() if request["signed_by"]]
    assert len(signed) > len(crowd)  # and the sign-in's own


@pytest.mark.parametrize("name", [one.name for one in CLIENTS.values() if one.runs_process])
def test_while_signed_out_a_client_fails_and_shows_what_iamic_says_where_it_shows_anything(home, name):
    bench = Bench(home)
    home.start_daemon()
    result = bench.once(CLIENTS[name])
    assert result.status != 0, result
    assert (SIGNED_OUT in result.err) == CLIENTS[name].shows, result
    assert bench.grants(CLIENTS[name].role) == 0 and bench.signed() == {}


# What iamic-credential-process(1) says of clients that need a word more, or another way.


@pytest.mark.parametrize("name", ["go-v1", "javascript-v2"])
def test_an_older_sdk_reads_the_configuration_only_if_told_to(home, name):
    bench = Bench(home)
    home.start_daemon()
    home.sign_in()
    assert bench.once(CLIENTS[name], without="AWS_SDK_LOAD_CONFIG").status != 0
    assert bench.grants(CLIENTS[name].role) == 0
    assert bench.once(CLIENTS[name]).status == 0


def test_restic_reads_credential_process_in_the_credentials_file_alone(home):
    bench = Bench(home)
    (home.path / ".aws/credentials").unlink()
    home.start_daemon()
    home.sign_in()
    result = bench.once(CLIENTS["restic"], argv=restic("init"))
    assert result.status != 0 and "Access Denied" in result.err, result
    assert bench.grants(CLIENTS["restic"].role) == 0
    Bench(home)
    assert bench.once(CLIENTS["restic"], argv=restic("init")).status == 0


def test_an_older_sdk_for_ruby_does_not_know_the_endpoint_and_runs_the_process(home):
    bench = Bench(home)
    home.start_daemon()
    home.sign_in()
    result = bench.once(CLIENTS["ruby"], served=True)
    assert result.status != 0 and "without credentials" in result.err, result
    assert bench.once(CLIENTS["ruby"]).status == 0


def test_what_does_not_read_credential_process_is_run_by_iamic_exec(home):
    """restic again, with nothing but variables: as for s3cmd, gdal and all that knows nothing else."""
    bench = Bench(home)
    (home.path / ".aws/credentials").unlink()
    home.start_daemon()
    home.sign_in()
    prefix = [str(home.program("iamic")), "exec", "--profile", "restic", "--"]
    result = bench.once(CLIENTS["restic"], argv=[*prefix, *restic("init")])
    assert (result.status, result.err) == (0, ""), result
    assert bench.grants(CLIENTS["restic"].role) == 1

import pytest

from saccade.errors import BadConfig
from saccade.training.launch import Launch, read_launch, refuse_several

GIVEN = {"RANK": "1", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "MASTER_ADDR": "here", "MASTER_PORT": "29500"}


def test_without_a_launcher_there_is_one_process():
    assert read_launch({"MASTER_ADDR": "left over", "LOCAL_RANK": "7"}) == Launch()


def test_a_launcher_says_who_this_process_is():
    launch = read_launch({**GIVEN, "LOCAL_WORLD_SIZE": "2", "SACCADE_PATIENCE": "60"})
    assert (launch.rank, launch.world, launch.local_rank, launch.local_world) == (1, 4, 1, 2)
    assert launch.patience == 60
    assert launch.agent == ""


def test_a_launcher_that_begins_again_says_how_often_it_did():
    launch = read_launch({**GIVEN, "TORCHELASTIC_RUN_ID": "job", "TORCHELASTIC_RESTART_COUNT": "2"})
    assert (launch.attempt, launch.name) == (2, "job")
    assert launch.agent


@pytest.mark.bad_input
@pytest.mark.parametrize("name", GIVEN)
def test_a_variable_that_is_missing_is_named(name):
    with pytest.raises(BadConfig, match=rf"got \w+ without {name}; taken are RANK, .* together; start with torchrun"):
        read_launch({other: value for other, value in GIVEN.items() if other != name})


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        ("RANK", "4", "a whole number from 0 to 3"),
        ("RANK", "-1", "a whole number from 0 to 3"),
        ("RANK", "one", "a whole number from 0 to 3"),
        ("WORLD_SIZE", "0", "a whole number from 1"),
        ("WORLD_SIZE", "2.0", "a whole number from 1"),
        ("LOCAL_RANK", "", "a whole number from 0 to 3"),
        ("LOCAL_RANK", "٣", "a whole number from 0 to 3"),
        ("MASTER_ADDR", " ", "the name or address of a machine"),
        ("MASTER_PORT", "0", "a port from 1 to 65535"),
        ("MASTER_PORT", "65536", "a port from 1 to 65535"),
        ("SACCADE_PATIENCE", "soon", "seconds above 0"),
        ("SACCADE_PATIENCE", "nan", "seconds above 0"),
        ("SACCADE_PATIENCE", "0", "seconds above 0"),
    ],
)
def test_a_variable_that_means_nothing_is_named(name, value, taken):
    with pytest.raises(BadConfig) as caught:
        read_launch({**GIVEN, name: value})
    told = [line for line in str(caught.value).split("\n") if line.startswith(f"got {name}={value!r}; taken ")]
    assert len(told) == 1
    assert taken in told[0]
    assert told[0].count("; ") == 2


@pytest.mark.bad_input
def test_all_that_is_wrong_is_listed():
    with pytest.raises(BadConfig) as caught:
        read_launch({"RANK": "5", "WORLD_SIZE": "2", "MASTER_PORT": "x", "SACCADE_PATIENCE": "-1"})
    assert len(str(caught.value).split("\n")) == 5


def test_a_run_belongs_to_the_launch_whose_process_began_it():
    launch = Launch(world=2, attempt=1, name="none", agent="host:7:100")
    described = launch.described(0)
    assert described["launch"]["processes"] == 2
    assert launch.began(described, 0)
    assert not launch.began(described, 1)
    assert not launch.began({}, 0)
    assert not Launch(name="none", agent="host:8:100", attempt=1).began(described, 0)
    assert not Launch().began(described, 0)


def test_a_launch_that_begins_again_on_another_machine_is_known_by_its_name():
    described = Launch(name="job", agent="host:7:100").described(0)
    assert Launch(name="job", agent="other:9:5", attempt=1).began(described, 0)
    assert not Launch(name="job", agent="other:9:5", attempt=0).began(described, 0)
    assert Launch(name="job", agent="other:9:5", attempt=0).began(described, 0, placed=True)
    assert not Launch(name="none", agent="other:9:5", attempt=2).began(
        Launch(name="none", agent="host:7:100").described(0), 0, placed=True
    )
    assert not Launch(name="another", agent="other:9:5", attempt=1).began(described, 0)


def test_what_one_process_alone_can_do_is_refused_in_several(monkeypatch):
    refuse_several("--transfer features")
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadConfig, match="got --transfer features in 4 processes; taken is one process"):
        refuse_several("--transfer features")

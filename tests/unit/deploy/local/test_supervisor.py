"""The configuration that supervisord gets; test_stack.py shows that supervisord acts on it."""

from configparser import RawConfigParser

import pytest

from deploy.errors import DeployError
from deploy.local.supervisor import Program, Supervisor, configuration


def test_percent_signs_and_spaces_reach_the_program(tmp_path):
    program = Program("p", ("run", "a b", "100%"), {"URI": "mongodb://h/?x=%2F&y=1"})

    parser = RawConfigParser()
    parser.read_string(configuration(tmp_path, [program]))

    assert parser["program:p"]["command"] == "setpriv --pdeathsig KILL -- run 'a b' 100%%"
    assert parser["program:p"]["environment"] == 'URI="mongodb://h/?x=%%2F&y=1"'


@pytest.mark.parametrize("value", ['a"b', "a'b", "a\nb", "a ;b"])
def test_value_that_supervisord_would_garble_is_refused(tmp_path, value):
    with pytest.raises(ValueError, match="supervisord"):
        configuration(tmp_path, [Program("p", ("run",), {"X": value})])


def test_folder_too_deep_for_a_socket_is_refused_with_advice(tmp_path):
    with pytest.raises(DeployError, match="XDG_DATA_HOME"):
        Supervisor(tmp_path / ("x" * 100))


def test_nothing_started_means_nothing_kept(tmp_path):
    supervisor = Supervisor(tmp_path)

    supervisor.stop()

    assert not supervisor.alive()
    assert supervisor.programs() == []

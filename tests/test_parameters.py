"""Named parameters in files, and what is wrong with some."""

import numpy as np
import pytest

from gradcli import parameters
from gradcli.errors import GradcliError

NAMES = ("w[a]", "b")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.json", '{"b": 2, "w[a]": 1.5}'),
        ("p.json", '\ufeff{"parameters": {"w[a]": 1.5, "b": 2}, "loss": 3}'),
        ("p.json", "[1.5, 2]"),
        ("p.csv", "b,w[a]\n2,1.5\n"),
        ("p.csv", "w[a],1.5\nb,2\n"),
        ("P.CSV", "parameter,value\r\nb,2\r\nw[a],1.5\r\n"),
    ],
)
def test_parameters_are_read_in_the_order_asked_for(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8", newline="")
    assert parameters.read(path, NAMES).tolist() == [1.5, 2]


def test_arrays_are_read(tmp_path):
    np.save(tmp_path / "p.npy", np.array([[1.5], [2]]))
    assert parameters.read(tmp_path / "p.npy", NAMES).tolist() == [1.5, 2]


@pytest.mark.parametrize(
    ("name", "content", "told", "hinted"),
    [
        ("p.json", '{"w[a]": 1}', "gives no value to b", "w[a], b"),
        ("p.json", '{"w[a]": 1, "b": 2, "c": 3}', "'c', which is not a parameter", "w[a], b"),
        ("p.json", '{"w[A]": 1, "b": 2}', "'w[A]', which is not a parameter", "did you mean w[a]?"),
        ("p.json", '{"w[a]": NaN, "b": 2}', "value of 'w[a]' is nan", None),
        ("p.json", '{"w[a]": "1", "b": 2}', "value of 'w[a]' is '1'", None),
        ("p.json", '{"w[a]": true, "b": 2}', "value of 'w[a]' is True", None),
        ("p.json", '{"w[a]": 1' + "0" * 400 + ', "b": 2}', "not a finite number", None),
        ("p.json", "[1, 2, 3]", "holds 3 numbers for 2 parameters", "w[a], b"),
        ("p.json", "[[1], [2, 3]]", "holds 2 numbers|not a finite|value of", None),
        ("p.json", "7", "not a file of parameters", None),
        ("p.json", "{", "not a file of parameters", None),
        ("p.json", "[" * 100_000, "not a file of parameters", None),
        ("p.csv", "w[a];b\n1;2\n", "not a file of parameters", None),
        ("p.csv", "", "not a file of parameters", None),
        ("p.csv", "w[a],b\n1_0,2\n", "'1_0', which is not a parameter", None),
        ("p.txt", "1 2", "is not a file of parameters", ".json"),
        ("p.npy", "no array", "not a file of parameters", None),
    ],
)
def test_other_files_are_refused(tmp_path, name, content, told, hinted):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(GradcliError) as caught:
        parameters.read(path, NAMES)
    assert any(words in caught.value.message for words in told.split("|"))
    if hinted:
        assert hinted in caught.value.hint


def test_arrays_of_other_things_are_refused(tmp_path):
    np.save(tmp_path / "p.npy", np.array(["a", "b"]))
    with pytest.raises(GradcliError, match="not numbers"):
        parameters.read(tmp_path / "p.npy", NAMES)
    np.save(tmp_path / "p.npy", np.array([None, {}]), allow_pickle=True)
    with pytest.raises(GradcliError, match="not a file of parameters"):
        parameters.read(tmp_path / "p.npy", NAMES)


def test_missing_files_and_places_not_to_be_written_say_so(tmp_path):
    with pytest.raises(GradcliError, match="cannot read"):
        parameters.read(tmp_path / "none.json", NAMES)
    with pytest.raises(GradcliError, match="cannot write"):
        parameters.write(tmp_path / "none" / "p.json", "linreg", {"w": 1.0})

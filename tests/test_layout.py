"""Parameters of every kind as flat vectors and back."""

from __future__ import annotations

from collections import OrderedDict
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest

from gradcli.errors import GradcliError
from gradcli.userfile.layout import layout_of
from gradcli.userfile.reading import read
from gradcli.userfile.returned import number_in


class Line(NamedTuple):
    slope: float
    offset: list


KINDS = {
    "a number": (3.0, ["theta"]),
    "an integer": (3, ["theta"]),
    "a fraction": (Fraction(1, 2), ["theta"]),
    "a NumPy number": (np.float32(3), ["theta"]),
    "an array of no dimension": (np.array(3), ["theta"]),
    "a list": ([1, 2], ["theta[0]", "theta[1]"]),
    "a tuple": ((1.0, 2.0), ["theta[0]", "theta[1]"]),
    "a range": (range(2), ["theta[0]", "theta[1]"]),
    "nested lists": ([[1, 2], [3, 4]], ["theta[0,0]", "theta[0,1]", "theta[1,0]", "theta[1,1]"]),
    "tuples in a list": ([(1, 2), (3, 4)], ["theta[0,0]", "theta[0,1]", "theta[1,0]", "theta[1,1]"]),
    "ragged lists": ([[1, 2], [3]], ["theta[0][0]", "theta[0][1]", "theta[1][0]"]),
    "an array": (np.arange(2), ["theta[0]", "theta[1]"]),
    "single precision": (np.arange(2, dtype=np.float32), ["theta[0]", "theta[1]"]),
    "objects": (np.array([1, Fraction(1, 2)], dtype=object), ["theta[0]", "theta[1]"]),
    "a matrix": (np.array([[1.0, 2.0]]), ["theta[0,0]", "theta[0,1]"]),
    "Fortran order": (
        np.asfortranarray([[1.0, 2.0], [3.0, 4.0]]),
        ["theta[0,0]", "theta[0,1]", "theta[1,0]", "theta[1,1]"],
    ),
    "a dict": ({"W1": np.ones((2, 1)), "b1": [0.0], "c": 1}, ["W1[0,0]", "W1[1,0]", "b1[0]", "c"]),
    "an ordered dict": (OrderedDict(b=1.0, a=2.0), ["b", "a"]),
    "nested dicts": ({"in": {"W": np.ones(1)}, "out": 1.0}, ["in.W[0]", "out"]),
    "a list of arrays": ([np.ones((1, 2)), np.ones(1)], ["theta[0][0,0]", "theta[0][0,1]", "theta[1][0]"]),
    "a named tuple": (Line(1.0, [2.0]), ["slope", "offset[0]"]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_built_is_what_x0_was(kind):
    x0, names = KINDS[kind]
    layout = layout_of(x0, "theta")
    assert list(layout.names) == names
    built = layout.build(layout.start)
    assert_alike(built, x0)
    np.testing.assert_array_equal(read(layout, built, "grad").values, layout.start)


def assert_alike(built, x0):
    if isinstance(x0, dict):
        assert type(built) is type(x0)
        assert list(built) == list(x0)
        for key in x0:
            assert_alike(built[key], x0[key])
    elif isinstance(x0, np.ndarray):
        assert isinstance(built, np.ndarray)
        assert built.dtype == np.float64
        assert built.shape == x0.shape
        np.testing.assert_array_equal(built, x0.astype(float))
    elif isinstance(x0, list | tuple):
        assert type(built) is type(x0)
        for part, old in zip(built, x0, strict=True):
            assert_alike(part, old)
    elif isinstance(x0, range):
        assert built == [float(i) for i in x0]
    else:
        assert type(built) is float
        assert built == float(x0)


def test_a_numpy_matrix_stays_one():
    with pytest.warns(PendingDeprecationWarning):
        x0 = np.matrix([[1.0, 2.0], [3.0, 4.0]])
        built = layout_of(x0).build([1, 0, 0, 1])
    assert isinstance(built, np.matrix)


def test_every_build_is_a_fresh_copy():
    layout = layout_of({"w": np.ones(2)})
    point = np.ones(2)
    one, other = layout.build(point), layout.build(point)
    one["w"][:] = 7
    assert other["w"][0] == 1
    assert point[0] == 1


def test_a_read_only_x0_gives_writable_parameters():
    x0 = np.ones(2)
    x0.flags.writeable = False
    layout_of(x0).build(x0)[0] = 2.0


BAD_X0 = {
    "None": (None, "x in x0 is None, not a number"),
    "text": ("abc", "x in x0 is the text 'abc', not a number"),
    "a boolean": (True, "x in x0 is a boolean, not a number"),
    "booleans": (np.array([True]), "x in x0 is made of booleans"),
    "nothing": ([], "x0 has no parameters"),
    "an empty dict": ({}, "x0 has no parameters"),
    "complex": (np.array([1j]), "x0 (x) has complex numbers, such as 1j"),
    "text in a dict": ({"W": np.ones(1), "name": "net"}, "name in x0 is the text 'net'"),
    "nan": ([1.0, float("nan")], "x0 is not finite: x[1] = nan"),
    "a function": (len, "x0 (x) has a function"),
    "a set": ({1.0}, "x0 (x) has an object of type set"),
    "one name twice": ({"w[0]": 1.0, "w": [2.0]}, "two parameters of x0 have the name w[0]"),
    "dates": (np.array(["2020-01-01"], dtype="M8"), "x0 (x) has an array of datetime64"),
}


@pytest.mark.parametrize("kind", BAD_X0)
def test_an_x0_that_is_none_says_what_it_is(kind):
    x0, message = BAD_X0[kind]
    with pytest.raises(GradcliError) as refused:
        layout_of(x0)
    assert message in refused.value.message


VECTOR, MATRIX = np.array([1.0, 2.0, 3.0]), np.ones((2, 3))
TREE = {"W": np.ones((2, 1)), "b": np.ones(1)}
ACCEPTED = {
    "a list for an array": (VECTOR, [1, 2, 3], [1, 2, 3], None),
    "a column": (VECTOR, VECTOR[:, None], [1, 2, 3], "shape (3, 1), x0 has shape (3,)"),
    "a row": (VECTOR, VECTOR[None], [1, 2, 3], "shape (1, 3)"),
    "a flat matrix": (MATRIX, np.arange(6.0), range(6), "shape (6,), x0 has shape (2, 3)"),
    "other names": (TREE, {"dW": np.ones((2, 1)), "db": [5]}, [1, 1, 5], None),
    "more keys": (TREE, {"W": np.ones((2, 1)), "b": [5], "X": None}, [1, 1, 5], "'X' as well"),
    "a tuple for a dict": (TREE, (np.ones((2, 1)), [5]), [1, 1, 5], "a tuple instead of a dict"),
    "a vector for a dict": (TREE, np.array([1, 2, 5]), [1, 2, 5], "one vector"),
    "real numbers in complex dress": (VECTOR, VECTOR + 0j, [1, 2, 3], None),
    "a number for one in a list": ([1.0], 5, [5], "a single number, x0 has shape (1,)"),
    "integers": (VECTOR, np.array([1, 2, 3]), [1, 2, 3], None),
}


@pytest.mark.parametrize("kind", ACCEPTED)
def test_harmless_shapes_are_accepted_and_said(kind):
    x0, came, values, remark = ACCEPTED[kind]
    reading = read(layout_of(x0), came, "grad")
    assert reading.faults == []
    np.testing.assert_array_equal(reading.values, list(values))
    assert (remark is None) == (reading.remarks == [])
    assert remark is None or remark in reading.remarks[0]


FAULTS = {
    "too many": (VECTOR, np.ones(4), 3, "grad returned shape (4,), x0 has shape (3,)"),
    "one for all": (VECTOR, 2.0, 3, "grad returned a single number, x0 has shape (3,)"),
    "transposed": (MATRIX, np.ones((3, 2)), 6, "shape (3, 2), x0 has shape (2, 3)"),
    "a dict for an array": (VECTOR, {"w": VECTOR}, 3, "returned a dict, x0 has shape (3,)"),
    "a missing key": (TREE, {"W": np.ones((2, 1)), "c": 1}, 1, "without the key 'b'; it has 'c' instead"),
    "one part wrong": (TREE, {"W": np.ones((2, 1)), "b": np.ones(2)}, 1, "grad, for b, returned shape (2,)"),
    "too few parts": (TREE, [np.ones(2)], 3, "x0 has 2 parts (W, b)"),
    "a vector of another length": (TREE, np.ones(2), 3, "x0 has 2 parts (W, b)"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_wrong_shape_is_a_fault_of_its_parameters(kind):
    x0, came, missing, message = FAULTS[kind]
    reading = read(layout_of(x0), came, "grad")
    [(names, fault)] = reading.faults
    assert message in fault
    assert len(names) == missing == np.isnan(reading.values).sum()


NO_NUMBERS = {
    "None": (None, "grad returned None"),
    "text": ("abc", "grad returned the text 'abc' instead of numbers"),
    "text in a list": (["a", 1, 2], "grad returned an array of <U"),
    "None in a list": ([None, 1.0, 2.0], "grad returned None among its numbers"),
    "a function": (len, "grad returned a function instead of numbers"),
    "a generator": ((i for i in range(3)), "grad returned an object of type generator"),
    "complex": ([1j, 1, 1], "grad returned complex numbers, such as 1j"),
    "ragged": ([[1, 2], [3]], "grad returned a list that is no array: rows of different lengths"),
}


@pytest.mark.parametrize("kind", NO_NUMBERS)
def test_a_gradient_that_is_no_number_says_what_it_is(kind):
    came, message = NO_NUMBERS[kind]
    with pytest.raises(GradcliError) as refused:
        read(layout_of(VECTOR), came, "grad")
    assert message in refused.value.message


class Tensor:
    """Like one of PyTorch that tracks gradients."""

    def __init__(self, values, tracked=True):
        self.values, self.tracked = np.asarray(values), tracked

    def detach(self):
        return Tensor(self.values, tracked=False)

    def __array__(self, dtype=None, copy=None):
        if self.tracked:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad")
        return self.values


def test_a_tensor_that_tracks_gradients_is_detached():
    assert list(read(layout_of(VECTOR), Tensor([1, 2, 3]), "grad").values) == [1, 2, 3]
    assert number_in(Tensor(2.0), "loss") == 2.0


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.array(2), np.array([[2.0]]), [2.0], Fraction(2), 2 + 0j])
def test_a_loss_may_be_any_single_number(value):
    number = number_in(value, "loss")
    assert type(number) is float
    assert number == 2.0


NO_LOSS = {
    "an array": (np.ones(3), "an array of shape (3,) instead of a number"),
    "None": (None, "loss returned None"),
    "a boolean": (True, "a boolean, True, instead of a number"),
    "a NumPy boolean": (np.True_, "a boolean, True, instead of a number"),
    "text": ("1.0", "the text '1.0'"),
    "complex": (1 + 2j, "complex numbers, such as (1+2j)"),
    "a pair": ((1.0, np.ones(2)), "a pair instead of a number"),
    "nothing": (np.array([]), "an array of shape (0,) instead of a number"),
}


@pytest.mark.parametrize("kind", NO_LOSS)
def test_a_loss_that_is_no_number_says_what_it_is(kind):
    value, message = NO_LOSS[kind]
    with pytest.raises(GradcliError) as refused:
        number_in(value, "loss")
    assert message in refused.value.message

"""Files of numbers, good and bad, each with its one outcome."""

import gzip
import io
import tracemalloc

import numpy as np
import pytest

from gradcli import datasets
from gradcli.datasets.tabular import open_table
from gradcli.errors import GradcliError

GOOD = {
    "plain": "x,y\n1,2\n2,3\n4,5\n",
    "no newline at the end": "x,y\n1,2\n2,3\n4,5",
    "BOM": "\ufeffx,y\n1,2\n2,3\n4,5\n",
    "CRLF": "x,y\r\n1,2\r\n2,3\r\n4,5\r\n",
    "CR": "x,y\r1,2\r2,3\r4,5\r",
    "blank lines": "\n\nx,y\n\n1,2\n   \n2,3\n4,5\n\n\n",
    "blanks around": " x , y \n 1 , 2 \n 2 , 3 \n 4 , 5 \n",
    "quotes": '"x","y"\n"1","2"\n"2","3"\n"4","5"\n',
    "some quotes": 'x,y\n1,"2"\n2,3\n"4",5\n',
    "tabs": "x\ty\n1\t2\n2\t3\n4\t5\n",
    "semicolons": "x;y\n1;2\n2;3\n4;5\n",
    "ways to write numbers": "x,y\n+1,2.\n0.2e1,3.0\n400E-2,.5e1\n",
}


@pytest.fixture
def written(tmp_path):
    def write(content, name="data.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD.keys())
@pytest.mark.parametrize("pack", [str.encode, lambda text: gzip.compress(text.encode())], ids=["plain", "gzip"])
def test_good_files_are_read(written, content, pack):
    data = datasets.read(written(pack(content)))
    assert data.X.tolist() == [[1], [2], [4]]
    assert data.y.tolist() == [2, 3, 5]
    assert (data.features, data.target) == (("x",), "y")


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD.keys())
@pytest.mark.parametrize("pack", [str.encode, lambda text: gzip.compress(text.encode())], ids=["plain", "gzip"])
def test_standard_input_is_read(monkeypatch, content, pack):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(pack(content))))
    data = datasets.read("-")
    assert data.X.tolist() == [[1], [2], [4]]
    assert data.source == "standard input"


SCATTERED = "".join(
    f"{row},{number!r}\n" for row, number in enumerate(np.random.default_rng(0).normal(size=2000).tolist())
)

# content, what the message must hold, what the hint must hold
BAD = {
    "NaN": ("x,y\n1,2\nnan,3\n", ["line 3 (row 2)", "column 'x'", "nan"], "leave out the row"),
    "missing value": ("x,y\n1,2\n,3\n", ["line 3 (row 2)", "column 'x'", "empty"], "fill it in"),
    "NA": ("x,y\n1,NA\n2,3\n", ["line 2 (row 1)", "column 'y'", "NA"], "fill it in"),
    "infinity": ("x,y\n1,2\n2,-inf\n", ["line 3 (row 2)", "column 'y'", "-inf is not finite"], "leave out"),
    "text": ("x,y\n1,2\nabc,3\n", ["line 3 (row 2)", "column 'x'", "'abc' is not a number"], "--features"),
    "underscore": ("x,y\n1_000,2\n2,3\n", ["line 2 (row 1)", "column 'x'", "'1_000'"], "write 1000"),
    "full-width digits": ("x,y\n\uff11\uff12,2\n2,3\n", ["line 2 (row 1)", "column 'x'", "'\uff11\uff12'"], "write 12"),
    "arabic digits": ("x,y\n\u0663,2\n2,3\n", ["line 2 (row 1)", "column 'x'", "'\u0663'"], ""),
    "unicode minus": ("x,y\n\u22121,2\n2,3\n", ["column 'x'", "'\u22121'"], "write -1"),
    "hexadecimal": ("x,y\n0x1F,2\n2,3\n", ["line 2 (row 1)", "'0x1F' is not a number"], ""),
    "half an exponent": ("x,y\n1e,2\n2,3\n", ["'1e' is not a number"], ""),
    "percent": ("x,y\n5%,2\n2,3\n", ["'5%' is not a number"], ""),
    "decimal comma": ("x;y\n1,5;2\n2;3\n", ["line 2 (row 1)", "column 'x'", "'1,5'"], "write 1.5"),
    "quoted decimal comma": ('x,y\n"1,5",2\n2,3\n', ["column 'x'", "'1,5'"], "write 1.5"),
    "unquoted decimal comma": ("x,y\n1,5,2,5\n2,5,3,5\n", ["line 2 (row 1)", "4 cells", "2 names"], "decimal comma"),
    "thousands": ('x,y\n"1,234",2\n2,3\n', ["'1,234'"], "write 1234, or 1.234"),
    "millions": ('x,y\n"1,234,567.5",2\n2,3\n', ["'1,234,567.5'"], "write 1234567.5"),
    "short row": ("x,y\n1,2\n3\n4,5\n", ["line 3 (row 2)", "1 cell,", "2 names"], "as many cells"),
    "long row": ("a,b,y\n1,2,3\n4,5,6,x\n", ["line 3 (row 2)", "4 cells", "3 names"], "as many cells"),
    "trailing commas": ("x,y\n1,2,\n3,4,\n", ["line 2 (row 1)", "3 cells"], "remove the ','"),
    "trailing comma in the header": ("x,y,\n1,2,\n3,4,\n", ["does not say which column"], "--target y"),
    "open quote": ('x,y\n"1,2\n2,3\n', ["1 cell"], "quotation marks"),
    "open quote in the header": ('x,"y\n1,2\n2,3\n', ["spans lines"], "quotation marks"),
    "only delimiters": ("x,y\n1,2\n,\n", ["line 3 (row 2)", "column 'x'", "empty"], ""),
    "empty": ("", ["is empty"], "names"),
    "blanks only": (" \n\n\t\n", ["is empty"], "names"),
    "header only": ("x,y\n", ["no rows below its header"], "two rows"),
    "one row": ("x,y\n1,2\n", ["only one row"], "two rows"),
    "no header": ("1,2\n3,4\n", ["starts with numbers, not with names"], "x,y"),
    "one column": ("x\n1\n2\n", ["one column only, 'x'"], "a target and a feature"),
    "separated by blanks": ("x y\n1 2\n3 4\n", ["one column only, 'x y'"], "commas"),
    "constant column": ("a,x,y\n7,1,2\n7,2,3\n", ["column 'a' is 7 in every row"], "--features"),
    "constant target": ("x,y\n1,2\n2,2\n", ["the target 'y' is 2 in every row"], "nothing to learn"),
    "target without variation": ("x,y\n1,1e-200\n2,3e-200\n", ["varies so little"], "smaller unit"),
    "duplicate columns": ("a,b,y\n1,1,2\n2,2,3\n3,3,1\n", ["'a' and 'b' are the same in every row"], "leave one out"),
    "duplicate names": ("x,x,y\n1,2,3\n3,4,5\n", ["columns 1 and 2", "same name, 'x'"], "a name of its own"),
    "nameless column": (",x,y\n0,1,2\n1,2,5\n", ["column 1 has no name"], "--features"),
    "square overflows": ("x,y\n1e300,1\n2,3\n", ["line 2 (row 1)", "column 'x'", "1e300 is too large"], "larger unit"),
    "number overflows": ("x,y\n1,2\n2,-1e400\n", ["line 3 (row 2)", "column 'y'", "-1e400 is too large"], "unit"),
    "comment": ("x,y\n1,2\n#2,3\n3,3\n", ["line 3 (row 2)", "'#2' is not a number"], ""),
    "control characters": ("x,y\n1,2\n\x1b[31m,3\n", ["'\\x1b[31m' is not a number"], ""),
    "target unclear": ("a,b,c\n1,2,3\n3,4,6\n", ["does not say which column is the target"], "a, b, c"),
    "target elsewhere": ("y,x\n1,2\n2,5\n", ["does not say which column is the target"], "--target y"),
    "latin-1": ("tempé,y\n1,2\n2,4\n".encode("latin-1"), ["line 1", "0xe9", "not UTF-8"], "UTF-8"),
    "latin-1 further down": ("x,y\n1,2\n2,é\n".encode("latin-1"), ["line 3", "0xe9", "not UTF-8"], "UTF-8"),
    "UTF-16": ("x,y\n1,2\n".encode("utf-16"), ["UTF-16"], "UTF-8"),
    "spreadsheet": (b"PK\x03\x04rest", ["spreadsheet"], "CSV"),
    "binary": (bytes(range(256)), ["not text"], "CSV"),
    "damaged gzip": (gzip.compress(b"x,y\n" + b"1,2\n" * 999 + bytes(range(48, 58)))[:30], ["is damaged"], None),
    "cut gzip of much": (gzip.compress(b"x,y\n" + SCATTERED.encode())[:5000], ["damaged"], None),
}


@pytest.mark.parametrize(("content", "told", "hinted"), BAD.values(), ids=BAD.keys())
def test_bad_files_are_refused_by_row_and_column(written, content, told, hinted):
    path = written(content)
    with pytest.raises(GradcliError) as caught:
        datasets.read(path)
    assert path in caught.value.message
    for words in told:
        assert words in caught.value.message
    assert caught.value.hint is None if hinted is None else hinted in caught.value.hint
    assert "\n" not in caught.value.message


LABELS = {
    "1 and 2": ("x,y\n1,1\n2,2\n3,1\n", "'y' are 1 and 2, not 0 and 1", "write 0 for 1 and 1 for 2"),
    "-1 and 1": ("x,y\n1,-1\n2,1\n", "'y' are -1 and 1", "write 0 for -1"),
    "words": ("x,y\n1,yes\n2,no\n3,no\n", "'y' are no and yes", "write 0 for no and 1 for yes"),
    "True and False": ("x,y\n1,True\n2,False\n", "'y' are False and True", "write 0 for False"),
    "three": ("x,y\n1,0\n2,1\n3,2\n", "3 values (0, 1, 2)", "linreg"),
    "numbers": ("x,y\n1,0.5\n2,1.5\n3,2\n4,3\n5,4\n6,7\n", "6 values (0.5, 1.5, 2, 3, 4, ...)", "linreg"),
    "three words": ("x,y\n1,a\n2,b\n3,c\n", "3 values (a, b, c)", "linreg"),
    "ones only": ("x,y\n1,1\n2,1\n", "are all 1", "both kinds"),
    "fives only": ("x,y\n1,5\n2,5\n", "are all 5", "both kinds"),
    "one bad word": ("x,y\n1,0\n2,1\n3,maybe\n", "line 4 (row 3), column 'y': 'maybe' is not a number", ""),
}


@pytest.mark.parametrize(("content", "told", "hinted"), LABELS.values(), ids=LABELS.keys())
def test_labels_other_than_0_and_1_are_named(written, content, told, hinted):
    with pytest.raises(GradcliError) as caught:
        datasets.read(written(content), labels=True)
    assert told in caught.value.message
    assert hinted in caught.value.hint


def test_labels_may_be_written_as_decimals(written):
    assert datasets.read(written("x,y\n1,0.0\n2,1.00\n"), labels=True).y.tolist() == [0, 1]


def test_constant_column_is_welcome_without_an_intercept(written):
    path = written("one,x,y\n1,1,2\n1,2,3\n")
    assert datasets.read(path, intercept=False).features == ("one", "x")
    with pytest.raises(GradcliError, match="'one' is 1 in every row") as caught:
        datasets.read(path)
    assert "--no-intercept" in caught.value.hint
    with pytest.raises(GradcliError, match="'one' is 0 in every row"):
        datasets.read(written("one,x,y\n0,1,2\n0,2,3\n"), intercept=False)


def test_target_and_features_are_chosen_by_name(written):
    path = written("name,a,b,c\nann,1,2,3\nbob,4,5,9\n")
    data = datasets.read(path, target="b", features=["c", "a"])
    assert (data.X.tolist(), data.y.tolist()) == ([[3, 1], [9, 4]], [2, 5])
    assert (data.features, data.target, data.notes) == (("c", "a"), "b", ())


@pytest.mark.parametrize(
    ("options", "told", "hinted"),
    [
        ({"target": "wieght"}, "no column 'wieght'", "did you mean --target weight?"),
        ({"target": "zzz"}, "no column 'zzz'", "height, width, weight"),
        ({"target": "weight", "features": ["hieght"]}, "no column 'hieght'", "did you mean --features height?"),
        ({"target": "weight", "features": ["weight"]}, "'weight' is the target and a feature", "leave it out"),
        ({"target": "weight", "features": ["width", "width"]}, "names 'width' twice", "once"),
        ({"target": "weight", "features": []}, "no features", "choose from"),
    ],
)
def test_wrong_choices_are_met_with_a_hint(written, options, told, hinted):
    with pytest.raises(GradcliError) as caught:
        datasets.read(written("height,width,weight\n1,2,3\n2,3,1\n"), **options)
    assert told in caught.value.message
    assert hinted in caught.value.hint


@pytest.mark.parametrize("header", ["a,b,y", "a,b,Target", "a,b,class", "height,weight"])
def test_obvious_target_is_guessed_and_said(written, header):
    columns = header.split(",")
    rows = "".join(",".join(str(row * k + k * k) for k in range(1, len(columns) + 1)) + "\n" for row in range(3))
    data = datasets.read(written(f"{header}\n{rows}"))
    assert data.target == columns[-1]
    assert data.notes == (f"the target is '{columns[-1]}', the last column; --target names another",)


def test_semicolons_are_mentioned(written):
    assert "semicolons" in datasets.read(written("x;y\n1;2\n2;3\n")).notes[0]


def test_columns_not_used_may_hold_anything_but_rows_must_be_even(written):
    path = written("name,x,y\nann,1,2\nbob,2,3,9\n")
    with pytest.raises(GradcliError, match="line 3"):
        datasets.read(path, features=["x"])


def test_missing_file_directory_and_unreadable_name_say_so(written, tmp_path):
    path = written("x,y\n1,2\n2,3\n", "measured.csv")
    with pytest.raises(GradcliError, match="there is no file") as caught:
        datasets.read(path.replace("measured", "mesured"))
    assert "measured.csv" in caught.value.hint
    with pytest.raises(GradcliError, match="is a directory"):
        datasets.read(str(tmp_path))
    with pytest.raises(GradcliError, match="there is no file"):
        datasets.read(str(tmp_path / "none" / "x.csv"))


def test_culprit_far_down_is_found(written):
    rows = "".join(f"{row},{row % 7}\n" for row in range(60_000))
    with pytest.raises(GradcliError, match=r"line 60002 \(row 60001\), column 'x': 'oops'"):
        datasets.read(written(f"x,y\n{rows}oops,1\n"))


def test_fast_and_strict_passes_agree_to_the_last_bit(written):
    numbers = np.random.default_rng(1).normal(size=(200, 3)) * 10.0 ** np.arange(-100, 200, 100)
    path = written("a,b,y\n" + "".join(",".join(map(repr, row)) + "\n" for row in numbers.tolist()))
    with open_table(path) as table:
        np.testing.assert_array_equal(table._fast([0, 2]), numbers[:, [0, 2]])
        np.testing.assert_array_equal(table._strict([0, 2]), numbers[:, [0, 2]])


def test_memory_stays_within_a_few_times_the_array(written):
    numbers = np.random.default_rng(1).normal(size=(60_000, 6))
    text = "\n".join(",".join(map(repr, row)) for row in numbers.tolist())
    path = written(f"a,b,c,d,e,y\n{text}\n")
    del text
    tracemalloc.start()
    data = datasets.read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(data.X, numbers[:, :5])
    assert peak < 4 * numbers.nbytes


def test_shipped_regression_data_are_norris():
    data = datasets.sample("linreg")
    assert (data.X.shape, data.features, data.target) == ((36, 1), ("standard",), "monitor")
    assert (data.X[0, 0], data.y[0], data.X[-1, 0], data.y[-1]) == (0.2, 0.1, 0.5, 0.2)
    assert "NIST" in data.source
    assert "public domain" in data.source


def test_shipped_labels_are_challengers():
    data = datasets.sample("nn")
    assert (data.X.shape, data.features, data.target) == ((23, 1), ("temperature",), "distress")
    assert (data.y.sum(), data.X.sum(), data.X[data.y == 1].min()) == (7, 1600, 53)
    assert "Challenger" in data.source

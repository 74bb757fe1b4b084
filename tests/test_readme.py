"""Every command of the README is run, and what it shows is what comes out.

`$ ` starts a command; what it prints on a terminal 80 columns wide follows. Numbers are compared to six digits, because
their last ones are the machine's. `python tests/test_readme.py` writes the README anew from what the commands print.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
POSIX = os.name == "posix"


def sessions():
    """Each block as its commands, each with the output that the README shows."""
    for block in BLOCK.findall(README.read_text(encoding="utf-8")):
        parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
        yield [tuple(part.split("\n", 1)) for part in parts]


def place(folder):
    """A folder with what the README's commands read, and `gradcli` on its path."""
    shutil.copytree(ROOT / "sample_expressions", folder / "sample_expressions", dirs_exist_ok=True)
    program = folder / "bin" / "gradcli"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gradcli "$@"\n')
    program.chmod(0o755)


def run(command, folder):
    """What the command prints on a terminal, its exit code as $? for the next one."""
    import pty

    near, far = pty.openpty()
    keep = {name: os.environ[name] for name in ("HOME", "LANG", "SYSTEMROOT") if name in os.environ}
    surroundings = keep | {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path[1:]),
        "PYTHONUTF8": "1",
        "COLUMNS": "80",
        "TERM": "dumb",
        "NO_COLOR": "1",
    }
    # an earlier command's code is $? of the next, as in a shell that runs them one after the other
    code_file = folder / "code"
    before = code_file.read_text().strip() if code_file.exists() else "0"
    script = f"(exit {before})\n{command}\necho $? > {code_file}\n"
    process = subprocess.Popen(
        ["bash", "-c", script], stdin=subprocess.DEVNULL, stdout=far, stderr=far, cwd=folder, env=surroundings
    )
    os.close(far)
    pieces = []
    while True:
        try:
            piece = os.read(near, 65536)
        except OSError:  # the terminal's other side is closed
            break
        if not piece:
            break
        pieces.append(piece)
    process.wait()
    os.close(near)
    return b"".join(pieces).decode().replace("\r\n", "\n")


def missing(commands):
    """A program that the commands need and this machine lacks."""
    return "jq" if "| jq " in commands and shutil.which("jq") is None else None


def words(text):
    """The text as words, rules of a table shortened to one character."""
    return re.sub(r"[─-]{3,}", "─", text).split()


def same(shown, printed):
    """Are two words the same, or the same number to six digits, or both hardly more than rounding errors?"""
    if shown == printed:
        return True
    numbers = re.compile(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?")
    if numbers.split(shown) != numbers.split(printed):
        return False
    pairs = zip(map(float, numbers.findall(shown)), map(float, numbers.findall(printed)), strict=True)
    return all(abs(a - b) <= 1e-6 * max(abs(a), abs(b)) or max(abs(a), abs(b)) < 1e-6 for a, b in pairs)


@pytest.mark.skipif(not POSIX, reason="the README's commands are for a POSIX shell")
@pytest.mark.parametrize("session", list(sessions()), ids=lambda session: session[0][0][:60])
def test_the_readme_shows_what_its_commands_print(session, tmp_path):
    if program := missing("".join(command for command, _ in session)):
        pytest.skip(f"{program} is not installed")
    place(tmp_path)
    for command, shown in session:
        printed = run(command, tmp_path)
        assert len(words(shown)) == len(words(printed)), (command, printed)
        for expected, found in zip(words(shown), words(printed), strict=True):
            assert same(expected, found), (command, expected, found)


def test_the_two_commands_that_set_up_everything_are_one_line_each():
    for heading in ("Run it", "Test it"):
        section = re.search(rf"^## {heading}\n(.*?)^## ", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        command = re.search(r"```sh\n(.*?)\n```", section[1], re.DOTALL)[1]
        assert "\n" not in command
        assert command.startswith("python3 -m venv")


def test_every_command_of_the_program_stands_in_the_readme():
    from gradcli.cli import commands

    text = README.read_text(encoding="utf-8")
    for name in commands:
        assert f"gradcli {name}" in text, name


def yaml(text):
    """The YAML of the README: lists of mappings, texts and [lists] of them; every other line is an error."""
    tree, level = [], -1
    found = [(level, tree)]
    for line in text.splitlines():
        indent, dash, key, value = re.fullmatch(r"( *)(- )?(\w+):(?: (\S.*))?", line).groups()
        level = len(indent)
        while found[-1][0] >= level + (2 if dash is None else 0) or (dash and not isinstance(found[-1][1], list)):
            found.pop()
        if dash:
            found[-1][1].append({})
            found.append((level + 2, found[-1][1][-1]))
        inside = found[-1][1]
        if value is None:
            inside[key] = []
            found.append((level + (2 if dash else 0), inside[key]))
        else:
            inside[key] = value[1:-1].split(", ") if value.startswith("[") else value
    return tree


@pytest.mark.skipif(not POSIX, reason="the README's commands are for a POSIX shell")
@pytest.mark.parametrize(("sample", "code"), [("softmax.py", 0), ("ridge.py", 1)])
def test_the_step_and_the_hook_of_the_readme_do_what_it_says(sample, code, tmp_path):
    workflow, hooks = map(yaml, YAML.findall(README.read_text(encoding="utf-8")))
    place(tmp_path)
    shutil.copy(ROOT / "sample_expressions" / sample, tmp_path / "model.py")
    assert workflow[0] == {"run": "pip install gradcli"}
    annotations = run(workflow[1]["run"], tmp_path)
    assert (tmp_path / "code").read_text().strip() == str(code)
    assert bool(re.match(r"::error file=\S*model\.py,line=15,", annotations)) == bool(code)
    ((hook,),) = (repo["hooks"] for repo in hooks)
    assert hook["additional_dependencies"] == ["gradcli"]
    assert re.search(hook["files"], "model.py")
    assert not re.search(hook["files"], "a_model.py")
    run(hook["entry"], tmp_path)
    assert (tmp_path / "code").read_text().strip() == str(code)


def write_anew():
    """Replace what the README shows by what its commands print now."""
    import tempfile

    def again(match):
        if missing(match[1]):
            return match[0]
        lines = []
        with tempfile.TemporaryDirectory() as folder:
            place(Path(folder))
            for part in re.split(r"^\$ ", match[1], flags=re.MULTILINE)[1:]:
                command = part.split("\n", 1)[0]
                printed = run(command, Path(folder))
                lines.append(f"$ {command}\n" + "".join(line.rstrip() + "\n" for line in printed.splitlines()))
        return "```console\n" + "".join(lines) + "```"

    README.write_text(BLOCK.sub(again, README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write_anew()

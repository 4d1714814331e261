"""Takes one guard after the other out of a copy of the code and runs the tests that are named for it.

    make mutants [ARGS="-k counters"]

They have to fail each time. Prints every mutant with the test that caught it; exit code 1 where one survived,
or where it could not be told.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

from handlers.cli.output import print_table
from handlers.cli.progress import counting
from tests.mutants.guards import ROOT
from tests.mutants.listed import Mutant, every_mutant

AT_ONCE = 2
SECONDS_A_TEST = 30
SECONDS_A_MUTANT = 180
MOST_OF_A_NAME = 150
"""Characters of a test's name that are printed; its parameters may be whole documents."""
_LEFT_BEHIND = shutil.ignore_patterns(".git", ".venv", ".*_cache", ".aws-sam", "__pycache__", "build", "out")
# Plain, since pytest can rewrite no plugin that is loaded already; nobody reads what an assertion says.
_PYTEST = ("-q", "--assert=plain", "-p", "no:cacheprovider")
_ONE_FAILURE = (*_PYTEST, "-x", "--tb=no", f"--timeout={SECONDS_A_TEST}", "-p", "no:xdist")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
_PASSED, _TESTS_FAILED = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Which test caught a mutant; or, where none did, what happened instead."""

    mutant: Mutant
    caught_by: str | None
    instead: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Worker:
    """A copy of the tree, and the program that runs tests in it."""

    tree: Path
    program: "subprocess.Popen[str]"

    def judge(self, mutant: Mutant) -> Verdict:
        """Run the tests of a mutant on the tree with the mutant in it."""
        began = time.monotonic()
        with self._mutated(mutant):
            code, output = self._run(*_ONE_FAILURE, *mutant.tests)
        found = _FAILED.search(output) if code == _TESTS_FAILED else None
        instead = "SURVIVED" if code == _PASSED else output[-1000:] or f"pytest ended with {code}"
        caught_by = (
            found[1] if found else None
        )  # one that cannot even be imported says nothing about the tests
        return Verdict(mutant=mutant, caught_by=caught_by, instead=instead, seconds=time.monotonic() - began)

    @contextmanager
    def _mutated(self, mutant: Mutant) -> Iterator[None]:
        file = self.tree / mutant.file
        before, stat = file.read_text(), file.stat()
        try:
            file.write_text(mutant.of(before))
            # What is compiled is known by its second and its length, which may both be as before.
            os.utime(file, (stat.st_atime, stat.st_mtime - 1 - mutant.start))
            yield
        finally:
            file.write_text(before)
            os.utime(file, (stat.st_atime, stat.st_mtime))

    def _run(self, *arguments: str) -> tuple[int, str]:
        output = self.tree.with_suffix(".output")
        run = {
            "tree": str(self.tree),
            "arguments": arguments,
            "output": str(output),
            "seconds": SECONDS_A_MUTANT,
        }
        if not self.program.stdin or not self.program.stdout:
            raise RuntimeError("the program that runs the tests cannot be talked to")
        self.program.stdin.write(f"{json.dumps(run)}\n")
        self.program.stdin.flush()
        return int(self.program.stdout.readline()), output.read_text()


def main() -> int:
    told = (__doc__ or "").partition("\n\n")[0]
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=told)
    parser.add_argument("-k", metavar="WORD", default="", help="only mutants whose file or name has it")
    word = parser.parse_args().k
    mutants = [mutant for mutant in every_mutant() if word in f"{mutant.file}: {mutant.name}"]
    if not mutants:
        parser.error(f'no mutant has "{word}" in its file or name')
    with TemporaryDirectory(prefix="invoicely-mutants-") as folder:
        first = Path(folder) / "0"
        shutil.copytree(ROOT, first, ignore=_LEFT_BEHIND)
        if failing := _failing_anyway(first, mutants):
            sys.stderr.write(f"These fail without any mutation, so nothing can be told:\n{failing}\n")
            return 1
        return _told(_verdicts(mutants, first))


def _failing_anyway(tree: Path, mutants: Iterable[Mutant]) -> str:
    """What the tests say where they fail on the code as it is."""
    wanted = dict.fromkeys(test for mutant in mutants for test in mutant.tests)
    # Sorted, for pytest finds no fixtures of a folder's conftest when it comes to the folder a second time.
    chosen = sorted(test for test in wanted if "::" not in test or test.partition("::")[0] not in wanted)
    command = (sys.executable, "-m", "pytest", *_PYTEST, "--numprocesses", str(AT_ONCE))
    environment = os.environ | {"PYTHONPATH": str(tree)}
    run = subprocess.run(
        (*command, *chosen), cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    return run.stdout + run.stderr if run.returncode else ""


def _verdicts(mutants: Sequence[Mutant], first: Path) -> Sequence[Verdict]:
    idle: SimpleQueue[Worker] = SimpleQueue()

    def judge(mutant: Mutant) -> Verdict:
        worker = idle.get()
        try:
            return worker.judge(mutant)
        finally:
            idle.put(worker)

    verdicts: list[Verdict] = []
    with ExitStack() as stack:
        for number in range(AT_ONCE):
            idle.put(stack.enter_context(_worker(first, number)))
        progress = stack.enter_context(counting("Mutants", total=len(mutants)))
        for verdict in stack.enter_context(ThreadPoolExecutor(AT_ONCE)).map(judge, mutants):
            verdicts.append(verdict)
            progress(len(verdicts))
            if verdict.caught_by is None:
                sys.stderr.write(f"{verdict.mutant.file}: {verdict.mutant.name}: {verdict.instead}\n")
    return verdicts


@contextmanager
def _worker(first: Path, number: int) -> Iterator[Worker]:
    """A worker on a copy of the *first* tree, with all that is compiled there."""
    tree = first.with_name(str(number))
    if tree != first:
        shutil.copytree(first, tree)
    program = (sys.executable, "-P", str(ROOT / "tests/mutants/forked.py"))
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        yield Worker(tree, running)


def _short(text: str) -> str:
    return text if len(text) <= MOST_OF_A_NAME else f"{text[: MOST_OF_A_NAME - 1]}…"


def _told(verdicts: Sequence[Verdict]) -> int:
    rows = [
        (each.mutant.file, each.mutant.name, _short(each.caught_by or "—"), f"{each.seconds:.1f}")
        for each in verdicts
    ]
    print_table(("file", "mutant", "caught by", ">seconds"), rows)
    alive = [verdict.mutant for verdict in verdicts if verdict.caught_by is None]
    sys.stderr.write(f"\n{len(verdicts)} mutants, {len(verdicts) - len(alive)} caught\n")
    for mutant in alive:
        sys.stderr.write(f"Not caught: {mutant.file}: {mutant.name}\n")
    return int(bool(alive))


if __name__ == "__main__":
    sys.exit(main())

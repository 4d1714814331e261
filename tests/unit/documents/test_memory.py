"""A function that lives long renders many invoices: what it remembers of them must stay bounded."""

import subprocess
import sys

PEAKS = """
from resource import RUSAGE_SELF, getrusage
from infrastructure.documents.renderer import TypstRenderer
from tests.documents import an_invoice
renderer = TypstRenderer()
for number in range(8):
    renderer.render(document=an_invoice(lines=600, number=str(number)))
    print(getrusage(RUSAGE_SELF).ru_maxrss)
"""


def test_large_invoices_are_forgotten() -> None:
    peaks = subprocess.run([sys.executable, "-c", PEAKS], capture_output=True, check=True, text=True).stdout

    _, second, *_, last = map(int, peaks.split())
    assert last < 1.3 * second  # remembering all of them takes 2.8 times as much

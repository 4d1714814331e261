"""Writes the sample documents into a folder, as PDFs and as pictures of their first pages, to be looked at.

Beside them each mail in each language, as a page for a browser.

make documents [ARGS="-k credit"]
"""

import argparse
from dataclasses import replace
from pathlib import Path

from domain.mailing import Mail
from domain.parties import LANGUAGES
from handlers.cli.progress import counting
from infrastructure.documents.renderer import TypstRenderer
from infrastructure.mail.html import html_of
from infrastructure.mail.wording import words_of
from tests.gallery.golden import PAGES, drawn, golden
from tests.gallery.pictures import pictures
from tests.gallery.samples import SAMPLES, Sample
from tests.mails import a_credit_note, a_mail, a_reminder

MAILS = tuple(
    replace(mail, invoice=replace(mail.invoice, language=language))
    for language in LANGUAGES
    for mail in (a_mail(), a_credit_note(), a_reminder())
)
_FIRST_PAGES = 3
_DOTS_PER_INCH = 96


def main() -> None:
    told = (__doc__ or "").partition("\n\n")[0]
    parser = argparse.ArgumentParser(prog="python -m tests.gallery", description=told)
    parser.add_argument("--out", type=Path, default=Path("out/documents"), help="the folder")
    parser.add_argument("-k", metavar="WORD", default="", help="only samples whose name has it")
    parser.add_argument("--golden", action="store_true", help="make anew the pages that tests compare with")
    given = parser.parse_args()
    chosen = [sample for sample in SAMPLES if given.k in sample.__name__]
    renderer = TypstRenderer()
    given.out.mkdir(parents=True, exist_ok=True)
    with counting("Documents", total=len(chosen)) as progress:
        for number, sample in enumerate(chosen, start=1):
            _write(given.out, sample, renderer)
            progress(number)
    if given.golden:
        for sample, page in PAGES:
            drawn(renderer, sample, page).save(golden(sample, page), optimize=True)
    mails = [mail for mail in MAILS if given.k in f"{mail.letter} mail"]
    for mail in mails:
        _write_mail(given.out, mail)
    print(f"{len(chosen)} documents and {len(mails)} mails in {given.out}")  # noqa: T201 - a script, for a person


def _write_mail(folder: Path, mail: Mail) -> None:
    words = words_of(mail)
    name = f"mail-{words.language}-{mail.letter.replace('_', '-')}.html"
    (folder / name).write_text(html_of(words), encoding="utf-8")


def _write(folder: Path, sample: Sample, renderer: TypstRenderer) -> None:
    name, document = sample.__name__.replace("_", "-"), sample()
    (folder / f"{name}.pdf").write_bytes(renderer.render(document=document))
    pages = pictures(renderer, document, dots_per_inch=_DOTS_PER_INCH)
    for number, page in enumerate(pages[:_FIRST_PAGES], start=1):
        page.save(folder / f"{name}-{number}.png", optimize=True)


if __name__ == "__main__":
    main()

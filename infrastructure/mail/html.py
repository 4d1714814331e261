"""The same mail as HTML, as mail programs understand it: a table, styles on the elements, light and dark."""

import re
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from infrastructure.mail.wording import Words

_FOLDER = Path(__file__).parent
_WHOLE = '<span style="white-space:nowrap">{}</span>'
_LONGEST_WHOLE = 30  # characters that a telephone has room for
_FACT = (
    '<tr><td class="faint"'
    ' style="padding:3px 16px 3px 0;color:#5b6470;vertical-align:top;white-space:nowrap">{label}</td>'
    '<td style="padding:3px 0;vertical-align:top;overflow-wrap:anywhere;word-break:break-word">'
    "<bdi>{value}</bdi></td></tr>"
)


def html_of(words: Words) -> str:
    """One page without a picture, a script or a link to anywhere: it tells nobody that it was read."""
    return _page().substitute(
        language=escape(words.language),
        subject=escape(words.subject),
        title=_marked(words.title, words.numbers),
        seller=escape(words.seller),
        amount_label=escape(words.amount_label),
        amount=escape(words.amount),
        due=f"<br>{escape(words.due)}" if words.due else "",
        greeting=escape(words.greeting),
        paragraphs="\n".join(_paragraph(_marked(text, words.numbers)) for text in words.paragraphs),
        facts="\n".join(
            _FACT.format(label=escape(label), value=escape(value)) for label, value in words.facts
        ),
        regards=escape(words.regards),
        contact=f"<br><bdi>{escape(words.contact)}</bdi>" if words.contact else "",
    )


def _paragraph(marked: str) -> str:
    return f'<p style="margin:0 0 14px">{marked}</p>'


def _marked(text: str, numbers: frozenset[str]) -> str:
    """The text as markup, with each number in one line: mail programs break it behind a hyphen."""
    whole = [
        re.escape(escape(number)) for number in numbers if "-" in number and len(number) <= _LONGEST_WHOLE
    ]
    if not whole:
        return escape(text)
    return re.sub(
        "|".join(sorted(whole, key=len, reverse=True)), lambda found: _WHOLE.format(found[0]), escape(text)
    )


@cache
def _page() -> Template:
    return Template((_FOLDER / "mail.html").read_text())

"""The same mail as HTML, as mail programs understand it: a table, styles on the elements, light and dark."""

from functools import cache
from html import escape
from pathlib import Path
from string import Template

from infrastructure.mail.wording import Words

_FOLDER = Path(__file__).parent
_FACT = (
    '<tr><td class="faint" style="padding:3px 16px 3px 0;color:#5b6470;vertical-align:top">{label}</td>'
    '<td style="padding:3px 0;vertical-align:top;overflow-wrap:anywhere;word-break:break-word">'
    "<bdi>{value}</bdi></td></tr>"
)


def html_of(words: Words) -> str:
    """One page without a picture, a script or a link to anywhere: it tells nobody that it was read."""
    return _page().substitute(
        language=escape(words.language),
        subject=escape(words.subject),
        title=escape(words.title),
        seller=escape(words.seller),
        amount_label=escape(words.amount_label),
        amount=escape(words.amount),
        due=f"<br>{escape(words.due)}" if words.due else "",
        greeting=escape(words.greeting),
        paragraphs="\n".join(_paragraph(text) for text in words.paragraphs),
        facts="\n".join(
            _FACT.format(label=escape(label), value=escape(value)) for label, value in words.facts
        ),
        regards=escape(words.regards),
        contact=f"<br><bdi>{escape(words.contact)}</bdi>" if words.contact else "",
    )


def _paragraph(text: str) -> str:
    return f'<p style="margin:0 0 14px">{escape(text)}</p>'


@cache
def _page() -> Template:
    return Template((_FOLDER / "mail.html").read_text())

"""The OpenAPI document as one HTML page: no script, nothing from elsewhere, and good on paper."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from typing import Any

from handlers.api import problems
from handlers.api.openapi import document

Json = dict[str, Any]

_STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent) }
* { box-sizing: border-box }
body { font: 16px/1.55 system-ui, sans-serif; margin: 0 auto; max-width: 58rem; padding: 2rem 1.25rem 6rem }
h1 { font-size: 2rem; margin: 0 }
h2 { margin: 3rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem }
h3 { font-size: 1rem; margin: 1rem 0 .25rem }
p { margin: .5rem 0 }
a { color: inherit }
nav { margin: 1.5rem 0; padding: .75rem 0; border: solid var(--line); border-width: 1px 0 }
nav a { display: inline-block; margin-right: 1rem }
code, pre { font: .9em/1.5 ui-monospace, monospace }
pre, details { border: 1px solid var(--line); border-radius: .4rem }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .75rem 1rem }
details { margin: .5rem 0 }
details > div { padding: 0 1rem 1rem }
summary { cursor: pointer; padding: .6rem 1rem }
summary code { font-weight: 600 }
summary span { margin-left: .75rem }
.verb { display: inline-block; min-width: 4.2rem; margin: 0 }
.soft, summary > span { opacity: .7 }
table { border-collapse: collapse; width: 100%; font-size: .93em }
td { vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line) }
td:first-child { white-space: nowrap }
h3 code { font-weight: 600 }
@media print { nav { display: none } details > div { break-inside: avoid } }
"""

_START = (
    (
        "Sign in. On the local cloud, `invoicely local up` tells the address, and this a token.",
        "TOKEN=$(invoicely local token)",
    ),
    (
        "Say who sends the invoices. `If-Match: *` replaces whatever is there.",
        """curl -X PUT "$API/v1/account" -H "Authorization: Bearer $TOKEN" -H 'If-Match: *' \\
  -H 'Content-Type: application/json' -d '{account}'""",
    ),
    (
        "Make a token for your program, and send its `secret`, which is shown once, from here on.",
        """curl "$API/v1/tokens" -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/json' -d '{program}'""",
    ),
)
_THEN = """<p>Then <a href='#add_client'>add a client</a>, <a href='#log_work'>log work</a> for it, and have
its invoice made on the client's day by itself, or <a href='#bill_client'>now</a>.</p>"""


@cache
def page() -> str:
    """The whole page."""
    told = document()
    first, *rest = told["info"]["description"].split("\n\n")
    parts = [
        f"<h1>{escape(told['info']['title'])} API</h1>",
        f"<p>{_prose(first)}</p>",
        "<p class=soft>For programs: <a href='v1/openapi.json'>OpenAPI 3.1</a></p>",
        _contents(told),
        f"<h2 id=start>start here</h2>{_start(told)}",
        "<h2 id=conventions>conventions</h2>",
        *(f"<p>{_prose(part)}</p>" for part in rest),
        *(_group(tag, told) for tag in told["tags"]),
        f"<h2 id=problems>problems</h2>{_problems(told)}",
        "<h2 id=shapes>shapes</h2>",
        *(_shape(name, schema) for name, schema in told["components"]["schemas"].items()),
    ]
    head = (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width, initial-scale=1'>"
        f"<title>Invoicely API</title><style>{_STYLE}</style></head><body>"
    )
    return head + "\n".join(parts) + "</body></html>"


def _contents(told: Json) -> str:
    names = ["start", "conventions", *(tag["name"] for tag in told["tags"]), "problems", "shapes"]
    links = (f"<a href='#{escape(name)}'>{escape(name)}</a>" for name in names)
    return f"<nav>{' '.join(links)}</nav>"


def _start(told: Json) -> str:
    """The first steps, with the examples of the document; `$API` is where this page is, without `/docs`."""
    bodies = {
        "account": _example(told["paths"]["/v1/account"]["put"]),
        "program": _example(told["paths"]["/v1/tokens"]["post"]),
    }
    steps = (
        f"<li>{_prose(about)}<pre>{escape(_filled(command, bodies))}</pre></li>" for about, command in _START
    )
    address = "<p><code>$API</code> is the address of this page without <code>/docs</code>.</p>"
    return f"{address}<ol>{''.join(steps)}</ol>{_THEN}"


def _filled(command: str, bodies: Mapping[str, str]) -> str:
    for name, body in bodies.items():
        command = command.replace(f"{{{name}}}", body)
    return command


def _example(operation: Json) -> str:
    return json.dumps(operation["requestBody"]["content"]["application/json"]["example"], ensure_ascii=False)


def _group(tag: Json, told: Json) -> str:
    name = tag["name"]
    operations = (
        _operation(method, path, each)
        for path, methods in told["paths"].items()
        for method, each in methods.items()
        if name in each["tags"]
    )
    return (
        f"<h2 id='{escape(name)}'>{escape(name)}</h2><p>{_prose(tag['description'])}</p>{''.join(operations)}"
    )


def _problems(told: Json) -> str:
    """Each type with what it means, in the order of the statuses."""
    example = told["components"]["schemas"]["Problem"]["example"]
    rows = (
        f"<tr id='problem-{escape(code)}'><td><code>{escape(code)}</code></td><td>{each['status']}</td>"
        f"<td>{_prose(each['description'])}</td></tr>"
        for each in told["x-problem-types"]
        if (code := each["type"].removeprefix(problems.TYPES))
    )
    about = f"The <code>type</code> is <code>{escape(problems.TYPES)}</code> and one of these codes."
    return f"<p>{about}</p><pre>{escape(_json(example))}</pre><table>{''.join(rows)}</table>"


def _operation(method: str, path: str, told: Json) -> str:
    about = _paragraphs(told.get("description", ""))
    scope = f"<p class=soft>Needs the scope <code>{told['x-scope']}</code>.</p>" if "x-scope" in told else ""
    return (
        f"<details id='{escape(told['operationId'])}'><summary><code><span class=verb>{method.upper()}</span>"
        f"{escape(path)}</code><span>{escape(told['summary'])}</span></summary><div>"
        f"{about}{scope}{_parameters(told)}{_request(told)}{_responses(told)}</div></details>"
    )


def _parameters(told: Json) -> str:
    rows = (
        f"<tr><td><code>{escape(each['name'])}</code></td><td class=soft>{each['in']}</td>"
        f"<td>{_type(each['schema'])}</td><td>{_prose(each['description'])}</td></tr>"
        for each in told.get("parameters", ())
    )
    table = "".join(rows)
    return f"<h3>Parameters</h3><table>{table}</table>" if table else ""


def _request(told: Json) -> str:
    if "requestBody" not in told:
        return ""
    media, content = next(iter(told["requestBody"]["content"].items()))
    schema = content["schema"]
    example = f"<pre>{escape(_json(content['example']))}</pre>" if "example" in content else ""
    return f"<h3>Body</h3><p><code>{media}</code> {_type(schema)}</p>{example}{_fields(schema)}"


def _responses(told: Json) -> str:
    rows = (
        f"<tr><td><code>{status}</code></td><td>{_linked(each)}</td><td>{_given(each)}</td></tr>"
        for status, each in told["responses"].items()
    )
    return f"<h3>Answers</h3><table>{''.join(rows)}</table>{''.join(_answers(told))}"


def _linked(answer: Json) -> str:
    """What an answer means; each type of problem leads to what is told of it."""
    codes = [name.removeprefix(problems.TYPES) for name in answer.get("x-problem-types", ())]
    if not codes:
        return _prose(answer["description"])
    return ", ".join(f"<a href='#problem-{escape(code)}'><code>{escape(code)}</code></a>" for code in codes)


def _answers(told: Json) -> Iterator[str]:
    for status, each in told["responses"].items():
        for content in each.get("content", {}).values():
            if "example" in content:
                yield f"<h3>Such as <code>{status}</code></h3><pre>{escape(_json(content['example']))}</pre>"


def _given(answer: Json) -> str:
    shown = (_type(content["schema"]) for content in answer.get("content", {}).values())
    return ", ".join(dict.fromkeys(shown))


def _shape(name: str, schema: Json) -> str:
    about = _paragraphs(schema.get("description", ""))
    values = ", ".join(f"<code>{escape(str(value))}</code>" for value in schema.get("enum", ()))
    return (
        f"<details id='shape-{escape(name)}'><summary><code>{escape(name)}</code></summary>"
        f"<div>{about}{f'<p>{values}</p>' if values else ''}{_fields(schema)}</div></details>"
    )


def _fields(schema: Json) -> str:
    required = set(schema.get("required", ()))
    rows = (
        f"<tr><td><code>{escape(name)}</code></td><td>{_type(each)}</td>"
        f"<td class=soft>{'' if name in required else 'optional'}{_default(each)}</td>"
        f"<td>{_prose(each.get('description', ''))}</td></tr>"
        for name, each in schema.get("properties", {}).items()
    )
    table = "".join(rows)
    return f"<table>{table}</table>" if table else ""


def _default(schema: Json) -> str:
    if schema.get("default") is None:
        return ""
    return f", else <code>{escape(json.dumps(schema['default']))}</code>"


def _type(schema: Json) -> str:
    """What a value looks like, in a few words; a shape as a link to where it is told."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"<a href='#shape-{escape(name)}'>{escape(name)}</a>"
    if "anyOf" in schema:
        return " or ".join(_type(option) for option in schema["anyOf"] if option != {"type": "null"})
    match schema:
        case {"type": "array", "items": items}:
            return f"list of {_type(items)}"
        case {"additionalProperties": dict(values)}:
            return f"{_type(values)} by name"
    return "".join(_words(schema)) or "anything"


def _words(schema: Json) -> Iterator[str]:
    if "const" in schema:
        yield f"<code>{escape(json.dumps(schema['const']))}</code>"
    else:
        yield escape(schema.get("format") or schema.get("type") or "")
    if "minimum" in schema or "maximum" in schema:
        yield f" {schema.get('minimum', '')}–{schema.get('maximum', '')}"
    if values := schema.get("enum"):
        yield ": " + ", ".join(escape(str(value)) for value in values)


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{_prose(part)}</p>" for part in text.split("\n\n") if part.strip())


def _prose(text: str) -> str:
    """Plain text, with what stands between backticks as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)

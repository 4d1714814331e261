"""The OpenAPI document as one HTML page: no script, nothing from elsewhere, and good on paper."""

import json
import re
from collections.abc import Iterator
from functools import cache
from html import escape
from typing import Any

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
nav a { display: inline-block; margin-right: 1rem }
code, pre { font: .9em/1.5 ui-monospace, monospace }
pre, details { border: 1px solid var(--line); border-radius: .4rem }
pre { overflow-x: auto; padding: .75rem 1rem }
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
"""


@cache
def page() -> str:
    """The whole page."""
    told = document()
    tags = [tag["name"] for tag in told["tags"] if tag["name"] != "docs"]
    parts = [
        f"<h1>{escape(told['info']['title'])} API</h1>",
        "<p class=soft>For programs: <a href='v1/openapi.json'>OpenAPI 3.1</a></p>",
        *(f"<p>{_prose(part)}</p>" for part in told["info"]["description"].split("\n\n")),
        "<nav>",
        *(f"<a href='#{escape(tag)}'>{escape(tag)}</a>" for tag in tags),
        "<a href='#shapes'>shapes</a></nav>",
    ]
    for tag in tags:
        parts.append(f"<h2 id='{escape(tag)}'>{escape(tag)}</h2>")
        parts += (
            _operation(method, path, each)
            for path, methods in told["paths"].items()
            for method, each in methods.items()
            if tag in each["tags"]
        )
    parts.append("<h2 id=shapes>shapes</h2>")
    parts += (_shape(name, schema) for name, schema in sorted(told["components"]["schemas"].items()))
    head = (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width, initial-scale=1'>"
        f"<title>Invoicely API</title><style>{_STYLE}</style></head><body>"
    )
    return head + "\n".join(parts) + "</body></html>"


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
        f"<tr><td><code>{status}</code></td><td>{_prose(each['description'])}</td><td>{_given(each)}</td></tr>"
        for status, each in told["responses"].items()
    )
    return f"<h3>Answers</h3><table>{''.join(rows)}</table>"


def _given(answer: Json) -> str:
    schemas = [content["schema"] for content in answer.get("content", {}).values()]
    return ", ".join(_type(schema) for schema in schemas)


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
    if "has_more" in schema.get("properties", {}):
        return f"page of {_type(schema['properties']['data']['items'])}"
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

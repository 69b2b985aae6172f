"""The OpenAPI document as its reader wants it: by chapter, each operation with its fields and an example."""

from __future__ import annotations

import json
import re
from typing import Any

from markupsafe import Markup, escape

Document = dict[str, Any]


def inline_code(text: str) -> Markup:
    """Text whose `` `code` `` is shown as such."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704  escaped before


def chapters(document: Document) -> Document:
    """What the page shows: the info, operations by the tags in their order, and the shapes that they share."""
    schemas = document["components"]["schemas"]
    found: dict[str, list[Document]] = {tag["name"]: [] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            entry = {"path": path, "method": method.upper(), **operation, **_shapes(operation, schemas)}
            found[operation["tags"][0]].append(entry)
    shapes = {name: _fields(schema, schemas) for name, schema in sorted(schemas.items())}
    return {"info": document["info"], "chapters": found, "shapes": shapes}


def _shapes(operation: Document, schemas: Document) -> Document:
    body = _content_schema(operation.get("requestBody", {}))
    success = next(status for status in operation["responses"] if status.startswith("2"))
    answer = _content_schema(operation["responses"][success])
    return {
        "success": success,
        "given": [_parameter(parameter) for parameter in operation.get("parameters", ())],
        "body_fields": _fields(body, schemas),
        "answer_fields": _fields(answer, schemas),
        "body_example": _pretty(_example(body, schemas)),
        "answer_example": _pretty(_example(answer, schemas)),
    }


def _parameter(parameter: Document) -> Document:
    choices = parameter.get("schema", {}).get("enum", ())
    return {**parameter, "kind": parameter["in"], "choices": choices}


def _content_schema(holder: Document) -> Document:
    for content in holder.get("content", {}).values():
        schema: Document = content.get("schema", {})
        return schema
    return {}


def _resolved(schema: Document, schemas: Document) -> Document:
    reference = schema.get("$ref")
    found: Document = schemas[reference.rsplit("/", 1)[1]] if reference else schema
    return found


def _fields(schema: Document, schemas: Document) -> list[Document]:
    resolved = _resolved(schema, schemas)
    required = resolved.get("required", [])
    return [
        {**field, "name": name, "kind": _kind(field), "shape": _shape(field), "required": name in required}
        for name, field in resolved.get("properties", {}).items()
    ]


def _shape(field: Document) -> str | None:
    """The name of the shape that a field holds, alone or in a list."""
    reference = field.get("$ref") or field.get("items", {}).get("$ref")
    return str(reference).rsplit("/", 1)[1] if reference else None


def _kind(field: Document) -> str:
    if "$ref" in field:
        return str(field["$ref"].rsplit("/", 1)[1])
    kind = field.get("type", "any")
    kinds = [kind] if isinstance(kind, str) else list(kind)
    if "array" in kinds:
        kinds[kinds.index("array")] = f"list of {_kind(field.get('items', {}))}"
    return " or ".join(kinds)


def _example(schema: Document, schemas: Document) -> Any:
    resolved = _resolved(schema, schemas)
    if "example" in resolved:
        return resolved["example"]
    kind = resolved.get("type", "null")
    kind = kind if isinstance(kind, str) else kind[0]
    if kind == "object":
        return {name: _example(field, schemas) for name, field in resolved.get("properties", {}).items()}
    if kind == "array":
        return [_example(resolved.get("items", {}), schemas)]
    return {"boolean": True, "integer": 1, "number": 1.0, "string": "…"}.get(kind)


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)

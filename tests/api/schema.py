"""A check of JSON values against the part of JSON Schema that the API's documentation uses, and of
the documentation itself. A keyword that is not known here is a fault: nothing is passed over."""
import re

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$")
KNOWN = {"type", "properties", "required", "additionalProperties", "enum", "items", "$ref",
         "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "format",
         "description"}
TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "null": lambda v: v is None,
}


def resolve(schema, root):
    while "$ref" in schema:
        node = root
        assert schema["$ref"].startswith("#/"), schema["$ref"]
        for part in schema["$ref"][2:].split("/"):
            node = node[part]
        schema = node
    return schema


def faults(value, schema, root, at="$"):
    """What is wrong with the value: a list of sentences, empty when it fits."""
    schema = resolve(schema, root)
    strange = set(schema) - KNOWN
    if strange:
        return [f"{at}: the schema has {sorted(strange)}"]
    if "type" in schema and not TYPES[schema["type"]](value):
        return [f"{at}: {value!r:.60} is no {schema['type']}"]
    out = []
    if "enum" in schema and value not in schema["enum"]:
        out.append(f"{at}: {value!r:.60} is none of {schema['enum']}")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value < schema.get("minimum", value) or value > schema.get("maximum", value):
            out.append(f"{at}: {value} is out of range")
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            out.append(f"{at}: has {len(value)} characters")
        if schema.get("format") == "date-time" and not TIME.match(value):
            out.append(f"{at}: {value!r} is no time")
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            out.append(f"{at}: has {len(value)} entries")
        for i, entry in enumerate(value):
            out += faults(entry, schema.get("items", {}), root, f"{at}[{i}]")
    if isinstance(value, dict):
        out += object_faults(value, schema, root, at)
    return out


def object_faults(value, schema, root, at):
    properties = schema.get("properties", {})
    out = [f"{at}: lacks {name!r}" for name in schema.get("required", []) if name not in value]
    for name, entry in value.items():
        if name in properties:
            out += faults(entry, properties[name], root, f"{at}.{name}")
        elif schema.get("additionalProperties", True) is False:
            out.append(f"{at}: has {name!r}, which is not documented")
    return out


def walk(node, at="#"):
    """Every schema-like object of the document with where it stands."""
    if isinstance(node, dict):
        yield node, at
        for name, entry in node.items():
            yield from walk(entry, f"{at}/{name}")
    elif isinstance(node, list):
        for i, entry in enumerate(node):
            yield from walk(entry, f"{at}/{i}")

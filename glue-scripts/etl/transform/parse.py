"""Raw lines to typed events, strictly: a value must have the type that pipeline.yaml declares.

- string, timestamp: a JSON string (a number is not silently written out as text);
- integer: a JSON number without a fraction (3 and 3.0, not "3", not 3.5, not beyond 64 bits);
- double: a finite JSON number; boolean: true or false;
- timestamp: ISO 8601, with a time of day or without; UTC where no offset is given.

Spark's own JSON reader is more lenient than that (a string may hold a number or an object, a timestamp may be
an epoch), so a line is read twice: every field as text, and the numbers and booleans as what they should be.
A value whose readings do not agree with its type is wrong. No good value makes the reader throw: exceptions
would cost ten times the parsing.
"""

from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.shared.spec import Field, Spec

_OPTIONS = {
    "mode": "PERMISSIVE",
    "columnNameOfCorruptRecord": "_malformed",
    "allowSingleQuotes": "false",
    "allowNonNumericNumbers": "false",
}
_ISO_8601 = r"^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}(:?\d{2})?)?)?$"
_WHOLE_NUMBER = r"^(-?\d+)(\.0+)?$"
# How a string's text can begin so that it could also be a number, an object, an array or a boolean.
_MAY_BE_NO_STRING = r"^([-0-9\[{]|true$|false$)"
_SHOWN = 80
_ORIGIN = ("_raw_file", "_raw_position", "_line")
_EXPECTED = {
    "string": "a JSON string",
    "integer": "a JSON number without a fraction",
    "double": "a finite JSON number",
    "boolean": "true or false",
    "timestamp": "an ISO 8601 time as a JSON string",
}


def split_lines(files: DataFrame) -> DataFrame:
    """(_raw_file, text) to (_raw_file, _raw_position, _line): one row a line, blank ones left out.

    A file is read whole and split here, not by Spark's reader, so that a line's number is known without a
    shuffle and is the same on every run.
    """
    lines = files.select("_raw_file", F.posexplode(F.split("text", "\r?\n")).alias("_index", "_line"))
    return lines.select(
        "_raw_file", (F.col("_index") + 1).cast("bigint").alias("_raw_position"), "_line"
    ).where(F.col("_line").rlike(r"\S"))


def parse_events(lines: DataFrame, spec: Spec) -> DataFrame:
    """(_raw_file, _raw_position, _line) to the event's typed fields, with `_reason` and `_detail` where it
    is no event.
    """
    too_large = F.octet_length("_line") > spec.max_bytes
    # A line that is too large is not parsed: that is what the limit is for.
    line = F.when(~too_large, F.col("_line"))
    read = lines.select(
        *_ORIGIN,
        _read_as_text(line, spec).alias("_wrapped"),
        _read_as_declared(line, spec).alias("_declared"),
    )
    origin = [F.col(name) for name in _ORIGIN]
    texts = [F.col(f"_wrapped.event.{field.name}").alias(_text_name(field)) for field in spec.fields]
    not_json = F.col("_wrapped.event").isNull() | F.col("_wrapped._malformed").isNotNull()
    # In steps that build on each other's columns: Spark would evaluate one big expression once for each use.
    valued = read.select(*origin, "_declared", not_json.alias("_not_json"), *texts).select(
        *origin,
        "_not_json",
        *map(_text_name, spec.fields),
        *[_value(field).alias(field.name) for field in spec.fields],
    )
    problem = (
        F.when(
            too_large, _why("too_large", F.octet_length("_line"), f" bytes; the limit is {spec.max_bytes}")
        )
        .when(F.col("_not_json"), _why("not_json", F.lit("expected one JSON object on the line")))
        .otherwise(F.coalesce(*[_problem(field, spec) for field in spec.fields]))
    )
    fields = list(spec.field_types)
    return valued.select(*fields, *origin, problem.alias("_problem")).select(
        *fields,
        *origin,
        F.col("_problem.reason").alias("_reason"),
        F.col("_problem.detail").alias("_detail"),
    )


def set_aside_untimely(events: DataFrame, spec: Spec, earliest: str | None, end: str) -> DataFrame:
    """Give events before `earliest` the reason late, and those at or after `end` the reason future."""
    time = F.col(spec.event_time)
    late = F.lit(False) if earliest is None else time < F.lit(earliest).cast("timestamp")
    future = time >= F.lit(end).cast("timestamp")
    good = F.col("_reason").isNull()
    return events.withColumns(
        {
            "_reason": F.when(good & late, F.lit("late"))
            .when(good & future, F.lit("future"))
            .otherwise(F.col("_reason")),
            "_detail": F.when(good & late, F.lit(f"happened before {earliest}, the earliest still accepted"))
            .when(good & future, F.lit(f"happened at or after {end}, the end of the as-of day"))
            .otherwise(F.col("_detail")),
        }
    )


def _read_as_text(line: Column, spec: Spec) -> Column:
    """Every field's text, whatever its JSON type.

    Read inside an object of ours: what follows a complete object, such as a second one, then counts as
    malformed.
    """
    schema = ", ".join(f"`{field.name}` string" for field in spec.fields)
    wrapped = F.concat(F.lit('{"event":'), line, F.lit("}"))
    return F.from_json(wrapped, f"event struct<{schema}>, _malformed string", _OPTIONS)


def _read_as_declared(line: Column, spec: Spec) -> Column:
    """The fields that are numbers or booleans in JSON, null where they are anything else."""
    types = {"integer": "double", "double": "double", "boolean": "boolean"}
    schema = ", ".join(f"`{field.name}` {types[field.type]}" for field in spec.fields if field.type in types)
    return F.from_json(line, schema, _OPTIONS) if schema else F.lit(None)


def _value(field: Field) -> Column:
    """The field's value, null where it is not of its type."""
    text = F.col(_text_name(field))
    if field.type == "string":
        return F.when(_is_string(field), text)
    if field.type == "timestamp":
        # Such a text can only have been a JSON string: nothing else in JSON looks like it.
        return F.when(text.rlike(_ISO_8601), F.upper(text).cast("timestamp"))
    declared = F.col(f"_declared.{field.name}")
    if field.type == "boolean":
        return declared
    if field.type == "double":
        return F.when(F.abs(declared) < float("inf"), declared)
    return F.when(declared.isNotNull(), F.regexp_extract(text, _WHOLE_NUMBER, 1).cast("bigint"))


def _is_string(field: Field) -> Column:
    """Whether a value was a JSON string: its text alone cannot always tell "3" from 3, nor "{}" from {}."""

    def follows(pattern: str) -> Column:
        return F.col("_line").rlike(f'"{field.name}"\\s*:\\s*{pattern}')

    def reads_as(type_name: str) -> Column:
        return F.from_json("_line", f"`{field.name}` {type_name}", _OPTIONS)[field.name].isNotNull()

    other_types = ("double", "boolean", "map<string,string>", "array<string>")
    is_other = reduce(or_, map(reads_as, other_types))
    return (
        F.when(~F.col(_text_name(field)).rlike(_MAY_BE_NO_STRING), F.lit(True))
        # The key with a quote behind it, and nowhere in the line with something else behind it.
        .when(follows('"') & ~follows(r'[^"\s]'), F.lit(True))
        # The key also occurs in a nested object, or the value is no string: parse the line for this field.
        .otherwise(~is_other)
    )


def _problem(field: Field, spec: Spec) -> Column:
    """The reason and the detail where a field is not as declared, null where it is."""
    text = F.col(_text_name(field))
    absent = text.isNull()
    if field.type == "string" and field.name in (spec.event_id, spec.entity):
        absent = absent | (
            F.trim(text) == ""
        )  # A blank id would make one event, or one customer, of all such rows.
    problem = F.when(
        text.isNotNull() & F.col(field.name).isNull(),
        _why(
            f"wrong_type:{field.name}",
            F.lit(f"{field.name}: expected {_EXPECTED[field.type]}, found "),
            F.when(F.length(text) > _SHOWN, F.concat(F.left(text, F.lit(_SHOWN)), F.lit("…"))).otherwise(
                text
            ),
        ),
    )
    if not field.required:
        return problem
    missing = _why(f"missing_field:{field.name}", F.lit(f"{field.name} is missing, null or blank"))
    return F.when(absent, missing).otherwise(problem)


def _why(reason: str, *detail: Column | str) -> Column:
    texts = [F.lit(part) if isinstance(part, str) else part.cast("string") for part in detail]
    return F.struct(F.lit(reason).alias("reason"), F.concat(*texts).alias("detail"))


def _text_name(field: Field) -> str:
    return f"_text_{field.name}"

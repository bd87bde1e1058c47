"""Which of Spark's functions a pipeline's SQL may call. Every built-in function of Spark is either allowed or
refused with the reason and what to use instead; a test compares both lists with Spark's own registry.
"""

import re
from dataclasses import dataclass

from pyspark.sql import SparkSession

_ALLOWED_GROUPS = {
    # By the names under which Spark registers them.
    "operators": ("! % & * + - / < <= <=> = == > >= ^ | ~ and div equal_null ilike in like mod not or"),
    "conditions": ("coalesce greatest if ifnull isnan isnotnull isnull least nanvl nullif nvl nvl2 when"),
    "numbers": (
        "abs acos acosh asin asinh atan atan2 atanh bin bit_count bit_get bitmap_bit_position "
        "bitmap_bucket_number bitmap_count bround cbrt ceil ceiling conv cos cosh cot csc degrees e exp "
        "expm1 factorial floor getbit hypot ln log log10 log1p log2 negative pi pmod positive pow power "
        "radians rint round sec shiftleft shiftright shiftrightunsigned sign signum sin sinh sqrt tan tanh "
        "try_add try_divide try_multiply try_subtract width_bucket"
    ),
    "types": (
        "bigint binary boolean cast date decimal double float int smallint string timestamp tinyint typeof"
    ),
    "text": (
        "ascii base64 bit_length btrim char char_length character_length chr concat concat_ws contains "
        "crc32 decode elt encode endswith find_in_set format_number format_string get_json_object hash hex "
        "initcap instr json_array_length json_object_keys json_tuple lcase left len length levenshtein "
        "locate lower lpad ltrim luhn_check mask md5 octet_length overlay parse_url position printf repeat "
        "replace reverse right rpad rtrim sha sha1 sha2 soundex space split_part startswith substr "
        "substring substring_index to_char to_csv to_json to_varchar translate trim try_to_binary "
        "try_to_number ucase unhex upper url_encode xxhash64"
    ),
    # These match with Java's regular expressions; see PATTERNS.
    "patterns": ("regexp regexp_count regexp_instr regexp_like regexp_replace regexp_substr rlike split"),
    "times": (
        "add_months convert_timezone date_add date_diff date_format date_from_unix_date date_part date_sub "
        "date_trunc dateadd datediff datepart day dayofmonth dayofweek dayofyear extract from_unixtime "
        "from_utc_timestamp hour last_day make_date make_dt_interval make_interval make_timestamp "
        "make_timestamp_ltz make_timestamp_ntz make_ym_interval minute month months_between next_day "
        "quarter second timestamp_micros timestamp_millis timestamp_seconds to_date to_timestamp "
        "to_timestamp_ltz to_timestamp_ntz to_unix_timestamp to_utc_timestamp trunc try_to_timestamp "
        "unix_date unix_micros unix_millis unix_seconds unix_timestamp weekday weekofyear year"
    ),
    "arrays": (
        "aggregate array array_append array_compact array_contains array_distinct array_except "
        "array_intersect array_join array_max array_min array_position array_prepend array_remove "
        "array_repeat array_size array_sort array_union arrays_overlap arrays_zip cardinality element_at "
        "exists explode explode_outer filter flatten forall get inline inline_outer named_struct posexplode "
        "posexplode_outer range reduce sequence size slice sort_array stack struct transform try_element_at "
        "zip_with"
    ),
    "aggregates": (
        "any approx_count_distinct array_agg avg bit_and bit_or bit_xor bitmap_construct_agg bitmap_or_agg "
        "bool_and bool_or collect_list collect_set corr count count_if covar_pop covar_samp every kurtosis "
        "max max_by mean median min min_by percentile regr_avgx regr_avgy regr_count regr_intercept regr_r2 "
        "regr_slope regr_sxx regr_sxy regr_syy skewness some std stddev stddev_pop stddev_samp sum try_avg "
        "try_sum var_pop var_samp variance"
    ),
    "windows": (
        "cume_dist dense_rank first first_value lag last last_value lead nth_value ntile percent_rank rank "
        "row_number"
    ),
}

ALLOWED = frozenset(name for names in _ALLOWED_GROUPS.values() for name in names.split())

_REFUSED_GROUPS = {
    "now current_date curdate current_timestamp localtimestamp": (
        "has another value on every run; use as_of, so that a rerun computes the same"
    ),
    "rand randn random uuid shuffle monotonically_increasing_id spark_partition_id": (
        "has another value on every run; use xxhash64 of the event's fields, so that a rerun computes the "
        "same"
    ),
    "current_catalog current_database current_schema current_timezone current_user input_file_block_length "
    "input_file_block_start input_file_name user version": (
        "depends on where the query runs; use the events' fields only"
    ),
    "java_method reflect": "runs Java code; use one of Spark's SQL functions",
    "any_value mode": "depends on the order in which Spark reads the rows; use min, max, min_by or max_by",
    "approx_percentile percentile_approx histogram_numeric": (
        "depends on the order in which Spark reads the rows; use percentile or median"
    ),
    "count_min_sketch hll_sketch_agg hll_sketch_estimate hll_union hll_union_agg": (
        "depends on the order in which Spark reads the rows; use approx_count_distinct or count(DISTINCT …)"
    ),
    "map map_concat map_contains_key map_entries map_filter map_from_arrays map_from_entries map_keys "
    "map_values map_zip_with str_to_map transform_keys transform_values": (
        "builds on maps, and a null or repeated key of a map stops the run; use struct, or an aggregate with "
        "a condition such as count_if"
    ),
    "from_csv from_json schema_of_csv schema_of_json": (
        "reads a time without a date as today's; use get_json_object or split_part, and cast the parts"
    ),
    "to_number": "stops the run at a value that is no number; use try_to_number",
    "to_binary unbase64": "stops the run at a value that is not encoded so; use try_to_binary",
    "assert_true raise_error": "stops the run; use a rule in quality.rows, which quarantines the event",
    "url_decode": "stops the run at a value that is not encoded so; use replace",
    "aes_decrypt aes_encrypt try_aes_decrypt": "needs a key, which does not belong into SQL; use sha2",
    "xpath xpath_boolean xpath_double xpath_float xpath_int xpath_long xpath_number xpath_short "
    "xpath_string": ("stops the run at a value that is not XML; use split_part or substring_index"),
    "array_insert": "stops the run at the position 0; use concat of two arrays",
    "regexp_extract regexp_extract_all": (
        "needs a group, and the time that Java takes to match groups has no bound; use split_part, "
        "substring_index or regexp_substr"
    ),
    "sentences": "depends on the language settings of the machine; use split",
    "grouping grouping_id": "belongs to GROUPING SETS, which mix as-of days; use one query for each grouping",
    "session_window window window_time": "is meant for streams; use date_trunc in GROUP BY",
    "sql_keywords": "does not read events; use the views",
}

# Functions that call code which is no part of Spark, perhaps already while a query is analysed.
FOREIGN = {"java_method", "reflect"}

REFUSED = {name: reason for names, reason in _REFUSED_GROUPS.items() for name in names.split()}

# Functions, and the operators RLIKE and REGEXP, that match with Java's regular expressions: the position of
# the pattern among the arguments, and of the replacement if there is one.
PATTERNS: dict[str, tuple[int, ...]] = {
    "regexp": (1,),
    "regexp_count": (1,),
    "regexp_instr": (1,),
    "regexp_like": (1,),
    "regexp_replace": (1, 2),
    "regexp_substr": (1,),
    "rlike": (1,),
    "split": (1,),
}

# Arguments that stop the run at certain values, and so must not come from an event.
CONSTANTS: dict[str, tuple[int, ...]] = {
    "array_repeat": (1,),
    "convert_timezone": (0,),
    "element_at": (1,),
    "from_utc_timestamp": (1,),
    "lpad": (1,),
    "repeat": (1,),
    "rpad": (1,),
    "sequence": (0, 1, 2),
    "slice": (1, 2),
    "space": (0,),
    "to_utc_timestamp": (1,),
    "try_element_at": (1,),
}

# Aggregates whose result is a list in the order in which rows are read, and the functions around them that
# make the result independent of it.
LISTS = {"CollectList": "collect_list", "CollectSet": "collect_set"}
ORDER_FREE = {"SortArray", "ArrayMax", "ArrayMin", "ArrayContains", "ArraySize", "Size"}

# Classes of expressions that Spark's parser and analyser create themselves, without a function's name.
_OWN_CLASSES = (
    "AggregateExpression Alias ArrayInsert AttributeReference BinaryPad BinaryPredicate CaseWhen "
    "CurrentRow$ DateAddInterval DateAddYMInterval DatetimeSub DivideDTInterval DivideInterval "
    "DivideYMInterval Exists ExtractANSIIntervalDays ExtractANSIIntervalHours ExtractANSIIntervalMinutes "
    "ExtractANSIIntervalMonths ExtractANSIIntervalSeconds ExtractANSIIntervalYears ExtractIntervalDays "
    "ExtractIntervalHours ExtractIntervalMinutes ExtractIntervalMonths ExtractIntervalSeconds "
    "ExtractIntervalYears GetArrayItem GetArrayStructFields GetStructField GetTimestamp InSubquery "
    "LambdaFunction LikeAll LikeAny ListQuery Literal MultiplyDTInterval MultiplyInterval "
    "MultiplyYMInterval NamedLambdaVariable NotLikeAll NotLikeAny OuterReference PercentileCont "
    "PercentileDisc PivotFirst RegExpExtract RegExpExtractAll RegrReplacement RoundCeil RoundFloor "
    "ScalarSubquery SecondWithFraction SortOrder SpecifiedWindowFrame StaticInvoke StringDecode "
    "StringLPad StringRPad StringSplitSQL SubtractDates SubtractTimestamps TimeAdd TimestampAdd "
    "TimestampAddYMInterval TimestampDiff ToBinary TryEval UnboundedFollowing$ UnboundedPreceding$ "
    "WindowExpression WindowSpecDefinition"
)


@dataclass(frozen=True)
class Classes:
    """The classes of expressions that an analysed query may consist of, and the names of refused ones."""

    allowed: frozenset[str]
    refused: dict[str, str]


_classes: list[Classes] = []


def classes(spark: SparkSession) -> Classes:
    """The classes of the built-in functions of the running Spark."""
    if not _classes:
        registry = spark._jsparkSession.sessionState().functionRegistry()
        identifier = spark._jvm.org.apache.spark.sql.catalyst.FunctionIdentifier
        found = {}
        for name in ALLOWED | REFUSED.keys():
            info = registry.lookupFunction(identifier(name))
            if info.isDefined():
                # Some functions are registered by the object that creates the expression.
                kind = info.get().getClassName().rpartition(".")[2]
                found[name] = re.sub(r"(Expression)?Builder$", "", kind)
        allowed = frozenset([*_OWN_CLASSES.split(), *(found[name] for name in ALLOWED & found.keys())])
        refused = {found[name]: name for name in sorted(REFUSED.keys() & found.keys(), reverse=True)}
        _classes.append(Classes(allowed, refused))
    return _classes[0]


def pattern_problem(pattern: str | None) -> str | None:
    """Why the time that Java takes to match a pattern may have no bound; None if it is linear. The pattern is
    None where it is no literal.

    Without repetition and groups there is nothing to go back to.
    """
    if pattern is None:
        return "its pattern is not a literal"
    depth = 0
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            position += 1
        elif character == "[":
            depth += 1
        elif character == "]" and depth:
            depth -= 1
        elif depth == 0 and character in "*+?{(|":
            return f"its pattern contains {character}"
        position += 1
    return None

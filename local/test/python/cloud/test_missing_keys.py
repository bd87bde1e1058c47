"""S3's answer for a missing key, which depends on whether the caller may list the bucket."""

import pytest
from botocore.exceptions import ClientError
from cloud_support import Cloud, allow

pytestmark = pytest.mark.integration

READ = allow("s3:GetObject", "arn:aws:s3:::missing-keys/*")
LIST = allow("s3:ListBucket", "arn:aws:s3:::missing-keys")


@pytest.mark.parametrize(
    ("name", "list_statements", "code"),
    [
        ("none", [], "403"),
        ("prefix", [{**LIST, "Condition": {"StringLike": {"s3:prefix": ["a", "a/*"]}}}], "403"),
        ("all", [LIST], "404"),
    ],
)
def test_a_missing_key_is_found_missing_only_by_who_may_list(
    cloud: Cloud, name: str, list_statements: list[dict], code: str
) -> None:
    root = cloud.client("s3")
    root.create_bucket(Bucket="missing-keys")
    root.put_object(Bucket="missing-keys", Key="a/there", Body=b"x")
    role = cloud.role(f"missing-{name}", "glue.amazonaws.com", [READ, *list_statements])
    s3 = cloud.client("s3", cloud.assume(role))
    assert s3.get_object(Bucket="missing-keys", Key="a/there")["Body"].read() == b"x"
    with pytest.raises(ClientError) as got:
        s3.get_object(Bucket="missing-keys", Key="a/gone")
    assert got.value.response["Error"]["Code"] == {"403": "AccessDenied", "404": "NoSuchKey"}[code]
    with pytest.raises(ClientError) as asked:
        s3.head_object(Bucket="missing-keys", Key="a/gone")
    assert asked.value.response["Error"]["Code"] == code

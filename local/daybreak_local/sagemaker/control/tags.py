"""AddTags, ListTags, DeleteTags: for every resource that exists."""

from daybreak_local.sagemaker.control.base import Context, Request, operation
from daybreak_local.sagemaker.errors import Invalid, NotFound
from daybreak_local.sagemaker.store import Record

MAX_TAGS = 50


class Tags:
    """The tags of all resources by ARN."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @operation("AddTags")
    def add(self, request: Request) -> Record:
        """Adds or replaces tags."""
        with self._context.store.changed:
            tags = self._of(request["ResourceArn"])
            merged = {**tags, **{tag["Key"]: tag["Value"] for tag in request["Tags"]}}
            if len(merged) > MAX_TAGS:
                raise Invalid(f"A resource has at most {MAX_TAGS} tags; this one would have {len(merged)}.")
            tags.update(merged)
            return {"Tags": _listed(tags)}

    @operation("ListTags")
    def list(self, request: Request) -> Record:
        """All tags of a resource: there are never more than one page."""
        with self._context.store.changed:
            return {"Tags": _listed(self._of(request["ResourceArn"]))}

    @operation("DeleteTags")
    def delete(self, request: Request) -> Record:
        """Removes tags by key."""
        with self._context.store.changed:
            tags = self._of(request["ResourceArn"])
            for key in request["TagKeys"]:
                tags.pop(key, None)
        return {}

    def _of(self, arn: str) -> dict[str, str]:
        if arn not in self._context.store.tags:
            raise NotFound(f"Resource {arn} does not exist")
        return self._context.store.tags[arn]


def _listed(tags: dict[str, str]) -> "list[dict[str, str]]":
    return [{"Key": key, "Value": value} for key, value in tags.items()]

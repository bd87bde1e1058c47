"""AddTags, ListTags and DeleteTags for all resource types."""

from daybreak_local.sagemaker.control.base import Context, Request, operation
from daybreak_local.sagemaker.errors import Invalid, NotFound
from daybreak_local.sagemaker.store import Record

MAX_TAGS = 50


class Tags:
    """The tags of all resources by ARN."""

    def __init__(self, context: Context) -> None:
        self._store = context.store

    @operation("AddTags")
    def add(self, request: Request) -> Record:
        """Adds or replaces tags."""
        with self._store.changed:
            tags = self._of(request)
            added = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
            if len(tags | added) > MAX_TAGS:
                raise Invalid(f"A resource has at most {MAX_TAGS} tags; this would make {len(tags | added)}.")
            tags.update(added)
        return self.list(request)

    @operation("ListTags")
    def list(self, request: Request) -> Record:
        """All tags of a resource; MAX_TAGS fit on one page."""
        with self._store.changed:
            return {"Tags": [{"Key": key, "Value": value} for key, value in self._of(request).items()]}

    @operation("DeleteTags")
    def delete(self, request: Request) -> Record:
        """Removes tags by key."""
        with self._store.changed:
            tags = self._of(request)
            for key in request["TagKeys"]:
                tags.pop(key, None)
        return {}

    def _of(self, request: Request) -> dict[str, str]:
        arn = request["ResourceArn"]
        if arn not in self._store.tags:
            raise NotFound(f"Resource {arn} does not exist")
        return self._store.tags[arn]

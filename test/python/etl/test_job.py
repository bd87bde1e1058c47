"""The jobs' entry points, arguments, object stores and listing of new files."""

import runpy
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from botocore.stub import Stubber
from etl_shop import Shop, event, spec_json

from etl.features.state import Computed
from etl.shared.errors import JobError
from etl.shared.spec import Plan, Spec
from etl.shared.storage import FileStorage, S3Storage, open_storage, read_json
from etl.transform.files import folder_before

SCRIPTS = Path(__file__).parents[3] / "glue-scripts"


def test_the_entry_points_run_as_glue_starts_them(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def get_resolved_options(argv: list[str], names: list[str]) -> dict[str, str]:
        given = dict(zip(argv[1::2], argv[2::2], strict=True))
        return {name: given[f"--{name}"] for name in names}

    package, utils = ModuleType("awsglue"), ModuleType("awsglue.utils")
    monkeypatch.setattr(utils, "getResolvedOptions", get_resolved_options, raising=False)
    monkeypatch.setitem(sys.modules, "awsglue", package)
    monkeypatch.setitem(sys.modules, "awsglue.utils", utils)
    shop.land([event(1, "1998-01-01")])
    arguments = shop.arguments("1998-01-02", run_id="main")
    argv = [part for name, value in arguments.items() for part in (f"--{name}", value)]
    for step in ("transform", "quality"):
        monkeypatch.setattr(sys, "argv", [step, *argv])
        runpy.run_path(str(SCRIPTS / f"{step}.py"), run_name="__main__")
        report = read_json(FileStorage(), f"file://{shop.home}/reports/shop/runs/main/{step}.json")
        assert (report["step"], report["run_id"]) == (step, "main")
        assert report["seconds"] >= 0
    assert '"rows_published": 1' in capsys.readouterr().out
    assert shop.rows("events", "event_id") == [("e1",)]


def test_the_listing_starts_a_number_of_days_before_the_newest_file() -> None:
    assert folder_before(None, 2) == ""
    assert folder_before("2026/03/01/23/shop-1.gz", 2) == "2026/02/27"
    assert folder_before("by-hand.gz", 2) == ""


def test_computed_cutoffs_are_discarded_when_they_become_stale() -> None:
    note: dict[str, Any] = {
        "definition": "a",
        "events_snapshot_id": "9",
        "days": ["1998-01-01"],
        "online": "1998-01-01",
        "online_at": "1998-01-01T05:20:00Z",
    }
    assert Computed.parse(note, "a").as_json() == note
    assert Computed.parse(note, "b") == Computed("b") == Computed.parse(None, "b")
    computed = Computed("a", days={"1998-01-05", "1998-01-06", "1998-01-20", "1998-01-21"})
    # An event of the 5th is in the windows that end in (5th, 5th + 14 days].
    computed.forget_stale("1998-01-05", "1998-01-05", 14)
    assert computed.days == {"1998-01-05", "1998-01-20", "1998-01-21"}


def test_a_job_uses_only_the_datasets_in_its_arguments(shop: Shop) -> None:
    job = shop.job("1998-01-08")
    assert job.uri("raw_events").endswith("/raw/shop")
    assert job.table("events").startswith("lake.")
    with pytest.raises(JobError, match="raw_events is a folder, not a table"):
        job.table("raw_events")
    with pytest.raises(JobError, match=r"not given the dataset models; .* names raw_events"):
        job.uri("models")


def test_objects_in_s3_are_read_listed_and_written(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    storage = S3Storage()
    page = {"Contents": [{"Key": "raw/shop/2026/a.gz", "Size": 3}]}
    with Stubber(storage._client) as stub:
        stub.add_client_error("get_object", "NoSuchKey", http_status_code=404)
        stub.add_response(
            "list_objects_v2", page, {"Bucket": "lake", "Prefix": "raw/shop/", "StartAfter": "raw/shop/2"}
        )
        denied = ("get_object", "AccessDenied")
        stub.add_client_error(*denied, http_status_code=403)
        stub.add_response(
            "list_objects_v2", {}, {"Bucket": "lake", "Prefix": "reports/new.json", "MaxKeys": 1}
        )
        hidden = {"Contents": [{"Key": "reports/hidden.json", "Size": 3}]}
        stub.add_client_error(*denied, http_status_code=403)
        stub.add_response(
            "list_objects_v2", hidden, {"Bucket": "lake", "Prefix": "reports/hidden.json", "MaxKeys": 1}
        )
        assert storage.read_text("s3://lake/reports/none.json") is None
        assert [file.key for file in storage.list_objects("s3://lake/raw/shop", "2")] == ["2026/a.gz"]
        # S3 denies the read of a missing object too. If the listing has the key, the role may not read it.
        assert storage.read_text("s3://lake/reports/new.json") is None
        with pytest.raises(Exception, match="AccessDenied"):
            storage.read_text("s3://lake/reports/hidden.json")


def test_invalid_uris_objects_and_plans_are_reported(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="expected an address that starts with s3://"):
        open_storage("/tmp/plan.json")
    with pytest.raises(JobError, match="does not exist"):
        read_json(FileStorage(), f"file://{tmp_path}/plan.json")
    (tmp_path / "plan.json").write_text("{")
    with pytest.raises(JobError, match="is not JSON"):
        read_json(FileStorage(), f"file://{tmp_path}/plan.json")
    with pytest.raises(JobError, match="has no 'features_sql'"):
        Spec.parse({key: value for key, value in spec_json().items() if key != "features_sql"})
    with pytest.raises(JobError, match="trigger"):
        Plan.parse({"run_id": "a", "mode": "features"})

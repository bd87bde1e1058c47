"""Raw files to staged events."""

from etl_shop import Shop, event


def test_every_line_gets_its_reason(shop: Shop) -> None:
    good = event(1, "1998-01-01T10:00:00Z")
    lines = [
        good,
        '{"event_id": "cut',
        '{"event_id": "a"}{"event_id": "b"}',
        "[1, 2]",
        "null",
        {key: value for key, value in event(2, "1998-01-01").items() if key != "price"},
        event(3, "1998-01-01", price=None),
        event(4, "1998-01-01", customer_id=" "),
        event(5, "1998-01-01", quantity="3"),
        event(6, "1998-01-01", quantity=3.5),
        event(7, "1998-01-01", customer_id=12),
        event(8, "1998-01-01", customer_id={"id": "c1"}),
        event(9, "1998-01-01", price="10"),
        event(10, "1998-02-30"),
        event(11, "yesterday"),
        event(12, 883612800),
        event(13, "1998-01-01", gift="yes"),
        event(14, "1998-01-01", channel=["web"]),
        event(15, "1998-01-01", channel="x" * 3000),
        event(16, "1998-01-03"),
        "",
    ]
    shop.land(lines)
    transformed, checked = shop.publish("1998-01-02")
    assert transformed["quarantined"] == {
        "not_json": 4,
        "missing_field:price": 2,
        "missing_field:customer_id": 1,
        "wrong_type:quantity": 2,
        "wrong_type:customer_id": 2,
        "wrong_type:price": 1,
        "wrong_type:event_time": 3,
        "wrong_type:gift": 1,
        "wrong_type:channel": 1,
        "too_large": 1,
        "future": 1,
    }
    assert transformed["lines_read"] == 20
    assert transformed["staged_rows"] == 1 == checked["rows_published"]
    assert [row[0] for row in shop.rows("events", "event_id")] == ["e1"]
    assert len(shop.rows("quarantine")) == 19

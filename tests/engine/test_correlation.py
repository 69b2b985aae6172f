"""What a job goes back to is carried along, and is bound again where it is done."""

from __future__ import annotations

from structlog.contextvars import bind_contextvars, bound_contextvars, get_contextvars

from engine.correlation import adopt, kept, origin, with_origin


def test_a_payload_takes_along_what_is_bound() -> None:
    with bound_contextvars(request_id="r1", actor="wang"):
        assert with_origin({"delivery": 1}) == {"delivery": 1, "origin": {"request_id": "r1"}}
        assert with_origin({}, {"request_id": "r2"}) == {"origin": {"request_id": "r2"}}
        assert with_origin({}, {}) == {}


def test_where_nothing_is_bound_a_payload_stays_as_it_is() -> None:
    assert origin() == {}
    assert with_origin({"delivery": 1}) == {"delivery": 1}


def test_a_job_binds_what_it_goes_back_to_and_nothing_else() -> None:
    with kept():
        adopt({"origin": {"request_id": "r1", "actor": "wang"}})
        assert get_contextvars() == {"request_id": "r1"}
    assert get_contextvars() == {}


def test_a_job_of_before_has_no_origin() -> None:
    with kept():
        adopt(None)
        adopt({"origin": "something else"})
        assert get_contextvars() == {}


def test_after_a_block_all_is_bound_as_before() -> None:
    with bound_contextvars(request_id="r1"):
        with kept():
            bind_contextvars(request_id="r2", job=4)
        assert get_contextvars() == {"request_id": "r1"}

"""The unit's first page tells of voided likes with the reason, and leads to an appeal."""

from tests.unit.gateway.town import CLOCK, NOTHING_YET, Visitor


def test_voided_likes_are_told_with_their_reason_and_a_way_to_appeal(visitor: Visitor):
    before = visitor.request("GET", "/unit", role="unit", plain=True).text
    told = {"kind": "likes-voided", "at": CLOCK, "entry": "u1-1", "facts": {"reason": "同一设备刷赞"}}
    visitor.town.answers["submission", "progress"] = {"ok": {**NOTHING_YET["progress"], "messages": [told]}}

    after = visitor.request("GET", "/unit", role="unit", plain=True).text

    assert ["同一设备刷赞" in each for each in (before, after)] == [False, True]
    assert ["有异议？向主办方反映" in each for each in (before, after)] == [False, True]

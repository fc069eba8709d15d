"""Runs every check for every form of connectrpc's client. Usage: main.py URL"""

import sys
import time
from itertools import count

from connectrpc.code import Code
from connectrpc.codec import proto_json_codec
from connectrpc.errors import ConnectError
from connectrpc.protocol import ProtocolType
from coupon.v1.coupon_service_connect import CouponServiceClientSync
from coupon.v1.coupon_service_pb import (
    CampaignState,
    CreateCampaignRequest,
    DeleteCampaignRequest,
    GetCampaignRequest,
    IssueCouponRequest,
    ListCampaignsRequest,
    ListCouponsRequest,
    Refusal,
    RefusalDetail,
    WatchCampaignRequest,
    WatchState,
)
from protobuf.wkt.google.protobuf.timestamp_pb import Timestamp

URL = sys.argv[1]
IDENTITY = {"send_compression": None, "accept_compression": []}
GRPC_WEB = {"protocol": ProtocolType.GRPC_WEB}
FORMS = {
    "default, binary gzip": {},
    "binary identity": IDENTITY,
    "json gzip": {"codec": proto_json_codec()},
    "json identity": {"codec": proto_json_codec(), **IDENTITY},
    "grpc-web binary gzip": GRPC_WEB,
    "grpc-web json identity": {"codec": proto_json_codec(), **GRPC_WEB, **IDENTITY},
}
COUPONS = 40
LONGEST_STARTS_IN_S = 30  # when the start is tried again
numbers = count(1)


def create(client, total, starts_in_s):
    request = CreateCampaignRequest(
        name=f"python {next(numbers)}",
        total_coupons=total,
        start_time=Timestamp.from_nanos(time.time_ns() + int(starts_in_s * 1e9)),
    )
    try:
        return client.create_campaign(request).campaign
    except ConnectError as error:
        # On a busy machine the start may have passed before the server sees it.
        if error.code != Code.INVALID_ARGUMENT or starts_in_s >= LONGEST_STARTS_IN_S:
            raise
        return create(client, total, min(10 * starts_in_s, LONGEST_STARTS_IN_S))


def issue(client, campaign_id):
    """Waits for the start if necessary."""
    while True:
        answer = client.issue_coupon(IssueCouponRequest(campaign_id=campaign_id))
        if answer.refusal != Refusal.NOT_STARTED:
            return answer
        time.sleep(answer.wait_ms / 1000)


def error_of(call):
    try:
        call()
    except ConnectError as error:
        return error
    raise AssertionError("there was no error")


def check_campaign(client):
    campaign = create(client, COUPONS, 0.1)
    codes = [issue(client, campaign.id).coupon.code for _ in range(COUPONS)]
    late = issue(client, campaign.id)
    assert not late.success and late.refusal == Refusal.SOLD_OUT, late

    got = client.get_campaign(GetCampaignRequest(campaign_id=campaign.id))
    assert got.campaign.issued_coupons == COUPONS, got.campaign
    assert [coupon.code for coupon in got.coupons] == codes
    listed = client.list_coupons(ListCouponsRequest(campaign_id=campaign.id))
    assert [coupon.code for coupon in listed.coupons] == codes

    assert client.delete_campaign(DeleteCampaignRequest(campaign_id=campaign.id)).success
    left = client.list_campaigns(ListCampaignsRequest(page_size=1000))
    assert campaign.id not in [other.id for other in left.campaigns]


def check_errors(client):
    campaign = create(client, 1, 60)
    again = CreateCampaignRequest(
        name=campaign.name, total_coupons=1, start_time=campaign.start_time
    )
    error = error_of(lambda: client.create_campaign(again))
    assert error.code == Code.ALREADY_EXISTS, error.code
    detail = error.details[0].value(RefusalDetail)
    assert detail.refusal == Refusal.NAME_TAKEN and detail.sequence > 0, detail
    unknown = "00000000-0000-4000-8000-000000000000"
    error = error_of(lambda: client.get_campaign(GetCampaignRequest(campaign_id=unknown)))
    assert error.code == Code.NOT_FOUND and error.message, error
    error = error_of(lambda: next(client.watch_campaign(WatchCampaignRequest(campaign_id=unknown))))
    assert error.code == Code.NOT_FOUND, error.code


def check_sold_out(client):
    campaign = create(client, 2, 0.3)
    stream = client.watch_campaign(WatchCampaignRequest(campaign_id=campaign.id))
    first = next(stream)
    assert first.state == WatchState.LIVE and first.campaign.issued_coupons == 0, first
    if first.campaign.state == CampaignState.SCHEDULED:
        opened = next(stream)
        assert opened.campaign.state == CampaignState.OPEN, opened
    for issued, state in ((1, WatchState.LIVE), (2, WatchState.SOLD_OUT)):
        issue(client, campaign.id)
        message = next(stream)
        assert message.state == state and message.campaign.issued_coupons == issued, message
    assert next(stream, None) is None, "the stream does not end"


def check_deleted(client):
    campaign = create(client, 2, 60)
    stream = client.watch_campaign(WatchCampaignRequest(campaign_id=campaign.id))
    assert next(stream).state == WatchState.LIVE
    client.delete_campaign(DeleteCampaignRequest(campaign_id=campaign.id))
    assert next(stream).state == WatchState.DELETED
    assert next(stream, None) is None, "the stream does not end"


def check_deadline(client):
    campaign = create(client, 2, 60)
    request = WatchCampaignRequest(campaign_id=campaign.id)
    error = error_of(lambda: list(client.watch_campaign(request, timeout_ms=200)))
    assert error.code == Code.DEADLINE_EXCEEDED, error.code


def check_get(client):
    campaign = create(client, 1, 60)
    got = client.get_campaign(GetCampaignRequest(campaign_id=campaign.id), use_get=True)
    assert got.campaign.name == campaign.name, got


def check(name, body, *arguments):
    """Prints one line for each check; script/e2e counts them."""
    try:
        body(*arguments)
    except Exception as error:  # The other checks must run after any failure.
        reason = " ".join(f"{type(error).__name__} {getattr(error, 'code', '')} {error}".split())
        print(f"FAILED python {name}: {reason}")
        return False
    print(f"ok python {name}")
    return True


def main():
    passed = True
    for form, options in FORMS.items():
        client = CouponServiceClientSync(URL, **options)
        passed &= check(f"{form}: create, issue, get, list, delete", check_campaign, client)
        passed &= check(f"{form}: errors with their details", check_errors, client)
        passed &= check(f"{form}: a watched campaign that sells out", check_sold_out, client)
        passed &= check(f"{form}: a watched campaign that is deleted", check_deleted, client)
        passed &= check(f"{form}: a stream past its deadline", check_deadline, client)
        if "grpc-web" not in form:
            passed &= check(f"{form}: GET", check_get, client)
    sys.exit(0 if passed else 1)


main()

#include "api/server_info.h"

#include <cstdint>

#include "api/reply_mapping.h"
#include "base/hex.h"
#include "engine/ports/event_log.h"
#include "engine/rules/limits.h"
#include "rpc/http/limits.h"

namespace coupond::api {
namespace {

void SetLimits(const ServerFacts& facts, coupon::v1::ServerLimits& message) {
  message.set_coupons_per_campaign_max(limits::kCouponsPerCampaignMax);
  message.set_live_campaigns_max(static_cast<std::int64_t>(limits::kLiveCampaignsMax));
  message.set_coupons_per_user_max(static_cast<std::int32_t>(limits::kCouponsPerUserMax));
  message.set_page_size_max(limits::kPageSizeMax);
  message.set_request_bytes_max(static_cast<std::int64_t>(http::kRequestBodyBytesMax));
  message.set_waiting_commands_max(static_cast<std::int64_t>(limits::kCommandQueueMax));
  message.set_watchers_max(static_cast<std::int64_t>(facts.watchers_max));
  message.set_exports_max(static_cast<std::int64_t>(facts.exports_max));
  message.set_event_readers_max(static_cast<std::int64_t>(facts.event_readers_max));
  message.set_coupons_per_batch_max(static_cast<std::int64_t>(limits::kCouponsPerBatchMax));
}

void SetErasure(const ErasureProgress& progress, coupon::v1::GetServerInfoResponse& response) {
  if (progress.requests == 0 && progress.unfinished_coupons == 0) return;
  coupon::v1::ErasureProgress& message = *response.mutable_erasure();
  message.set_requests(static_cast<std::int64_t>(progress.requests));
  message.set_unfinished_coupons(static_cast<std::int64_t>(progress.unfinished_coupons));
  message.set_groups_read(progress.groups_read);
  message.set_groups(progress.groups);
}

}  // namespace

void ServerInfoMethods::GetServerInfo(const coupon::v1::GetServerInfoRequest& /*request*/,
                                      Call call) const {
  const LogTip tip = engine_.log_tip();
  coupon::v1::GetServerInfoResponse response;
  response.set_version(facts_.version);
  response.set_store_id(FormatUuid(facts_.store_id.bytes));
  response.set_head_sequence(tip.sequence.value());
  response.set_head_hash(Hex(tip.hash));
  const ClockReading clock = engine_.clock().Read();
  SetTimestamp(clock.now, *response.mutable_server_time());
  if (clock.disputed) SetTimestamp(*clock.disputed, *response.mutable_machine_time());
  response.set_read_only(engine_.log_is_ahead());
  SetTimestamp(facts_.started_at, *response.mutable_started_at());
  SetLimits(facts_, *response.mutable_limits());
  SetErasure(engine_.eraser().progress(), response);
  call->Finish(response);
}

}  // namespace coupond::api

// Passes the bytes of one connection through the whole service, including the engine. Whatever
// clients send, every request is answered, the answer can be sent and understood, no campaign
// issues more than its total, no coupon is redeemed twice, and the log can be read back.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/normal_text.h"
#include "fuzz/invariant.h"
#include "fuzz/service_world.h"
#include "fuzz/targets.h"
#include "rpc/http/http1/reply_head.h"
#include "rpc/http/http1/request_reader.h"
#include "rpc/json/json_document.h"
#include "storage/format/commit_record.h"
#include "storage/format/event_codec.h"

namespace coupond::fuzz {
namespace {

using http::RequestReader;

void CheckAnswer(const WholeAnswer& answer) {
  Require(http::IsSendable(answer.head), "an answer can be sent");
  Require(answer.head.status < 500 || answer.head.status == 501,
          "no request is answered with a fault of the server's own",
          std::to_string(answer.head.status) + " " + answer.body);
  if (answer.head.content_type == "application/json") {
    Require(connect::JsonDocument().Parse(answer.body).has_value(), "an answer is JSON",
            answer.body);
    Require(answer.head.status < 400 || answer.body.contains(R"("reason":")"),
            "an error has a reason for programs", answer.body);
  }
}

/// Checks that names and ids are logged in their normal form.
void CheckText(const std::string& text) {
  const auto normal = NormalForm(text);
  Require(normal.has_value() && !normal->has_value(), "what is logged is in normal form", text);
}

/// Checks the events of a log one by one, without the engine's own counting.
class LogCheck {
 public:
  void operator()(const CampaignCreated& event) {
    Require(campaigns_.emplace(event.number, Counts{.total = event.terms.total_coupons}).second,
            "a campaign is created once");
    Require(!event.terms.name.empty(), "a campaign has a name");
    CheckText(event.terms.name);
    CheckDescription(event.terms.description);
  }
  void operator()(const CouponIssued& event) {
    const auto campaign = campaigns_.find(event.campaign);
    Require(campaign != campaigns_.end() && campaign->second.issued++ < campaign->second.total,
            "no campaign issues more than its total");
    Require(coupons_.emplace(event.serial, CouponState::kIssued).second, "no serial is used twice");
    CheckText(event.user_id);
  }
  void operator()(const CouponRedeemed& event) {
    Change(event.serial, CouponState::kIssued, CouponState::kRedeemed);
    CheckText(event.order_ref);
    CheckText(event.redeemed_by);
    CheckText(event.request_id);
  }
  void operator()(const RedemptionCanceled& event) {
    Change(event.serial, CouponState::kRedeemed, CouponState::kIssued);
    CheckText(event.reason);
  }
  void operator()(const CouponVoided& event) {
    const auto coupon = coupons_.find(event.serial);
    const bool is_void = coupon != coupons_.end() && coupon->second == CouponState::kVoided;
    Change(event.serial, event.returned && is_void ? CouponState::kVoided : CouponState::kIssued,
           event.returned ? CouponState::kReturned : CouponState::kVoided);
    if (event.returned) --campaigns_.at(event.campaign).issued;
    CheckText(event.reason);
  }
  void operator()(const CampaignUpdated& event) {
    const auto campaign = campaigns_.find(event.campaign);
    Require(campaign != campaigns_.end(), "only what is there is updated");
    if (event.changes.total_coupons) campaign->second.total = *event.changes.total_coupons;
    Require(campaign->second.issued <= campaign->second.total, "no total is below what was issued");
    CheckText(event.changes.name.value_or(""));
    CheckDescription(event.changes.description.value_or(""));
  }
  void operator()(const CampaignPaused& event) { CheckText(event.reason); }
  void operator()(const CampaignResumed& event) { CheckText(event.reason); }
  void operator()(const CampaignDeleted& event) {
    Require(campaigns_.erase(event.campaign) == 1, "only what is there is deleted");
  }
  void operator()(const auto& /*event*/) {}

 private:
  struct Counts {
    std::int64_t total = 0;
    std::int64_t issued = 0;
  };

  /// Checks that the coupon has a state, and gives it the next one.
  void Change(Serial serial, CouponState from, CouponState to) {
    const auto coupon = coupons_.find(serial);
    Require(coupon != coupons_.end() && coupon->second == from,
            "a coupon's states follow each other");
    coupon->second = to;
  }
  static void CheckDescription(const std::string& text) {
    const auto normal = NormalFormOfLines(text);
    Require(normal.has_value() && !normal->has_value(), "what is logged is in normal form", text);
  }

  std::map<CampaignNumber, Counts> campaigns_;
  std::map<Serial, CouponState> coupons_;
};

void CheckLog(const std::vector<CommitGroup>& groups) {
  storage::EventCodec codec;
  LogCheck check;
  for (const CommitGroup& group : groups) {
    std::string record;
    codec.Write(group, GroupHash{}, record);
    Require(codec.Decode(*storage::ParseRecord(record)) == group,
            "what is logged can be read again");
    for (const Event& event : group.events) std::visit(check, event);
  }
}

}  // namespace

void FuzzService(std::string_view bytes) {
  const http::Limits limits;
  const http::HostPolicy hosts;
  RequestReader reader(limits, hosts);
  // Most inputs contain no whole request, and need no engine.
  std::optional<ServiceWorld> world;
  for (;;) {
    const RequestReader::Progress progress = reader.Parse();
    if (progress == RequestReader::Progress::kRejected) break;
    if (progress == RequestReader::Progress::kWhole) {
      if (!world) world.emplace();
      CheckAnswer(world->Ask(reader.request()));
      if (!reader.keep_alive()) break;
      reader.Next();
      continue;
    }
    if (bytes.empty()) break;
    const std::span<char> space = reader.Space();
    const std::size_t count = std::min(space.size(), bytes.size());
    std::copy_n(bytes.begin(), count, space.begin());
    reader.Commit(count);
    bytes.remove_prefix(count);
  }
  if (world) CheckLog(world->Groups());
}

}  // namespace coupond::fuzz

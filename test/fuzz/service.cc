// Passes the bytes of one connection through the whole service, including the engine. Whatever
// clients send, every request is answered, the answer can be sent and understood, no campaign
// issues more than its total, the coupons of a batch follow it, no coupon is redeemed twice, a
// search finds what the log says, a user who was erased is in no record, and the log can be read
// back.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/normal_text.h"
#include "coupon/v1/coupon_service.pb.h"
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

/// Returns the number of coupons that are found on pages of three, none of them twice.
std::size_t CountFound(ServiceWorld& world, coupon::v1::SearchCouponsRequest request) {
  static constexpr http::HeaderField kProtobuf{"Content-Type", "application/proto"};
  std::set<std::string> codes;
  request.set_page_size(3);
  do {
    const std::string body = request.SerializeAsString();
    const WholeAnswer answer = world.Ask({.method = "POST",
                                          .path = "/coupon.v1.CouponService/SearchCoupons",
                                          .query = {},
                                          .body = body,
                                          .headers = {&kProtobuf, 1}});
    coupon::v1::SearchCouponsResponse page;
    Require(answer.head.status == 200 && page.ParseFromString(answer.body), "a search is answered",
            answer.body);
    for (const coupon::v1::Coupon& coupon : page.coupons()) {
      Require(codes.insert(coupon.code()).second, "no coupon is found twice", coupon.code());
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return codes.size();
}

/// Checks the events of a log one by one, without the engine's own counting.
class LogCheck {
 public:
  void operator()(const CampaignCreated& event) {
    Require(
        campaigns_.emplace(event.number, Counts{.id = event.id, .total = event.terms.total_coupons})
            .second,
        "a campaign is created once");
    Require(!event.terms.name.empty(), "a campaign has a name");
    CheckText(event.terms.name);
    CheckDescription(event.terms.description);
  }
  void operator()(const CouponIssued& event) {
    const auto campaign = campaigns_.find(event.campaign);
    Require(campaign != campaigns_.end() && campaign->second.issued++ < campaign->second.total,
            "no campaign issues more than its total");
    Require(coupons_.emplace(event.serial, Coupon{event.campaign, event.user_id}).second,
            "no serial is used twice");
    if (event.holder && event.user_id.empty()) lacks_text_.insert(event.serial);
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
    const bool is_void = coupon != coupons_.end() && coupon->second.state == CouponState::kVoided;
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
  void operator()(const StoreRestored& /*event*/) {
    Require(false, "no request puts the store back");
  }
  void operator()(const ClockReset& /*event*/) {
    Require(false, "a clock that is not disputed is not reset");
  }
  void operator()(const UserErased& event) {
    Require(!event.serials.empty(), "an erasure has coupons");
    for (const Serial serial : event.serials) {
      const auto coupon = coupons_.find(serial);
      Require(coupon != coupons_.end() && coupon->second.campaign == event.campaign,
              "coupons are erased that there are");
      Require(lacks_text_.erase(serial) == 1, "what was erased is in no record, and erased once");
    }
    is_erasing_ = true;
  }
  void operator()(const ErasureFinished& /*event*/) {
    Require(std::exchange(is_erasing_, false), "only what was erased is finished");
  }
  void operator()(const BatchIssued& event) {
    Require(event.coupons > 0, "a batch has coupons");
    left_of_batch_ = event.coupons;
    batch_of_ = event.campaign;
  }
  void operator()(const auto& /*event*/) {}

  /// Checks one event after the other.
  void Add(const Event& event) {
    if (left_of_batch_ > 0) {
      const auto* const issued = std::get_if<CouponIssued>(&event);
      Require(issued != nullptr && issued->campaign == batch_of_,
              "the coupons of a batch follow it");
      --left_of_batch_;
    }
    std::visit(*this, event);
  }
  void CheckEndOfGroup() const {
    Require(left_of_batch_ == 0, "a group has the whole of its batches");
  }

  /// Checks that every erasure is finished, and that nobody else has lost a text.
  void CheckErasures() const {
    Require(!is_erasing_, "an answered erasure is finished");
    Require(lacks_text_.empty(), "only what was erased lacks its text");
  }

  /// Checks that searches find the coupons of live campaigns by campaign, user and state.
  void CheckSearches(ServiceWorld& world) const {
    std::map<std::string, std::size_t> of_user;
    for (const auto& [number, campaign] : campaigns_) {
      std::size_t issued_ever = 0;
      std::size_t redeemed = 0;
      for (const auto& [serial, coupon] : coupons_) {
        if (coupon.campaign != number) continue;
        ++issued_ever;
        if (coupon.state == CouponState::kRedeemed) ++redeemed;
        if (!coupon.user_id.empty()) ++of_user[coupon.user_id];
      }
      coupon::v1::SearchCouponsRequest request;
      request.set_campaign_id(FormatUuid(campaign.id.bytes));
      Require(CountFound(world, request) == issued_ever, "a search finds a campaign's coupons");
      request.add_states(coupon::v1::COUPON_STATE_REDEEMED);
      Require(CountFound(world, request) == redeemed, "a search finds the coupons in a state");
    }
    for (const auto& [user_id, count] : of_user) {
      coupon::v1::SearchCouponsRequest request;
      request.set_user_id(user_id);
      request.set_order(coupon::v1::COUPON_ORDER_NEWEST_FIRST);
      Require(CountFound(world, request) == count, "a search finds a user's coupons", user_id);
    }
  }

 private:
  struct Counts {
    CampaignId id;
    std::int64_t total = 0;
    std::int64_t issued = 0;
  };
  struct Coupon {
    CampaignNumber campaign;
    std::string user_id;
    CouponState state = CouponState::kIssued;
  };

  /// Checks that the coupon has a state, and gives it the next one.
  void Change(Serial serial, CouponState from, CouponState to) {
    const auto coupon = coupons_.find(serial);
    Require(coupon != coupons_.end() && coupon->second.state == from,
            "a coupon's states follow each other");
    coupon->second.state = to;
  }
  static void CheckDescription(const std::string& text) {
    const auto normal = NormalFormOfLines(text);
    Require(normal.has_value() && !normal->has_value(), "what is logged is in normal form", text);
  }

  std::map<CampaignNumber, Counts> campaigns_;
  std::map<Serial, Coupon> coupons_;
  std::set<Serial> lacks_text_;  // although somebody holds them, and not erased so far
  bool is_erasing_ = false;
  std::uint32_t left_of_batch_ = 0;
  CampaignNumber batch_of_;
};

/// Checks the whole log. Returns what is in it.
LogCheck CheckLog(const std::vector<CommitGroup>& groups) {
  storage::EventCodec codec;
  LogCheck check;
  for (const CommitGroup& group : groups) {
    std::string record;
    codec.Write(group, GroupHash{}, record);
    Require(codec.Decode(*storage::ParseRecord(record)) == group,
            "what is logged can be read again");
    for (const Event& event : group.events) check.Add(event);
    check.CheckEndOfGroup();
  }
  check.CheckErasures();
  return check;
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
  if (world) CheckLog(world->Groups()).CheckSearches(*world);
}

}  // namespace coupond::fuzz

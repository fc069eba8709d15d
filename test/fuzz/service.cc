// Passes the bytes of one connection through the whole service, including the engine. Whatever
// clients send, every request is answered, the answer can be sent and understood, no campaign
// issues more than its total, and the log can be read back.
#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/normal_text.h"
#include "fuzz/invariant.h"
#include "fuzz/service_world.h"
#include "fuzz/targets.h"
#include "rpc/http/http1/reply_head.h"
#include "rpc/http/http1/request_reader.h"
#include "rpc/json/json_document.h"
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
  }
}

/// Checks that names and ids are logged in their normal form.
void CheckText(const std::string& text) {
  const auto normal = NormalForm(text);
  Require(normal.has_value() && !normal->has_value(), "what is logged is in normal form", text);
}

/// Checks the log without the engine's own counting.
void CheckLog(const std::vector<CommitGroup>& groups) {
  storage::EventCodec codec;
  std::map<CampaignNumber, std::int64_t> left;
  for (const CommitGroup& group : groups) {
    std::string payload;
    codec.Append(group, payload);
    Require(codec.Decode(payload) == group, "what is logged can be read again");
    for (const Event& event : group.events) {
      if (const auto* created = std::get_if<CampaignCreated>(&event)) {
        Require(left.emplace(created->number, created->total_coupons).second,
                "a campaign is created once");
        Require(!created->name.empty(), "a campaign has a name");
        CheckText(created->name);
      } else if (const auto* issued = std::get_if<CouponIssued>(&event)) {
        const auto campaign = left.find(issued->campaign);
        Require(campaign != left.end() && campaign->second-- > 0,
                "no campaign issues more than its total");
        CheckText(issued->user_id);
      } else if (const auto* deleted = std::get_if<CampaignDeleted>(&event)) {
        Require(left.erase(deleted->campaign) == 1, "only what is there is deleted");
      }
    }
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

// One path of an issue, a given number of times, for bench/instructions to count the instructions
// of.

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "encoded_log.h"
#include "engine/rules/decide.h"
#include "engine/rules/ledger.h"
#include "program/command_line.h"
#include "stepped_server.h"
#include "workload.h"

namespace coupond::bench {
namespace {

/// The issues that share a commit group, each from a connection of its own.
constexpr std::size_t kIssuesPerGroup = 64;
constexpr std::int64_t kCoupons = 1'000'000;

/// Decides, applies and encodes groups of issues, with a claim each or without.
void RunRules(std::uint64_t groups, bool with_claims) {
  Ledger ledger;
  EncodedLog log;
  std::uint64_t asked = 0;
  std::vector<Event> following;
  const auto add = [&](CommitGroup& group, Command command) {
    Event& event = group.events.emplace_back();
    const Decision decision = Decide(ledger, std::move(command), kNow, event, following);
    COUPOND_CHECK(std::holds_alternative<Accepted>(decision));
    Apply(ledger, event, kSomewhere);
  };
  for (std::uint64_t i = 0; i <= groups; ++i) {
    CommitGroup group{.number = log.Tip().group.Next(),
                      .first_sequence = log.Tip().sequence.Next(),
                      .commit_time = kNow,
                      .events = {}};
    group.events.reserve(kIssuesPerGroup);
    if (i == 0) {
      add(group, CreateBigCampaign(kCoupons, kNow));
    } else {
      while (group.events.size() < kIssuesPerGroup) {
        add(group, with_claims ? ClaimedIssue(asked++) : AnonymousIssue());
      }
    }
    COUPOND_CHECK(log.Append(group).has_value());
  }
}

/// What stands in a body for a number that is different in each request.
constexpr std::string_view kNumber = "987654321";

/// What the clients of a server ask for, and what each answer must contain, but for those of the
/// first group.
struct Questions {
  std::string_view content_type;
  std::string body;  ///< # stands for the campaign's id

  std::string_view expected;
  std::int64_t coupons = kCoupons;
  bool with_keys = false;
};

std::string CreateCampaign(SteppedServer& server, std::int64_t coupons) {
  const std::string body =
      R"({"name":"n","startIn":"0s","totalCoupons":)" + std::to_string(coupons) + "}";
  const std::array request = {
      server.Post("/coupon.v1.CouponService/CreateCampaign", "application/json", body)};
  const std::string& answer = server.Answer(request).front();
  constexpr std::string_view kBefore = R"("id":")";
  constexpr std::size_t kUuidLength = 36;
  const std::size_t place = answer.find(kBefore);
  COUPOND_CHECK(place != std::string::npos);
  return answer.substr(place + kBefore.size(), kUuidLength);
}

/// Overwrites the number in a request, if it has one, with a number of nine digits.
void SetNumber(std::string& request, std::size_t place, std::uint64_t number) {
  if (place != std::string::npos) std::to_chars(&request[place], &request[place] + 9, number);
}

/// Searches as memmem does, which takes far fewer instructions than std::string::find.
bool Contains(const std::string& text, std::string_view part) {
  return ::memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

/// Asks a server for coupons, `groups` times on every connection.
void RunHttp(std::uint64_t groups, const Questions& questions) {
  SteppedServer server(kIssuesPerGroup, questions.with_keys);
  std::string body = questions.body;
  body.replace(body.find('#'), 1, CreateCampaign(server, questions.coupons));
  std::vector<std::string> requests(
      kIssuesPerGroup,
      server.Post("/coupon.v1.CouponService/IssueCoupon", questions.content_type, body));
  const std::size_t place = requests.front().find(kNumber);
  std::uint64_t number = 100'000'000;
  for (std::uint64_t i = 0; i < groups; ++i) {
    for (std::string& request : requests) SetNumber(request, place, ++number);
    for (const std::string& answer : server.Answer(requests)) {
      COUPOND_CHECK(Contains(answer, questions.expected) || i == 0);
    }
  }
  // Nothing more is to be counted.
  std::_Exit(EXIT_SUCCESS);
}

void RunPath(const std::string& path, std::uint64_t groups) {
  constexpr std::string_view kJson = "application/json";
  constexpr std::string_view kIssued = R"("alreadyIssued":false)";
  if (path == "rules") return RunRules(groups, /*with_claims=*/false);
  if (path == "rules-claims") return RunRules(groups, /*with_claims=*/true);
  if (path == "json") return RunHttp(groups, {kJson, R"({"campaignId":"#"})", kIssued});
  if (path == "key") {
    return RunHttp(groups, {.content_type = kJson,
                            .body = R"({"campaignId":"#"})",
                            .expected = kIssued,
                            .with_keys = true});
  }
  if (path == "protobuf") return RunHttp(groups, {"application/proto", "\x0A\x24#", "\x08\x01"});
  if (path == "new-user") {
    return RunHttp(groups, {kJson, R"({"campaignId":"#","userId":"user-987654321"})", kIssued});
  }
  if (path == "same-user") {
    return RunHttp(groups,
                   {kJson, R"({"campaignId":"#","userId":"someone"})", R"("alreadyIssued":true)"});
  }
  return RunHttp(groups, {kJson, R"({"campaignId":"#"})", R"("refusal":"REFUSAL_SOLD_OUT")", 1});
}

int Run(int argc, char** argv) {
  std::string path;
  std::uint64_t groups = 1;
  CLI::App app("Runs one path of an issue, 64 at a time", "coupond_instructions");
  app.add_option("PATH", path, "The path")
      ->required()
      ->check(CLI::IsMember({"rules", "rules-claims", "json", "key", "protobuf", "new-user",
                             "same-user", "sold-out"}));
  AddInteger(app, "--groups", groups, {1, 10'000}, "How often 64 coupons are asked for");
  if (const auto status = ParseCommandLine(app, argc, argv, EXIT_FAILURE)) return *status;
  RunPath(path, groups);
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace coupond::bench

int main(int argc, char** argv) { return coupond::bench::Run(argc, argv); }

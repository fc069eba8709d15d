// Makes a large store for script/bench and bench/growth, without HTTP. The first campaign has all
// the coupons. Prints the ids of the campaigns, one a line, in order of creation.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/check.h"
#include "engine/rules/command.h"
#include "engine/rules/ids.h"
#include "engine/rules/limits.h"
#include "engine_on_disk.h"
#include "issue_client.h"
#include "program/command_line.h"
#include "workload.h"

namespace coupond::bench {
namespace {

/// Coupons are issued in groups as large as those of a server with this many connections.
constexpr std::size_t kInFlight = 256;
constexpr std::uint64_t kCouponsMax = 50'000'000;

struct Contents {
  std::uint64_t campaigns = 1;
  std::uint64_t coupons = 0;
  std::uint64_t claims = 0;
};

std::vector<Command> CreateCampaigns(std::uint64_t count) {
  constexpr std::chrono::nanoseconds kAtOnce(0);
  std::vector<Command> commands;
  commands.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    commands.emplace_back(CreateCampaign{.id = NumberedId<CampaignId>(i),
                                         .name = "campaign number " + std::to_string(i),
                                         .total_coupons = limits::kCouponsPerCampaignMax,
                                         .start_time = kAtOnce});
  }
  return commands;
}

void Issue(Engine& engine, IssueClient& client, IssueClient::Kind kind, std::uint64_t count,
           Serial first) {
  if (count == 0) return;
  const IssueRun run = client.Issue(engine, kind, count, kInFlight, first);
  if (!run.fault.empty()) std::fprintf(stderr, "coupond_fill: %s\n", run.fault.c_str());
  COUPOND_CHECK(run.fault.empty());
}

void Fill(const std::filesystem::path& directory, const Contents& contents) {
  IssueClient client;
  EngineOnDisk on_disk(directory);
  Engine& engine = on_disk.engine();
  client.DoAll(engine, CreateCampaigns(contents.campaigns));
  using Kind = IssueClient::Kind;
  Issue(engine, client, Kind::kAnonymous, contents.coupons, Serial(1));
  Issue(engine, client, Kind::kWithClaims, contents.claims, Serial(1 + contents.coupons));
  on_disk.Close();
  for (std::uint64_t i = 0; i < contents.campaigns; ++i) {
    std::printf("%s\n", FormatUuid(NumberedId<CampaignId>(i).bytes).c_str());
  }
}

int Run(int argc, char** argv) {
  Contents contents;
  std::filesystem::path directory;
  CLI::App app("Makes a large store. Its first campaign has all the coupons.", "coupond_fill");
  app.add_option("DIR", directory, "Folder of the new store")->required();
  AddInteger(app, "--campaigns", contents.campaigns, {1, limits::kLiveCampaignsMax}, "Campaigns");
  AddInteger(app, "--coupons", contents.coupons, {0, kCouponsMax}, "Coupons without a claim");
  AddInteger(app, "--claims", contents.claims, {0, kCouponsMax},
             "Coupons with a claim each, in addition");
  if (const auto status = ParseCommandLine(app, argc, argv, EXIT_FAILURE)) return *status;
  if (std::filesystem::exists(directory)) {
    return ReportUsageError("coupond_fill", "", directory.string() + " exists; name a new folder");
  }
  Fill(directory, contents);
  return std::fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace coupond::bench

int main(int argc, char** argv) { return coupond::bench::Run(argc, argv); }

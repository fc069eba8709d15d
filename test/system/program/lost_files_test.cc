#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/http_client.h"
#include "system/program/server_process.h"

/// Another program deletes, moves, replaces or empties files of a server that is issuing coupons.
namespace coupond::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::seconds kPatience{60};
constexpr std::size_t kClients = 4;
constexpr int kAnswersBefore = 40;

struct Harm {
  std::string name;
  std::string file;  ///< what the message must contain
  std::function<void(const fs::path& data)> run;
  /// Undoes it once it was noticed, before anything is saved.
  std::function<void(const fs::path& data)> undo = {};
};

void PrintTo(const Harm& harm, std::ostream* out) { *out << harm.name; }

/// Returns the newest file of the log with this extension.
fs::path Newest(const fs::path& data, const std::string& ending) {
  fs::path newest;
  for (const auto& entry : fs::directory_iterator(data / "log")) {
    if (entry.path().extension() == ending) newest = std::max(newest, entry.path());
  }
  return newest;
}

fs::path Manifest(const fs::path& data) {
  for (const auto& entry : fs::directory_iterator(data / "log")) {
    if (entry.path().filename().string().starts_with("MANIFEST")) return entry.path();
  }
  return {};
}

void ReplaceByCopy(const fs::path& file) {
  const fs::path copy = file.string() + ".copy";
  fs::copy_file(file, copy);
  fs::rename(copy, file);
}

class LostFiles : public testing::TestWithParam<Harm> {
 protected:
  /// Issues over many connections until the server stops answering. Returns once some were
  /// answered, which fails the test if it takes too long.
  void BeginLoad(const ServerProcess& server, const std::string& campaign) {
    told_.resize(kClients);
    for (std::vector<std::string>& mine : told_) {
      clients_.emplace_back([this, &mine, campaign, port = server.port()] {
        CouponClient own(port);
        for (auto answer = own.Issue(campaign); answer.ok(); answer = own.Issue(campaign)) {
          mine.push_back(answer.response.coupon().code());
          if (++answers_ == kAnswersBefore) enough_.set_value();
        }
      });
    }
    ASSERT_EQ(enough_.get_future().wait_for(kPatience), std::future_status::ready)
        << "only " << answers_ << " of the " << kAnswersBefore
        << " answers that were awaited came\n"
        << server.output();
  }
  std::set<std::string> EndLoad() {
    clients_.clear();
    std::set<std::string> told;
    for (const auto& mine : told_) told.insert(mine.begin(), mine.end());
    return told;
  }

 private:
  std::vector<std::vector<std::string>> told_;
  std::atomic<int> answers_ = 0;
  std::promise<void> enough_;  // kept once answers_ is kAnswersBefore
  std::vector<std::jthread> clients_;
};

TEST_P(LostFiles, AreNoticedAndNothingAcknowledgedIsLost) {
  ServerProcess server;
  // The second start has a table as well as a WAL.
  const std::string campaign = CouponClient(server.port()).CreateStarted("lost", 10'000'000);
  ASSERT_EQ(server.Stop(), 0) << server.output();
  server.Start();
  const fs::path data = server.data_directory();

  ASSERT_NO_FATAL_FAILURE(BeginLoad(server, campaign));
  // While a request has arrived in part, the server waits for the rest before it saves, but no
  // longer than kDrainTime (src/coupond/serve.cc), by when the harm must be undone.
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  std::optional<HttpClient> half;
  if (GetParam().undo) {
    half.emplace(server.port());
    ASSERT_TRUE(half->Ask(request));  // the connection is being read
    ASSERT_TRUE(half->Send(request.substr(0, request.size() / 2)) && half->WaitUntilArrived());
  }
  GetParam().run(data);
  const auto harmed = std::chrono::steady_clock::now();
  const auto line = server.process().WaitForLine("(file_lost)", kPatience);
  const auto noticed = std::chrono::steady_clock::now() - harmed;
  ASSERT_TRUE(line) << server.output();
  EXPECT_THAT(*line, HasSubstr((data / GetParam().file).string()));
  std::printf("noticed after %.1f ms\n",
              std::chrono::duration<double, std::milli>(noticed).count());
  if (GetParam().undo) GetParam().undo(data);
  half.reset();
  EXPECT_EQ(server.process().WaitForExit(kPatience), 1) << server.output();
  EXPECT_THAT(server.output(), HasSubstr("nothing is lost"));
  const std::set<std::string> told = EndLoad();

  server.Start();
  const std::vector<std::string> codes = CouponClient(server.port()).Codes(campaign);
  const std::set<std::string> there(codes.begin(), codes.end());
  EXPECT_EQ(there.size(), codes.size());
  for (const std::string& code : told) EXPECT_TRUE(there.contains(code)) << code;
  EXPECT_EQ(server.Stop(), 0) << server.output();
  Process audit({COUPON_AUDIT_PATH, "verify", data.string()});
  EXPECT_EQ(audit.WaitForExit(kPatience), 0) << audit.output();
}

INSTANTIATE_TEST_SUITE_P(
    , LostFiles,
    testing::Values(
        Harm{"WalDeleted", "log/", [](const fs::path& data) { fs::remove(Newest(data, ".log")); }},
        Harm{"WalEmptied", "log/",
             [](const fs::path& data) { fs::resize_file(Newest(data, ".log"), 0); }},
        Harm{"WalCut", "log/",
             [](const fs::path& data) { fs::resize_file(Newest(data, ".log"), 100); }},
        Harm{"WalReplaced", "log/",
             [](const fs::path& data) { ReplaceByCopy(Newest(data, ".log")); }},
        Harm{"WalRotated", "log/",
             [](const fs::path& data) {
               const fs::path wal = Newest(data, ".log");
               fs::rename(wal, wal.string() + ".1");
               std::ofstream{wal};
             }},
        Harm{"TableDeleted", "log/",
             [](const fs::path& data) { fs::remove(Newest(data, ".sst")); }},
        Harm{"ManifestDeleted", "log/MANIFEST",
             [](const fs::path& data) { fs::remove(Manifest(data)); }},
        Harm{"CurrentDeleted", "log/CURRENT",
             [](const fs::path& data) { fs::remove(data / "log" / "CURRENT"); }},
        Harm{"LockDeleted", "LOCK", [](const fs::path& data) { fs::remove(data / "LOCK"); }},
        Harm{"FormatDeleted", "FORMAT", [](const fs::path& data) { fs::remove(data / "FORMAT"); }},
        Harm{"LogDeleted", "log", [](const fs::path& data) { fs::remove_all(data / "log"); }},
        Harm{"DataDirectoryDeleted", "",
             [](const fs::path& data) {
               // The server creates another file there from time to time.
               std::error_code not_empty;
               fs::remove_all(data, not_empty);
             }},
        Harm{"DataDirectoryMovedAndBack", "",
             [](const fs::path& data) { fs::rename(data, data.string() + ".away"); },
             [](const fs::path& data) { fs::rename(data.string() + ".away", data); }}),
    [](const testing::TestParamInfo<Harm>& harm) { return harm.param.name; });

TEST(LostFilesAtTheEnd, AreFoundByTheLastCheck) {
  ServerProcess server;
  CouponClient client(server.port());
  const std::string campaign = client.CreateStarted("last look", 10);
  const std::string code = client.Issue(campaign).response.coupon().code();
  fs::remove(Newest(server.data_directory(), ".log"));
  EXPECT_EQ(server.Stop(kPatience), 1) << server.output();
  EXPECT_THAT(server.output(), Not(HasSubstr("everything is on disk")));
  server.Start();
  EXPECT_THAT(CouponClient(server.port()).Codes(campaign), ElementsAre(code));
}

TEST(LostFilesAtTheEnd, AreSavedAtTheSecondTryDespiteAnEarlierStop) {
  ServerProcess server;
  CouponClient client(server.port());
  const std::string campaign = client.CreateStarted("second try", 10);
  const std::string code = client.Issue(campaign).response.coupon().code();
  const fs::path lock = server.data_directory() / "LOCK";
  fs::remove(lock);
  fs::create_directory(lock);  // The store cannot be locked again.
  // Like an impatient operator. One signal ends the serving, the others are pending before the loss
  // is found.
  for (const int signal : {SIGSTOP, SIGINT, SIGQUIT, SIGTERM, SIGCONT}) {
    server.process().Signal(signal);
  }
  ASSERT_TRUE(server.process().WaitForLine("tries again", kPatience)) << server.output();
  fs::remove(lock);
  ASSERT_TRUE(server.process().WaitForLine("nothing is lost", kPatience)) << server.output();
  EXPECT_EQ(server.process().WaitForExit(kPatience), 1) << server.output();
  server.Start();
  EXPECT_THAT(CouponClient(server.port()).Codes(campaign), ElementsAre(code));
}

TEST(LostFilesAtTheEnd, AreNamedDespiteAnEarlierFailedWrite) {
  ServerProcess server;
  CouponClient client(server.port());
  const std::string campaign = client.CreateStarted("two faults", 10);
  const std::string code = client.Issue(campaign).response.coupon().code();
  server.process().Signal(SIGSTOP);
  const fs::path wal = Newest(server.data_directory(), ".log");
  fs::remove(wal);
  fs::remove_all(server.data_directory() / "views");  // so the views cannot be flushed
  server.BeginStop();
  server.process().Signal(SIGCONT);
  EXPECT_EQ(server.process().WaitForExit(kPatience), 1) << server.output();
  EXPECT_THAT(server.output(), HasSubstr(wal.string() + " was deleted"));
  server.Start();
  EXPECT_THAT(CouponClient(server.port()).Codes(campaign), ElementsAre(code));
}

TEST(LostWatermark, IsNoticedWhileIdle) {
  ServerProcess server;
  const std::string campaign = CouponClient(server.port()).CreateStarted("watermark", 10);
  const std::string code = CouponClient(server.port()).Issue(campaign).response.coupon().code();
  // Until the store has written it for the last time, it may replace it.
  std::optional<std::string> line;
  for (const auto end = std::chrono::steady_clock::now() + kPatience;
       !line && std::chrono::steady_clock::now() < end;) {
    fs::remove(server.data_directory() / "WATERMARK");
    line = server.process().WaitForLine("(file_lost)", std::chrono::milliseconds(500));
  }
  ASSERT_TRUE(line) << server.output();
  EXPECT_THAT(*line, HasSubstr("WATERMARK was deleted"));
  EXPECT_EQ(server.process().WaitForExit(kPatience), 1) << server.output();
  server.Start();
  EXPECT_THAT(CouponClient(server.port()).Codes(campaign), ElementsAre(code));
}

TEST(LostWal, IsSavedWithoutTheDelayOfAStop) {
  ServerProcess server({"--drain-delay", "1h"});
  const std::string campaign = CouponClient(server.port()).CreateStarted("lost", 10);
  const std::string code = CouponClient(server.port()).Issue(campaign).response.coupon().code();
  fs::remove(Newest(server.data_directory(), ".log"));
  EXPECT_EQ(server.process().WaitForExit(kPatience), 1) << server.output();
  server.Start();
  EXPECT_THAT(CouponClient(server.port()).Codes(campaign), ElementsAre(code));
  server.Kill();
}

TEST(LostViews, AreAWarningAndAreRebuilt) {
  ServerProcess server;
  const std::string campaign = CouponClient(server.port()).CreateStarted("views", 10);
  ASSERT_EQ(server.Stop(), 0);
  server.Start();
  const std::string code = CouponClient(server.port()).Issue(campaign).response.coupon().code();
  for (const auto& entry : fs::directory_iterator(server.data_directory() / "views")) {
    if (entry.path().extension() == ".sst") fs::remove(entry);
  }
  ASSERT_TRUE(server.process().WaitForLine("No coupon is lost", kPatience)) << server.output();
  EXPECT_TRUE(CouponClient(server.port()).Issue(campaign).ok());
  EXPECT_EQ(server.Stop(kPatience), 0) << server.output();
  server.Start();
  EXPECT_THAT(CouponClient(server.port()).Codes(campaign), testing::SizeIs(2));
  EXPECT_THAT(CouponClient(server.port()).Codes(campaign), testing::Contains(code));
}

TEST(LogReadme, ExplainsTheFilesAndIsNotNeeded) {
  ServerProcess server;
  const fs::path readme = server.data_directory() / "log" / "README";
  ASSERT_TRUE(fs::exists(readme));
  ASSERT_TRUE(fs::remove(readme));
  EXPECT_EQ(server.Stop(), 0) << server.output();
  server.Start();
  EXPECT_TRUE(fs::exists(readme)) << "a store that lacks it gets it at the next start";
  std::ifstream file(readme);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(text, HasSubstr("Do not delete"));
}

}  // namespace
}  // namespace coupond::test

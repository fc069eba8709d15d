#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "access/keys_file.h"
#include "support/temporary_directory.h"
#include "system/program/coupon_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

// The built couponctl makes and revokes keys, and the real server goes by them.
namespace coupond::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class KeysProgram : public testing::Test {
 protected:
  /// Runs couponctl with COUPOND_KEY, which must exit with this status. Returns what it printed.
  static std::string Run(const std::vector<std::string>& arguments, int status = 0,
                         const std::string& key = "") {
    std::vector<std::string> command = {"/usr/bin/env"};
    command.emplace_back(key.empty() ? "-uCOUPOND_KEY" : "COUPOND_KEY=" + key);
    command.emplace_back(COUPONCTL_PATH);
    command.insert(command.end(), arguments.begin(), arguments.end());
    Process process(command);
    EXPECT_EQ(process.WaitForExit(std::chrono::seconds(60)), status) << process.output();
    return process.output();
  }
  /// Makes a key, and returns its text.
  std::string New(const std::string& role, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"keys", "new", "--role", role, "--file", file_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const std::string output = Run(arguments);
    const std::size_t begin = output.find("ck_");
    return output.substr(begin, output.find('\n', begin) - begin);
  }
  static std::string IdOf(const std::string& key) {
    return FormatKeyId(access::ParseKeyText(key)->id);
  }
  /// Runs couponctl against the server.
  std::string Ask(const ServerProcess& server, std::vector<std::string> arguments,
                  const std::string& key, int status = 0) const {
    arguments.insert(arguments.begin(),
                     {"--server", "http://127.0.0.1:" + std::to_string(server.port())});
    return Run(arguments, status, key);
  }
  /// Asks until a key is refused or, with `status` 0, accepted.
  void WaitUntil(const ServerProcess& server, const std::string& key, int status) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
    for (;;) {
      Process process(
          {"/usr/bin/env", "COUPOND_KEY=" + key, COUPONCTL_PATH, "--server", url, "list"});
      if (process.WaitForExit(std::chrono::seconds(60)) == status) return;
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << process.output();
    }
  }

  TemporaryDirectory directory_;
  const std::string file_ = (directory_.path() / "keys.toml").string();
};

TEST_F(KeysProgram, AKeyIsShownOnceAndListedWithoutItsSecret) {
  const std::string key = New("issuer", {"--note", "the shop", "--expires", "90d"});
  EXPECT_THAT(key, StartsWith("ck_issuer_"));
  std::ifstream file(file_);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::string secret(access::ParseKeyText(key)->secret);
  EXPECT_THAT(text, Not(HasSubstr(secret)));
  const std::string list = Run({"keys", "list", "--file", file_});
  EXPECT_THAT(list, AllOf(HasSubstr(IdOf(key)), HasSubstr("issuer"), HasSubstr("valid"),
                          HasSubstr("the shop"), Not(HasSubstr(secret))));
  EXPECT_THAT(Run({"keys", "revoke", IdOf(key), "--file", file_}), HasSubstr("is revoked"));
  EXPECT_THAT(Run({"keys", "list", "--file", file_, "--json"}), HasSubstr(R"("state":"revoked")"));
}

TEST_F(KeysProgram, SaysWhatIsWrong) {
  EXPECT_THAT(Run({"keys", "new", "--role", "root", "--file", file_}, 2), HasSubstr("--role"));
  EXPECT_THAT(Run({"keys", "new", "--role", "admin"}, 2), HasSubstr("--file"));
  EXPECT_THAT(Run({"keys", "new", "--role", "admin", "--campaign", "x", "--file", file_}, 2),
              HasSubstr("\"x\" is not the id of a campaign"));
  EXPECT_THAT(Run({"keys", "list", "--file", file_}, 3), HasSubstr("No such file"));
  New("admin");
  EXPECT_THAT(Run({"keys", "revoke", "x", "--file", file_}, 2), HasSubstr("not the id of a key"));
  EXPECT_THAT(Run({"keys", "revoke", "bbbbbbbb", "--file", file_}, 2),
              HasSubstr("no key bbbbbbbb"));
  EXPECT_THAT(Run({"list"}, 2, "ck_nonsense"),
              AllOf(HasSubstr("COUPOND_KEY is no access key"), Not(HasSubstr("nonsense"))));
  EXPECT_THAT(Run({"list", "--key-file", file_}, 2),
              HasSubstr("--key-file " + file_ + " is no access key"));
  EXPECT_THAT(Run({"list", "--key-file", "/dev/null"}, 2), HasSubstr("its first line is empty"));
  EXPECT_THAT(Run({"list", "--key-file", file_ + ".none"}, 2),
              HasSubstr(".none cannot be read: No such file or directory"));
}

TEST_F(KeysProgram, TheServerAsksForKeysAndNoticesNewOnes) {
  const std::string admin = New("admin");
  ServerProcess server({"--keys-file", file_});
  EXPECT_THAT(Ask(server, {"list"}, "", 1),
              AllOf(HasSubstr("unauthenticated"), HasSubstr("--key-file FILE")));
  const std::string created = Ask(
      server, {"create", "--name", "summer", "--total", "5", "--start-in", "0s", "--json"}, admin);
  const std::size_t at = created.find(R"("id":")") + 6;
  const std::string campaign = created.substr(at, 36);
  const std::string issuer = New("issuer", {"--campaign", campaign});
  ASSERT_TRUE(server.process().WaitForLine("access keys: 2", std::chrono::minutes(1)));
  Ask(server, {"issue", campaign, "--user-id", "kim"}, issuer);
  EXPECT_THAT(Ask(server, {"delete", campaign}, issuer, 1), HasSubstr("permission_denied"));

  // The key can come from a file, too.
  const std::string key_file = (directory_.path() / "key").string();
  std::ofstream(key_file) << admin << "\n";
  EXPECT_THAT(Ask(server, {"get", campaign, "--key-file", key_file}, ""), HasSubstr("summer"));
  // Everything that couponctl does sends it.
  EXPECT_THAT(Ask(server,
                  {"load", campaign, "--concurrency", "2", "--rate", "50", "--duration", "200ms",
                   "--drain", "50s"},
                  admin),
              HasSubstr("consistency: ok"));
  // Watching ends by itself, because it is sold out.
  EXPECT_THAT(Ask(server, {"watch", campaign}, admin), HasSubstr("summer"));

  Run({"keys", "revoke", IdOf(admin), "--file", file_});
  WaitUntil(server, admin, 1);
  EXPECT_THAT(Ask(server, {"list"}, admin, 1), HasSubstr("the access key was revoked"));
}

}  // namespace
}  // namespace coupond::test

#include "access/keys_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/builders.h"
#include "support/temporary_directory.h"

namespace coupond::access {
namespace {

using testing::HasSubstr;

constexpr std::string_view kHash =
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

std::string Table(const std::string& id, const std::string& more = "") {
  return "[[key]]\nid = \"" + id + "\"\nrole = \"viewer\"\nsecret_sha256 = \"" +
         std::string(kHash) + "\"\n" + more;
}

class KeysFileTest : public testing::Test {
 protected:
  void Write(const std::string& text) const { std::ofstream(path_) << text; }
  [[nodiscard]] std::string Read() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

  test::TemporaryDirectory directory_;
  const std::string path_ = (directory_.path() / "keys.toml").string();
  SystemEntropy entropy_;
};

TEST(ParseKeysTest, ReadsAllFields) {
  const auto keys = ParseKeys(
      "# the shops\n" +
      Table("k3v7x2ma",
            "campaigns = [\"" + FormatUuid(test::Id(2).bytes) + "\", \"" +
                FormatUuid(test::Id(1).bytes) +
                "\"]\ncreated = 1970-01-01T00:00:01Z\nexpires = 1970-01-01T09:00:02+09:00\n"
                "revoked = 1970-01-01T00:00:03.5Z\nnote = \"일\"\n"));
  ASSERT_TRUE(keys) << keys.error().message;
  ASSERT_EQ(keys->size(), 1U);
  const Key& key = keys->front();
  EXPECT_EQ(FormatKeyId(key.id), "k3v7x2ma");
  EXPECT_EQ(key.role, Role::kViewer);
  EXPECT_EQ(key.secret_hash[0], 0x9f);
  EXPECT_EQ(key.secret_hash[31], 0x08);
  EXPECT_EQ(key.campaigns, (std::vector{test::Id(1), test::Id(2)}));
  EXPECT_EQ(key.created->unix_nanoseconds(), 1'000'000'000);
  EXPECT_EQ(key.expires->unix_nanoseconds(), 2'000'000'000);
  EXPECT_EQ(key.revoked->unix_nanoseconds(), 3'500'000'000);
  EXPECT_EQ(key.note, "일");
}

TEST(ParseKeysTest, NoKeysAreNoError) {
  EXPECT_TRUE(ParseKeys("")->empty());
  EXPECT_TRUE(ParseKeys("# none yet\n")->empty());
}

TEST(ParseKeysTest, SaysWhatIsWrongAndWhere) {
  const struct {
    std::string text;
    std::string says;
  } cases[] = {
      {"[[key]\n", "line 1"},
      {"key = 1\n", "[[key]]"},
      {"[key]\nid = \"k3v7x2ma\"\n", "[[key]]"},
      {"[[keys]]\n", "\"keys\" is not known"},
      {"key = [1]\n", "[[key]]"},
      {"[[key]]\nid = \"k3v7x2ma\"\nrole = \"admin\"\n", "the key has no secret_sha256"},
      {Table("k3v7x2m"), "line 2: id must have 8 characters"},
      {Table("k3v7x2ma", "role = \"admin\"\n"), "line 5"},  // twice
      {"[[key]]\nrole = \"root\"\n", "line 2: \"root\" is not a role; give one of admin, operator"},
      {"[[key]]\nsecret_sha256 = \"9f86\"\n", "64 hexadecimal digits"},
      {"[[key]]\nid = 12345678\n", "id must be a string in quotes"},
      {Table("k3v7x2ma", "expires = \"2027-01-01T00:00:00Z\"\n"), "without quotes"},
      {Table("k3v7x2ma", "expires = 2027-01-01T00:00:00\n"), "with an offset"},
      {Table("k3v7x2ma", "expires = 2300-01-01T00:00:00Z\n"), "in the years 1678 to 2261"},
      {Table("k3v7x2ma", "campaigns = []\n"), "leave it out for a key that is for all"},
      {Table("k3v7x2ma", "campaigns = [\"x\"]\n"), "\"x\" is not the id of a campaign"},
      {Table("k3v7x2ma", "campaign = [\"x\"]\n"), "a key has no field \"campaign\""},
      {Table("k3v7x2ma") + Table("k3v7x2ma"), "line 5: there is another key of this id"},
  };
  for (const auto& [text, says] : cases) {
    const auto keys = ParseKeys(text);
    ASSERT_FALSE(keys) << text;
    EXPECT_EQ(keys.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(keys.error().message, HasSubstr(says)) << text;
  }
}

TEST_F(KeysFileTest, WhatIsAppendedIsRead) {
  const Key first = MakeKey({.role = Role::kAdmin}, entropy_).key;
  const Key second = MakeKey({.role = Role::kIssuer,
                              .campaigns = {test::Id(1), test::Id(2)},
                              .created = test::At(1),
                              .expires = test::At(2),
                              .revoked = test::At(3),
                              .note = "a \"quoted\" \\ 이름"},
                             entropy_)
                         .key;
  ASSERT_TRUE(AppendKey(path_, first));
  ASSERT_TRUE(AppendKey(path_, second));
  const auto keys = ReadKeysFile(path_);
  ASSERT_TRUE(keys) << keys.error().message;
  EXPECT_EQ(*keys, (std::vector{first, second}));
}

TEST_F(KeysFileTest, ANewFileIsForItsOwnerAlone) {
  ASSERT_TRUE(AppendKey(path_, MakeKey({}, entropy_).key));
  struct stat status{};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & ALLPERMS, 0600U);
}

TEST_F(KeysFileTest, AppendingKeepsWhatIsThere) {
  const std::string before = "# mine\n" + Table("k3v7x2ma") + "# no line break at the end";
  Write(before);
  ASSERT_TRUE(AppendKey(path_, MakeKey({}, entropy_).key));
  EXPECT_TRUE(Read().starts_with(before));
  EXPECT_EQ(ReadKeysFile(path_)->size(), 2U);
}

TEST_F(KeysFileTest, AFileThatIsNoneIsLeftAlone) {
  Write("listen = \"127.0.0.1:80\"\n");
  const Status appended = AppendKey(path_, MakeKey({}, entropy_).key);
  ASSERT_FALSE(appended);
  EXPECT_THAT(appended.error().message, HasSubstr(path_));
  EXPECT_FALSE(RevokeKey(path_, KeyId(1), test::At(1)));
  EXPECT_EQ(Read(), "listen = \"127.0.0.1:80\"\n");
}

TEST_F(KeysFileTest, RevokingMarksTheOneKeyAndKeepsTheRest) {
  const std::string head = "# first\n" + Table("aaaaaaaa") + "\n# second\n";
  Write(head + Table("bbbbbbbb", "note = \"b\"\n") + Table("cccccccc"));
  ::chmod(path_.c_str(), 0640);
  ASSERT_TRUE(RevokeKey(path_, *ParseKeyId("bbbbbbbb"), test::At(7)));
  const std::string after = Read();
  EXPECT_TRUE(after.starts_with(head + "[[key]]\nrevoked = "));
  const auto keys = ReadKeysFile(path_);
  ASSERT_TRUE(keys) << keys.error().message;
  EXPECT_FALSE(keys->at(0).revoked);
  EXPECT_EQ(keys->at(1).revoked, test::At(7));
  EXPECT_EQ(keys->at(1).note, "b");
  EXPECT_FALSE(keys->at(2).revoked);
  // Again changes nothing, not even the time.
  ASSERT_TRUE(RevokeKey(path_, *ParseKeyId("bbbbbbbb"), test::At(9)));
  EXPECT_EQ(Read(), after);
  struct stat status{};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & ALLPERMS, 0640U);
  // Nothing is left beside it.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_.path()), {}), 1);
}

TEST_F(KeysFileTest, ChangesAtTheSameTimeAreAllThere) {
  constexpr int kThreads = 4;
  constexpr int kKeysEach = 5;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this] {
      for (int j = 0; j < kKeysEach; ++j) {
        const Key key = MakeKey({}, entropy_).key;
        EXPECT_TRUE(AppendKey(path_, key));
        EXPECT_TRUE(RevokeKey(path_, key.id, test::At(1)));
      }
    });
  }
  threads.clear();
  const auto keys = ReadKeysFile(path_);
  ASSERT_TRUE(keys) << keys.error().message;
  EXPECT_EQ(keys->size(), static_cast<std::size_t>(kThreads * kKeysEach));
  for (const Key& key : *keys) EXPECT_TRUE(key.revoked);
}

TEST_F(KeysFileTest, ATableThatIsCutOffIsNoKey) {
  const std::string whole = FormatKey(
      MakeKey({.role = Role::kIssuer, .campaigns = {test::Id(1)}, .expires = test::At(2)}, entropy_)
          .key);
  for (std::size_t size = 1; size + 2 < whole.size(); ++size) {
    const auto keys = ParseKeys(whole.substr(0, size));
    EXPECT_TRUE(!keys || keys->empty()) << whole.substr(0, size);
  }
}

TEST_F(KeysFileTest, LineBreaksOfWindowsStay) {
  Write("[[key]]\r\nid = \"aaaaaaaa\"\r\nrole = \"viewer\"\r\nsecret_sha256 = \"" +
        std::string(kHash) + "\"");
  ASSERT_TRUE(RevokeKey(path_, *ParseKeyId("aaaaaaaa"), test::At(7)));
  ASSERT_TRUE(AppendKey(path_, MakeKey({}, entropy_).key));
  const auto keys = ReadKeysFile(path_);
  ASSERT_TRUE(keys) << keys.error().message;
  EXPECT_EQ(keys->at(0).revoked, test::At(7));
  EXPECT_FALSE(keys->at(1).revoked);
}

TEST_F(KeysFileTest, AFolderIsNone) {
  const auto keys = ReadKeysFile(directory_.path().string());
  ASSERT_FALSE(keys);
  EXPECT_THAT(keys.error().message, HasSubstr("is not a file"));
}

TEST_F(KeysFileTest, RevokingSaysWhichKeyIsMissing) {
  Write(Table("aaaaaaaa"));
  const Status revoked = RevokeKey(path_, *ParseKeyId("bbbbbbbb"), test::At(7));
  ASSERT_FALSE(revoked);
  EXPECT_THAT(revoked.error().message, HasSubstr("has no key bbbbbbbb"));
}

TEST_F(KeysFileTest, AKeyThatIsWrittenInlineIsRevokedByHand) {
  Write("key = [{id = \"aaaaaaaa\", role = \"viewer\", secret_sha256 = \"" + std::string(kHash) +
        "\"}]\n");
  ASSERT_EQ(ReadKeysFile(path_)->size(), 1U);
  const Status revoked = RevokeKey(path_, *ParseKeyId("aaaaaaaa"), test::At(0));
  ASSERT_FALSE(revoked);
  EXPECT_THAT(revoked.error().message, HasSubstr("add revoked = "));
}

TEST_F(KeysFileTest, ALinkStaysOne) {
  const std::string target = (directory_.path() / "target").string();
  std::ofstream(target) << Table("aaaaaaaa");
  std::filesystem::create_symlink(target, path_);
  ASSERT_TRUE(RevokeKey(path_, *ParseKeyId("aaaaaaaa"), test::At(7)));
  EXPECT_TRUE(std::filesystem::is_symlink(path_));
  EXPECT_TRUE(ReadKeysFile(target)->front().revoked);
}

TEST_F(KeysFileTest, IsRefusedIfEverybodyMayWriteIt) {
  Write(Table("aaaaaaaa"));
  ::chmod(path_.c_str(), 0646);
  const auto keys = ReadKeysFile(path_);
  ASSERT_FALSE(keys);
  EXPECT_THAT(keys.error().message, HasSubstr("chmod o-w"));
}

TEST_F(KeysFileTest, SaysThatItIsNotThere) {
  const auto keys = ReadKeysFile(path_);
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().code, ErrorCode::kIo);
  EXPECT_THAT(keys.error().message, HasSubstr(path_));
}

}  // namespace
}  // namespace coupond::access

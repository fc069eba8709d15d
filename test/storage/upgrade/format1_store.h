#ifndef COUPOND_TEST_STORAGE_UPGRADE_FORMAT1_STORE_H_
#define COUPOND_TEST_STORAGE_UPGRADE_FORMAT1_STORE_H_

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "coupond/storage/v1/commit_group.pb.h"
#include "storage/files/env_files.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/store_format.h"
#include "storage/files/watermark.h"
#include "storage/format/commit_record.h"
#include "storage/format/event_codec.h"
#include "storage/format/record_check.h"
#include "storage/groups.h"

namespace coupond::test {

/// Writes a data directory of format 1, as the releases before format 2 did. Its coupons have a
/// holder or a request key, or neither: there was one claim for both.
class Format1Store {
 public:
  explicit Format1Store(std::filesystem::path path) : path_(std::move(path)) {
    EXPECT_TRUE(storage::MakePrivateDirectory(path_));
    EXPECT_TRUE(storage::MakePrivateDirectory(path_ / "log"));
    OpenLog(true);
    CommitGroup first = FirstGroup();
    std::get<StoreCreated>(first.events.front()).format_version = 1;
    Append(first);
  }

  /// Adds the group, as it is or with another hash before it.
  void Append(const CommitGroup& group) {
    const std::string payload = PayloadOf(group);
    const GroupHash hash = storage::ChainHash(tip_.hash, payload);
    Put(group.number, std::string(hash.begin(), hash.end()) + payload);
    tip_ = storage::TipOf(group, hash);
    groups_.push_back(group);
  }
  /// Appends groups of some coupons until there are so many groups.
  void AppendUpTo(std::uint64_t groups) {
    while (tip_.group < GroupNumber(groups)) Append(CouponsAfter(tip_));
  }
  void Put(GroupNumber group, const std::string& record) {
    EXPECT_TRUE(log_->Put(storage::LogWriteOptions(), storage::LogKey(group), record).ok());
  }
  /// Moves the groups so far into a table.
  void Flush() { EXPECT_TRUE(log_->Flush(rocksdb::FlushOptions()).ok()); }

  /// Closes the log and writes the small files, with the watermark at the tip.
  void Close() {
    log_.reset();
    EXPECT_TRUE(
        storage::WriteWatermark(path_ / "WATERMARK", {.group = tip_.group, .hash = tip_.hash}));
    EXPECT_TRUE(storage::WriteStoreFormat(path_ / "FORMAT",
                                          {.state = storage::StoreFormat::State::kComplete,
                                           .store_id = SomeStore().store_id,
                                           .version = 1}));
  }
  /// Opens it again, to change what is there.
  void OpenLog(bool create = false) {
    rocksdb::Options options = storage::LogOptions(nullptr);
    options.create_if_missing = create;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, path_ / "log", &opened).ok());
    log_.reset(opened);
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const LogTip& tip() const { return tip_; }
  [[nodiscard]] const std::vector<CommitGroup>& groups() const { return groups_; }

  /// Returns the payload that format 1 had for the group.
  static std::string PayloadOf(const CommitGroup& group) {
    std::string record;
    storage::EventCodec().Write(group, GroupHash{}, record);
    storage::v1::CommitGroup message;
    EXPECT_TRUE(message.ParseFromString(std::string(storage::ParseRecord(record)->payload)));
    for (std::size_t i = 0; i < group.events.size(); ++i) {
      const auto* const issued = std::get_if<CouponIssued>(&group.events[i]);
      if (issued == nullptr || !issued->claim()) continue;
      EXPECT_FALSE(issued->CountsAgainstLimit());
      auto& coupon = *message.mutable_events(static_cast<int>(i))->mutable_coupon_issued();
      coupon.clear_holder();
      coupon.clear_request_key();
      coupon.set_claim(issued->claim()->bytes.data(), issued->claim()->bytes.size());
      coupon.set_user_id(issued->user_id);
    }
    return message.SerializeAsString();
  }

 private:
  const std::filesystem::path path_;
  std::unique_ptr<rocksdb::DB> log_;
  LogTip tip_;
  std::vector<CommitGroup> groups_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_STORAGE_UPGRADE_FORMAT1_STORE_H_

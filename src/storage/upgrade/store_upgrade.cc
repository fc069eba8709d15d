#include "storage/upgrade/store_upgrade.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "storage/files/data_directory.h"
#include "storage/files/env_files.h"
#include "storage/files/log_witnesses.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/watermark.h"
#include "storage/format/commit_record.h"
#include "storage/format/event_codec.h"
#include "storage/format/record_check.h"
#include "storage/repair/log_copy.h"
#include "storage/rocksdb_log/stored_log.h"
#include "storage/views/view_database.h"
#include "storage/views/view_rows.h"

namespace coupond::storage {
namespace {

constexpr std::uint64_t kGroupsPerProgress = 1'000;

/// The log of a directory of format 1, locked, with what the files beside it say of it.
class OldStore {
 public:
  static Result<OldStore> Open(const std::filesystem::path& path) {
    DataDirectory directory = TRY(DataDirectory::OpenOlder(path));
    const Watermark watermark = TRY(ReadWatermark(directory.watermark_path()));
    std::unique_ptr<StoredLog> log =
        TRY(StoredLog::Open(directory.log_path(), nullptr, RecordFormat::k1));
    OldStore store(std::move(directory), watermark, std::move(log));
    TRY(store.CheckEnd());
    return store;
  }

  [[nodiscard]] const StoreId& id() const { return *directory_.store_id(); }
  [[nodiscard]] const StoredLog& log() const { return *log_; }

  /// Visits the groups as this version would have written them, from the first to the last.
  template <typename Visit>
  Status ForEachGroup(Visit visit) const {
    return log_->Read(GroupNumber(1),
                      [&](const CommitGroup& group, const GroupHash& hash) -> Status {
                        if (group.number == watermark_.group) {
                          TRY(CheckMarkedGroup(directory_, watermark_, hash));
                        }
                        if (group.number > GroupNumber(1)) return visit(group);
                        CommitGroup first = group;
                        auto& created = std::get<StoreCreated>(first.events.front());
                        TRY(CheckIsOfStore(directory_, created.store_id));
                        created.format_version = kFormatVersion;
                        return visit(first);
                      });
  }

 private:
  OldStore(DataDirectory directory, const Watermark& watermark, std::unique_ptr<StoredLog> log)
      : directory_(std::move(directory)), watermark_(watermark), log_(std::move(log)) {}

  /// Checks that the log reaches as far as WATERMARK and the views say.
  [[nodiscard]] Status CheckEnd() const {
    const GroupNumber tip = log_->Tip().group;
    TRY(CheckReaches(directory_, tip, watermark_.group, directory_.watermark_path().string()));
    const std::filesystem::path views = directory_.views_path();
    const Result<std::optional<Checkpoint>> seen =
        LookAtViews(views, nullptr, kViewsVersionOfFormat1);
    if (!seen && seen.error().code != ErrorCode::kViewsDamaged) {
      return std::unexpected(seen.error());
    }
    // Damaged views, and those of another store, prove nothing; a start would discard them.
    if (!seen || !*seen || (*seen)->store_id != id()) return {};
    return CheckReaches(directory_, tip, (*seen)->tip.group, "the checkpoint in " + views.string());
  }

  DataDirectory directory_;
  Watermark watermark_;
  std::unique_ptr<StoredLog> log_;
};

/// Returns the place for the new directory without links and dots, and checks that it lies outside
/// of the old one and can be a directory.
Result<std::filesystem::path> CheckPlace(const std::filesystem::path& to,
                                         const std::filesystem::path& from) {
  std::filesystem::path place = TRY(RealPath(to));
  const std::filesystem::path old = TRY(RealPath(from));
  if (place == old) {
    return MakeError(ErrorCode::kInvalidArgument,
                     to.string() + " holds the store to be upgraded; choose another directory");
  }
  if (IsWithin(place, old)) {
    return MakeError(ErrorCode::kInvalidArgument, to.string() + " lies within " + from.string() +
                                                      ", which must not change; choose another "
                                                      "directory");
  }
  std::error_code error;
  // The real path ends in a link only if that leads nowhere.
  if (std::filesystem::is_symlink(place, error)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     to.string() +
                         " is a link to something that is missing; choose another "
                         "directory");
  }
  if (std::filesystem::exists(place, error) && !std::filesystem::is_directory(place, error)) {
    return MakeError(ErrorCode::kInvalidArgument, to.string() + " is not a directory");
  }
  return place;
}

/// Fills a new directory, and empties it again if it is not finished.
class NewStore {
 public:
  NewStore(DataDirectory directory, const OldStore& old, const UpgradeProgress& progress,
           rocksdb::Env* env)
      : directory_(std::move(directory)), old_(old), progress_(progress), env_(env) {}
  ~NewStore() {
    if (!directory_.store_id()) directory_.DiscardUpgraded();
  }
  NewStore(const NewStore&) = delete;
  NewStore& operator=(const NewStore&) = delete;

  Status Make() {
    TRY(directory_.BeginUpgraded());
    TRY(WriteLog());
    TRY(ReadBack());
    TRY(WriteWatermark(directory_.watermark_path(), {.group = tip_.group, .hash = tip_.hash},
                       env_));
    // Last, because with it the directory is a store.
    return directory_.FinishStore(old_.id());
  }

  [[nodiscard]] const LogTip& tip() const { return tip_; }
  [[nodiscard]] std::uint64_t coupons() const { return coupons_; }

 private:
  Status WriteLog() {
    const std::unique_ptr<LogCopy> log = TRY(LogCopy::Create(directory_.log_path(), env_));
    EventCodec codec;
    std::string record;
    TRY(old_.ForEachGroup([&](const CommitGroup& group) -> Status {
      tip_ = TipOf(group, codec.Write(group, tip_.hash, record));
      coupons_ += static_cast<std::uint64_t>(std::ranges::count_if(
          group.events, [](const Event& event) { return std::get_if<CouponIssued>(&event); }));
      Show(group.number.value());
      return log->Add(group.number, record);
    }));
    return log->Finish();
  }

  /// Reads both logs side by side.
  Status ReadBack() const {
    const std::unique_ptr<StoredLog> log = TRY(StoredLog::Open(directory_.log_path(), env_));
    StoredLog::Groups groups(*log);
    TRY(old_.ForEachGroup([&](const CommitGroup& group) -> Status {
      const auto written = groups.Next();
      if (!written || !*written || (*written)->group != group) return Differs(group.number);
      Show(tip_.group.value() + group.number.value());
      return {};
    }));
    const auto end = groups.Next();
    if (!end || *end || groups.tip() != tip_) return Differs(tip_.group);
    return {};
  }

  [[nodiscard]] std::unexpected<Error> Differs(GroupNumber group) const {
    return MakeError(ErrorCode::kLogDamaged,
                     "group " + std::to_string(group.value()) + " of the new log in " +
                         directory_.log_path().string() +
                         " cannot be read back as it was written; check the disk, and try again");
  }
  void Show(std::uint64_t done) const {
    if (progress_ && done % kGroupsPerProgress == 0) {
      progress_(done, 2 * old_.log().Tip().group.value());
    }
  }

  DataDirectory directory_;
  const OldStore& old_;
  const UpgradeProgress& progress_;
  rocksdb::Env* const env_;
  LogTip tip_;
  std::uint64_t coupons_ = 0;
};

}  // namespace

Result<UpgradedStore> UpgradeStore(const std::filesystem::path& from,
                                   const std::filesystem::path& to, const UpgradeProgress& progress,
                                   rocksdb::Env* env) {
  TRY(CheckRocksDbVersion());
  const OldStore old = TRY(OldStore::Open(from));
  const std::filesystem::path place = TRY(CheckPlace(to, from));
  DataDirectory directory = TRY(DataDirectory::OpenForUpgrade(place, env));
  NewStore made(std::move(directory), old, progress, env);
  TRY(made.Make());
  return UpgradedStore{.store_id = old.id(),
                       .tip = made.tip(),
                       .coupons = made.coupons(),
                       .left_out_bytes = old.log().left_out_bytes()};
}

}  // namespace coupond::storage

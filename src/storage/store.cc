#include "storage/store.h"

#include <rocksdb/env.h>

#include <string>
#include <utility>
#include <variant>

#include "storage/files/data_directory.h"
#include "storage/files/file_guard.h"
#include "storage/files/guarded_env.h"
#include "storage/files/log_witnesses.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/watermark.h"
#include "storage/format/commit_record.h"
#include "storage/views/view_database.h"

namespace coupond::storage {
namespace {

using Mode = RocksDbEventLog::Mode;

/// Reads from a group to the tip, only to verify it.
Status Verify(const RocksDbEventLog& log, GroupNumber first) {
  return log.Read(first, [](const CommitGroup&, const GroupHash&) -> Status { return {}; });
}

}  // namespace

Result<std::unique_ptr<Store>> Store::Open(const std::filesystem::path& path, Entropy& entropy,
                                           const Clock& clock, rocksdb::Env* env) {
  TRY(CheckRocksDbVersion());
  DataDirectory directory = TRY(DataDirectory::Open(path, env));
  std::unique_ptr<Store> store(new Store(std::move(directory), env));
  const bool exists = store->directory_.store_id().has_value();
  TRY(exists ? store->OpenExisting() : store->Create(entropy, clock));
  store->texts_ =
      std::make_unique<StoreTexts>(*store->log_, *store->views_, store->directory_.path());
  store->AdoptFiles();
  return store;
}

Store::Store(DataDirectory directory, rocksdb::Env* env)
    : directory_(std::move(directory)),
      base_env_(env),
      guard_(std::make_unique<FileGuard>(directory_.path())),
      guarded_env_(GuardFiles(*guard_, env)),
      env_(guarded_env_.get()) {}

Store::~Store() = default;

void Store::AdoptFiles() {
  WriteLogReadme(directory_.log_path(), base_env_);
  guard_->Adopt(directory_.path());
  guard_->Adopt(directory_.log_path());
  guard_->Adopt(directory_.lock_path(), directory_.lock_descriptor());
  guard_->Adopt(directory_.format_path());
  guard_->Adopt(directory_.watermark_path());
  guard_->AdoptDatabase(directory_.log_path());
  guard_->AdoptDatabase(directory_.views_path());
}

Result<Rescued> Store::Rescue(const Clock& clock, const RescueProgress& progress) {
  return StoreRescue(directory_, *guard_, *log_, identity_.store_id, base_env_)
      .Run(clock, progress);
}

rocksdb::Env* Store::log_env() const { return without_torn_ ? without_torn_.get() : env_; }

Status Store::Create(Entropy& entropy, const Clock& clock) {
  identity_ = {.store_id = {AsRandomUuid(entropy.Random16())},
               .code_key = {entropy.Random16()},
               .format_version = kFormatVersion};
  TRY(directory_.BeginStore(identity_.store_id));

  log_ = TRY(RocksDbEventLog::Open(directory_.log_path(), Mode::kCreate, env_));
  const CommitGroup first{.number = GroupNumber(1),
                          .first_sequence = Sequence(1),
                          .commit_time = clock.Now(),
                          .events = {identity_}};
  TRY(log_->Append(first));

  const Watermark watermark{.group = first.number, .hash = log_->Tip().hash};
  TRY(WriteWatermark(directory_.watermark_path(), watermark, env_));
  watermark_ = std::make_unique<WatermarkKeeper>(directory_.watermark_path(), watermark,
                                                 WatermarkKeeper::kInterval, env_);
  TRY(OpenViews(*log_));
  return directory_.FinishStore(identity_.store_id);
}

Status Store::OpenExisting() {
  const Watermark watermark = TRY(ReadWatermark(directory_.watermark_path(), env_));
  // Opening for writing retires what RocksDB could not use, and with it what an operator might
  // still repair. So all refusals come from a look that changes nothing.
  std::unique_ptr<RocksDbEventLog> look =
      TRY(RocksDbEventLog::Open(directory_.log_path(), Mode::kReadOnly, env_));
  TRY(CheckLog(*look, watermark));
  TRY(OpenViews(*look));
  without_torn_ = look->whole_records().env;
  left_out_bytes_ = look->whole_records().left_out_bytes();
  // Writes the same watermark once more, to find out now, and not at the first coupon, that nothing
  // can be written here. What the log has beyond it may not be durable yet, so it must not be
  // named.
  TRY(WriteWatermark(directory_.watermark_path(), watermark, env_));
  log_ = TRY(RocksDbEventLog::OpenAfter(*look, log_env()));
  watermark_ = std::make_unique<WatermarkKeeper>(directory_.watermark_path(), watermark,
                                                 WatermarkKeeper::kInterval, env_);
  // What was found in the log may be shown from now on, and so must never go missing.
  const LogTip tip = log_->Tip();
  if (tip.group > watermark.group) watermark_->Advance({.group = tip.group, .hash = tip.hash});
  return {};
}

Status Store::CheckLog(const RocksDbEventLog& log, const Watermark& watermark) {
  TRY(CheckReaches(directory_, log.Tip().group, watermark.group,
                   directory_.watermark_path().string()));
  const CheckedRecord marked = TRY(log.ReadOne(watermark.group));
  TRY(CheckMarkedGroup(directory_, watermark, marked.hash));
  const CheckedRecord first = TRY(log.ReadOne(GroupNumber(1)));
  identity_ = std::get<StoreCreated>(first.group.events.front());
  return CheckIsOfStore(directory_, identity_.store_id);
}

Result<GroupNumber> Store::CheckViews(const RocksDbEventLog& log) {
  const auto discard = [this](const std::string& why) {
    views_discarded_ = {.code = ErrorCode::kViewsDamaged, .message = why};
    return GroupNumber(1);
  };
  const std::string views = directory_.views_path().string();
  const Result<std::optional<Checkpoint>> checkpoint = LookAtViews(views, env_);
  if (!checkpoint) {
    if (checkpoint.error().code != ErrorCode::kViewsDamaged) {
      return std::unexpected(checkpoint.error());
    }
    return discard(checkpoint.error().message);
  }
  if (!*checkpoint || (*checkpoint)->tip.group == GroupNumber()) return GroupNumber(1);
  const Checkpoint& seen = **checkpoint;
  if (seen.store_id != identity_.store_id) {
    return discard("the views in " + views + " are of another store");
  }
  // The views show a group only after it is durable, so they are a witness too.
  TRY(CheckReaches(directory_, log.Tip().group, seen.tip.group, "the checkpoint in " + views));
  const CheckedRecord entry = TRY(log.ReadOne(seen.tip.group));
  if (entry.hash != seen.tip.hash) {
    return discard("the views in " + views + " were made from another log");
  }
  return seen.tip.group;
}

Status Store::OpenViews(const RocksDbEventLog& log) {
  const std::filesystem::path path = directory_.views_path();
  GroupNumber first = TRY(CheckViews(log));
  // A list of files that lost its end may lack tables, which opening for writing would remove: no
  // group may be missing.
  if (log.whole_records().list_is_torn) first = GroupNumber(1);
  // Recovery verifies the same once more, but by then the log has been changed, and what could have
  // been repaired may be gone.
  TRY(Verify(log, first));

  if (!views_discarded_) {
    Result<std::unique_ptr<RocksDbViewStore>> views = RocksDbViewStore::Open(path, env_);
    if (views) {
      views_ = std::move(*views);
      return {};
    }
    if (views.error().code != ErrorCode::kViewsDamaged) return std::unexpected(views.error());
    views_discarded_ = views.error();
    TRY(Verify(log, GroupNumber(1)));
  }
  TRY(RemoveViews(path, env_));
  views_ = TRY(RocksDbViewStore::Open(path, env_));
  return {};
}

}  // namespace coupond::storage

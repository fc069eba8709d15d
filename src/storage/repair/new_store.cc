#include "storage/repair/new_store.h"

#include <system_error>
#include <utility>

#include "storage/files/env_files.h"
#include "storage/files/watermark.h"
#include "storage/format/record_check.h"
#include "storage/rocksdb_log/stored_log.h"

namespace coupond::storage {
namespace {

constexpr std::uint64_t kGroupsPerProgress = 1'000;

/// Returns the place for the new directory without links and dots, and checks that it lies outside
/// of the old one and can be a directory.
Result<std::filesystem::path> CheckPlace(const std::filesystem::path& to,
                                         const std::filesystem::path& from) {
  std::filesystem::path place = TRY(RealPath(to));
  const std::filesystem::path old = TRY(RealPath(from));
  if (place == old) {
    return MakeError(
        ErrorCode::kInvalidArgument,
        to.string() + " holds the store that the new one is made from; choose another directory");
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

}  // namespace

Result<std::unique_ptr<NewStore>> NewStore::Begin(const std::filesystem::path& place,
                                                  const SourceStore& source,
                                                  const MakeProgress& progress, rocksdb::Env* env) {
  const std::filesystem::path path = TRY(CheckPlace(place, source.path()));
  DataDirectory directory = TRY(DataDirectory::OpenToFill(path, env));
  std::unique_ptr<NewStore> store(new NewStore(std::move(directory), source, progress, env));
  TRY(store->directory_.BeginFilling());
  store->log_ = TRY(LogCopy::Create(store->directory_.log_path(), env));
  return store;
}

NewStore::NewStore(DataDirectory directory, const SourceStore& source, const MakeProgress& progress,
                   rocksdb::Env* env)
    : directory_(std::move(directory)), source_(source), progress_(progress), env_(env) {}

NewStore::~NewStore() {
  log_.reset();
  if (!directory_.store_id()) directory_.DiscardFilling();
}

Status NewStore::Add(const CommitGroup& group) {
  tip_ = TipOf(group, codec_.Write(group, tip_.hash, record_));
  Show(group.number.value());
  return log_->Add(group.number, record_);
}

Status NewStore::EndLog() { return log_->Finish(); }

Status NewStore::Check(const std::function<Status(const Visit& visit)>& read) const {
  const std::unique_ptr<StoredLog> log = TRY(StoredLog::Open(directory_.log_path(), env_));
  StoredLog::Groups groups(*log);
  TRY(read([&](const CommitGroup& group) -> Status {
    const auto written = groups.Next();
    if (!written || !*written || (*written)->group != group) return Differs(group.number);
    Show(source_.tip().group.value() + group.number.value());
    return {};
  }));
  const auto end = groups.Next();
  if (!end || *end || groups.tip() != tip_) return Differs(tip_.group);
  return {};
}

Status NewStore::Finish(const StoreId& id) {
  const Watermark watermark{.group = tip_.group, .hash = tip_.hash};
  TRY(WriteWatermark(directory_.watermark_path(), watermark, env_));
  // Last, because with it the directory is a store.
  return directory_.FinishStore(id);
}

std::unexpected<Error> NewStore::Differs(GroupNumber group) const {
  return MakeError(ErrorCode::kLogDamaged,
                   "group " + std::to_string(group.value()) + " of the new log in " +
                       directory_.log_path().string() +
                       " cannot be read back as it was written; check the disk, and try again");
}

void NewStore::Show(std::uint64_t done) const {
  if (progress_ && done % kGroupsPerProgress == 0) progress_(done, 2 * source_.tip().group.value());
}

}  // namespace coupond::storage

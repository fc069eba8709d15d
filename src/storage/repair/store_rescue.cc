#include "storage/repair/store_rescue.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "storage/files/data_directory.h"
#include "storage/files/env_files.h"
#include "storage/files/watermark.h"
#include "storage/repair/log_copy.h"

namespace coupond::storage {
namespace {

/// How long to wait for the lock. Another process that finds the directory unlocked is refused by
/// the log's own lock, and gives up.
constexpr std::chrono::seconds kLockPatience{1};
constexpr std::chrono::milliseconds kLockInterval{20};
constexpr std::uint64_t kGroupsPerProgress = 1'000;

Status Rename(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return SystemError("rename", from, errno);
  return {};
}

std::filesystem::path ParentOf(const std::filesystem::path& directory) {
  return directory.has_parent_path() ? directory.parent_path() : ".";
}

}  // namespace

StoreRescue::StoreRescue(DataDirectory& directory, FileGuard& guard, const LogReader& log,
                         const StoreId& store_id, rocksdb::Env* env)
    : directory_(directory), guard_(guard), log_(log), store_id_(store_id), env_(env) {}

Result<Rescued> StoreRescue::Run(const Clock& clock, const RescueProgress& progress) {
  const Place place = TRY(FindPlace(clock));
  const std::filesystem::path& home = place.directory;
  Rescued rescued{
      .tip = log_.Tip(), .directory = home, .log_is_new = !place.log_is_whole, .removed_log = {}};
  if (rescued.log_is_new) {
    const std::filesystem::path unfinished = home / "saved-unfinished";
    TRY(SaveLog(unfinished, progress));
    rescued.removed_log = TRY(SwapLog(home, unfinished, clock));
  }
  TRY(PutBackSmallFiles(home));
  TRY(SyncDirectory(ParentOf(home), env_));
  return rescued;
}

Result<StoreRescue::Place> StoreRescue::FindPlace(const Clock& clock) {
  const std::filesystem::path& path = directory_.path();
  const std::shared_ptr<const GuardedFile> ours = guard_.At(path);
  if (ours == nullptr || ours->IsAt(path)) return InPlace(clock);
  if (ours->descriptor() >= 0 && !ours->Deleted()) {
    // It was renamed, together with LOCK.
    std::error_code error;
    const std::filesystem::path moved =
        std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(ours->descriptor()), error);
    if (!error && ours->IsAt(moved)) return Place{.directory = moved};
    return Beside(clock);
  }
  if (TRY(Exists(path, env_))) return Beside(clock);
  TRY(MakePrivateDirectory(path, env_));
  return InPlace(clock);
}

Result<StoreRescue::Place> StoreRescue::InPlace(const Clock& clock) {
  const bool whole = LogIsWhole();
  if (Status locked = LockAgain(); !locked) {
    if (!whole && locked.error().code == ErrorCode::kDataDirectoryInUse) return Beside(clock);
    return std::unexpected(std::move(locked.error()));
  }
  return Place{.directory = directory_.path(), .log_is_whole = whole};
}

Result<StoreRescue::Place> StoreRescue::Beside(const Clock& clock) const {
  const std::filesystem::path name = TRY(RemovedName(ParentOf(directory_.path()), clock));
  // "coupon-data-saved-20260101T020000Z"
  std::string saved = name.filename().string();
  saved.replace(0, saved.find('-'), directory_.path().filename().string() + "-saved");
  const std::filesystem::path path = name.parent_path() / saved;
  TRY(MakePrivateDirectory(path, env_));
  return Place{.directory = path};
}

bool StoreRescue::LogIsWhole() const {
  const std::filesystem::path log = directory_.log_path().lexically_normal();
  return std::ranges::none_of(guard_.FindAll(), [&log](const FileLoss& loss) {
    // The log, the files in it, and the directories above it.
    return (loss.path / "").string().starts_with((log / "").string()) ||
           (log / "").string().starts_with((loss.path / "").string());
  });
}

Status StoreRescue::LockAgain() {
  const auto deadline = std::chrono::steady_clock::now() + kLockPatience;
  while (true) {
    Status locked = directory_.Relock();
    if (locked || locked.error().code != ErrorCode::kDataDirectoryInUse ||
        std::chrono::steady_clock::now() >= deadline) {
      return locked;
    }
    std::this_thread::sleep_for(kLockInterval);
  }
}

Status StoreRescue::SaveLog(const std::filesystem::path& unfinished,
                            const RescueProgress& progress) const {
  // Left by an earlier attempt.
  TRY(RemoveAll(unfinished, env_));
  TRY(MakePrivateDirectory(unfinished, env_));
  const GroupNumber last = log_.Tip().group;
  const auto before_group = [&](GroupNumber group) -> Status {
    if (group.value() % kGroupsPerProgress == 0) progress(group, last);
    return {};
  };
  TRY(CopyLog(log_, unfinished / "log", before_group, env_));
  return SyncDirectory(unfinished, env_);
}

Result<std::filesystem::path> StoreRescue::SwapLog(const std::filesystem::path& home,
                                                   const std::filesystem::path& unfinished,
                                                   const Clock& clock) const {
  // RocksDB still has the old log open. From here on the guard refuses all its changes of names.
  guard_.AwaitChanges();
  const std::filesystem::path fresh = unfinished / "log";
  const std::filesystem::path place = home / "log";
  const bool old_is_there = TRY(Exists(place, env_));
  std::filesystem::path removed;
  if (old_is_there) {
    const std::filesystem::path name = TRY(RemovedName(home, clock));
    if (!ExchangeDirectories(fresh, place)) {
      // The file system cannot exchange in one step; the old log is of no use in between anyway.
      const std::filesystem::path old = unfinished / "old-log";
      TRY(Rename(place, old));
      TRY(Rename(fresh, place));
      TRY(Rename(old, fresh));
    }
    TRY(SyncDirectory(unfinished, env_));
    TRY(Rename(unfinished, name));
    removed = name / "log";
  } else {
    TRY(Rename(fresh, place));
    TRY(RemoveAll(unfinished, env_));
  }
  WriteLogReadme(place, env_);
  TRY(SyncDirectory(home, env_));
  return removed;
}

Status StoreRescue::PutBackSmallFiles(const std::filesystem::path& home) const {
  const StoreFormat format{.state = StoreFormat::State::kComplete, .store_id = store_id_};
  const Result<std::optional<StoreFormat>> found = ReadStoreFormat(home / "FORMAT", env_);
  if (!found || *found != format) {
    TRY(WriteStoreFormat(home / "FORMAT", format, env_));
  }
  const LogTip tip = log_.Tip();
  return WriteWatermark(home / "WATERMARK", {.group = tip.group, .hash = tip.hash}, env_);
}

}  // namespace coupond::storage

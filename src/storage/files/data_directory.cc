#include "storage/files/data_directory.h"

#include <fcntl.h>
#include <rocksdb/env.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

#include "base/check.h"
#include "storage/files/env_files.h"
#include "storage/files/rocksdb_status.h"

namespace coupond::storage {
namespace {

/// Returns the path without a trailing slash: "a/b/" and "a/b" must have the same parent.
std::filesystem::path WithoutTrailingSlash(const std::filesystem::path& path) {
  const std::filesystem::path normal = path.lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

/// Returns "process 4711", or "another process" while the holder is still writing its number.
std::string HolderOf(const std::filesystem::path& lock) {
  const Result<std::optional<std::string>> text = ReadSmallFile(lock);
  if (!text || !*text) return "another process";
  const std::string digits = (*text)->substr(0, (*text)->find_first_not_of("0123456789"));
  return digits.empty() ? "another process" : "process " + digits;
}

std::unexpected<Error> InUse(const std::filesystem::path& path) {
  return MakeError(ErrorCode::kDataDirectoryInUse,
                   path.string() + " is in use by " + HolderOf(path / "LOCK") + "; stop it first");
}

Status IsBackup(const std::filesystem::path& path) {
  return MakeError(
      ErrorCode::kIsBackup,
      path.string() +
          " is a backup: the store that it was made from may have issued coupons since, "
          "whose codes would be given out again. Make a data directory of it with "
          "`coupon-audit restore " +
          path.string() + " DIR`");
}

/// Reports whether an upgrade or a restore writes a file of that name before FORMAT.
bool IsWrittenBeforeFormat(const std::string& name) {
  return name == "log" || name == "WATERMARK" ||
         name == "WATERMARK" + std::string(kUnfinishedSuffix);
}

constexpr std::string_view kReadme =
    "These files are the database of coupond: every campaign and every coupon. They are not a\n"
    "program's log of messages, although some are called *.log: the files NUMBER.log hold coupons\n"
    "that exist nowhere else yet.\n"
    "\n"
    "Do not delete, rename, truncate, compress, rotate or edit any of them, and leave this "
    "directory\n"
    "out of every clean-up job (logrotate, tmpwatch, tmpreaper, systemd-tmpfiles, find -delete).\n"
    "coupond itself removes what it no longer needs. A server whose files are touched stops.\n"
    "\n"
    "To copy it, make a backup (couponctl backup), or stop the server and copy the directory "
    "above\n"
    "as a whole. docs/OPERATIONS.md and docs/LOG_FORMAT.md of coupond say more.\n";

}  // namespace

Result<DataDirectory> DataDirectory::Open(const std::filesystem::path& path, rocksdb::Env* env) {
  DataDirectory directory(WithoutTrailingSlash(path),
                          env == nullptr ? rocksdb::Env::Default() : env);
  TRY(directory.Create());
  // Before a lock file is created in what may be another program's directory, and again under the
  // lock, when the answer can no longer change.
  TRY(directory.CheckIsOurs());
  TRY(directory.Lock());
  TRY(directory.CheckIsOurs());

  const std::optional<StoreFormat> format =
      TRY(ReadStoreFormat(directory.format_path(), directory.env_));
  if (format && format->state == StoreFormat::State::kComplete) {
    TRY(directory.AdoptStore(*format));
  }
  return directory;
}

Result<DataDirectory> DataDirectory::OpenOlder(const std::filesystem::path& path) {
  DataDirectory directory(WithoutTrailingSlash(path), rocksdb::Env::Default());
  // Before a lock file is created in what may be another program's directory.
  const std::optional<StoreFormat> format =
      TRY(ReadAnyStoreFormat(directory.format_path(), directory.env_));
  if (!format || format->state == StoreFormat::State::kCreating) {
    return MakeError(
        ErrorCode::kNotADataDirectory,
        directory.path_.string() + " holds no finished store, so there is nothing to upgrade");
  }
  if (format->version == kFormatVersion) {
    return MakeError(ErrorCode::kInvalidArgument, directory.path_.string() + " is of format " +
                                                      std::to_string(kFormatVersion) +
                                                      " already; there is nothing to upgrade");
  }
  TRY(directory.Lock());
  TRY(directory.AdoptStore(*format));
  return directory;
}

Result<DataDirectory> DataDirectory::OpenFinished(const std::filesystem::path& path) {
  DataDirectory directory(WithoutTrailingSlash(path), rocksdb::Env::Default());
  const std::optional<StoreFormat> format =
      TRY(ReadStoreFormat(directory.format_path(), directory.env_));
  if (!format || format->state == StoreFormat::State::kCreating) {
    return MakeError(ErrorCode::kNotADataDirectory,
                     directory.path_.string() +
                         " holds no finished backup or store, so there is nothing to restore; give "
                         "the directory that contains FORMAT and log");
  }
  if (format->state == StoreFormat::State::kComplete) TRY(directory.Lock());
  TRY(directory.AdoptStore(*format));
  return directory;
}

Result<DataDirectory> DataDirectory::OpenToFill(const std::filesystem::path& path,
                                                rocksdb::Env* env) {
  DataDirectory directory(WithoutTrailingSlash(path),
                          env == nullptr ? rocksdb::Env::Default() : env);
  TRY(directory.Create());
  // Twice, as in Open.
  TRY(directory.CheckIsEmpty());
  TRY(directory.Lock());
  TRY(directory.CheckIsEmpty());
  return directory;
}

Status DataDirectory::AdoptStore(const StoreFormat& format) {
  store_id_ = format.store_id;
  return CheckLogExists();
}

Status DataDirectory::CheckLogExists() const {
  if (TRY(Exists(log_path(), env_))) return {};
  return MakeError(ErrorCode::kLogMissing,
                   log_path().string() +
                       " is missing, but there was a store; put it back, or restore a backup with "
                       "`coupon-audit restore`");
}

Status DataDirectory::Create() {
  if (!TRY(Exists(path_, env_))) {
    TRY(MakePrivateDirectory(path_, env_));
    created_ = true;
    return {};
  }
  bool is_directory = false;
  if (const rocksdb::Status looked = env_->IsDirectory(path_, &is_directory); !looked.ok()) {
    return RocksDbError(looked, ErrorCode::kIo, "cannot look at " + path_.string());
  }
  if (!is_directory) {
    return MakeError(ErrorCode::kNotADataDirectory, path_.string() + " is not a directory");
  }
  return {};
}

Status DataDirectory::CheckIsOurs() const {
  if (const auto format = TRY(ReadAnyStoreFormat(format_path(), env_))) {
    return format->state == StoreFormat::State::kBackup ? IsBackup(path_) : Status();
  }
  const std::vector<std::string> names = TRY(ListContents());
  if (names.empty()) return {};
  // An upgrade or a restore may be about to finish it.
  TRY(CheckIsFree());
  return MakeError(ErrorCode::kNotADataDirectory,
                   path_.string() +
                       " is not empty, but has no file FORMAT, so it is not a data directory (it "
                       "holds " +
                       names.front() + "); put FORMAT back from a copy if it is one");
}

Status DataDirectory::CheckIsEmpty() const {
  if (TRY(Exists(format_path(), env_))) {
    return MakeError(ErrorCode::kInvalidArgument,
                     path_.string() + " holds a store; choose another directory");
  }
  const std::vector<std::string> names = TRY(ListContents());
  if (names.empty()) return {};
  TRY(CheckIsFree());
  const auto other = std::ranges::find_if_not(names, IsWrittenBeforeFormat);
  const bool may_be_left = other == names.end();
  return MakeError(
      ErrorCode::kInvalidArgument,
      path_.string() + " is not empty (it holds " + (may_be_left ? names.front() : *other) +
          "); choose another directory" +
          (may_be_left ? ", or remove this one if an interrupted upgrade or restore has left it"
                       : ""));
}

Result<std::vector<std::string>> DataDirectory::ListContents() const {
  std::vector<std::string> names = TRY(ListDirectory(path_, env_));
  std::erase_if(names, [](const std::string& name) {
    // File systems create the last one in their root directory.
    return name == "LOCK" || name == "FORMAT" + std::string(kUnfinishedSuffix) ||
           name == "lost+found";
  });
  std::ranges::sort(names);
  return names;
}

Status DataDirectory::SyncEntry() const {
  const std::filesystem::path parent = path_.has_parent_path() ? path_.parent_path() : ".";
  // Where this process may not look, another user has made the directory, and is responsible for
  // its durability.
  if (::faccessat(AT_FDCWD, parent.c_str(), R_OK, AT_EACCESS) != 0 && errno == EACCES) return {};
  return SyncDirectory(parent, env_);
}

Status DataDirectory::Lock() {
  FileDescriptor file(::open(lock_path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.valid()) return SystemError("open", lock_path(), errno);
  if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return SystemError("lock", lock_path(), errno);
    return InUse(path_);
  }
  // The process that had the lock has removed it, and another process may have made a new one.
  if (!IsLockFile(file)) return InUse(path_);
  // For the message above; the lock itself does not depend on it.
  const std::string process = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file.number(), 0) != 0 ||
      ::pwrite(file.number(), process.data(), process.size(), 0) < 0) {
    return SystemError("write", lock_path(), errno);
  }
  lock_ = std::move(file);
  return {};
}

Status DataDirectory::Relock() { return IsLockFile(lock_) ? Status() : Lock(); }

bool DataDirectory::IsLockFile(const FileDescriptor& file) const {
  struct stat ours{};
  struct stat there{};
  return ::fstat(file.number(), &ours) == 0 && ::stat(lock_path().c_str(), &there) == 0 &&
         ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

Status DataDirectory::CheckIsFree() const {
  if (lock_.valid()) return {};
  const FileDescriptor file(::open(lock_path().c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid() || ::flock(file.number(), LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK) {
    return {};
  }
  return InUse(path_);
}

Status DataDirectory::BeginStore(const StoreId& id) {
  COUPOND_CHECK(!store_id_);
  // Even if the directory existed: its creator may have been stopped before it was durable.
  TRY(SyncEntry());
  for (const std::filesystem::path& leftover : {log_path(), views_path(), watermark_path()}) {
    TRY(RemoveAll(leftover, env_));
  }
  return WriteStoreFormat(format_path(), {.state = StoreFormat::State::kCreating, .store_id = id},
                          env_);
}

Status DataDirectory::BeginFilling() const {
  COUPOND_CHECK(!store_id_);
  TRY(SyncEntry());
  TRY(MakePrivateDirectory(log_path(), env_));
  return SyncDirectory(path_, env_);
}

void DataDirectory::DiscardFilling() const {
  // FORMAT first and the log last: what is left in between is never a store, nor a new directory.
  for (const std::filesystem::path& file : {format_path(), watermark_path()}) {
    std::filesystem::path unfinished = file;
    unfinished += kUnfinishedSuffix;
    if (!RemoveAll(file, env_) || !RemoveAll(unfinished, env_)) return;
  }
  if (!RemoveAll(log_path(), env_) || ::unlink(lock_path().c_str()) != 0) return;
  // Fails if another process has put something there, which must stay.
  if (created_) static_cast<void>(env_->DeleteDir(path_));
}

Status DataDirectory::FinishStore(const StoreId& id) {
  Status written = WriteStoreFormat(format_path(),
                                    {.state = StoreFormat::State::kComplete, .store_id = id}, env_);
  if (written) store_id_ = id;
  return written;
}

void WriteLogReadme(const std::filesystem::path& log, rocksdb::Env* env) {
  const std::filesystem::path file = log / kLogReadmeName;
  const Result<bool> there = Exists(file, env);
  if (!there || *there) return;
  static_cast<void>(ReplaceFile(file, kReadme, env));
}

}  // namespace coupond::storage

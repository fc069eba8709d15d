#include "storage/files/data_directory.h"

#include <fcntl.h>
#include <rocksdb/env.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <vector>

#include "base/check.h"
#include "storage/files/durable_file.h"
#include "storage/files/rocksdb_status.h"

namespace coupond::storage {
namespace {

/// "a/b/" and "a/b" are the same directory, and so have the same parent.
std::filesystem::path WithoutTrailingSlash(const std::filesystem::path& path) {
  const std::filesystem::path normal = path.lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

/// "process 4711", or less than that while the holder is still writing its number.
std::string HolderOf(const std::filesystem::path& lock) {
  const Result<std::optional<std::string>> text = ReadSmallFile(lock);
  if (!text || !*text) return "another process";
  const std::string digits = (*text)->substr(0, (*text)->find_first_not_of("0123456789"));
  return digits.empty() ? "another process" : "process " + digits;
}

}  // namespace

Result<DataDirectory> DataDirectory::Open(const std::filesystem::path& path, rocksdb::Env* env) {
  DataDirectory directory(WithoutTrailingSlash(path),
                          env == nullptr ? rocksdb::Env::Default() : env);
  if (Status created = directory.Create(); !created) return std::unexpected(created.error());
  // Once before the lock file would be put into somebody else's directory, and once more under the
  // lock, when nobody else can change the answer.
  if (Status ours = directory.CheckIsOurs(); !ours) return std::unexpected(ours.error());
  if (Status locked = directory.Lock(); !locked) return std::unexpected(locked.error());
  if (Status ours = directory.CheckIsOurs(); !ours) return std::unexpected(ours.error());

  const Result<std::optional<StoreFormat>> format =
      ReadStoreFormat(directory.format_path(), directory.env_);
  if (!format) return std::unexpected(format.error());
  if (*format && (*format)->state == StoreFormat::State::kComplete) {
    directory.store_id_ = (*format)->store_id;
    const Result<bool> has_log = Exists(directory.log_path(), directory.env_);
    if (!has_log) return std::unexpected(has_log.error());
    if (!*has_log) {
      return MakeError(ErrorCode::kLogMissing,
                       directory.log_path().string() +
                           " is missing, but there was a store; put it back, or restore the whole "
                           "directory from a copy");
    }
  }
  return directory;
}

Status DataDirectory::Create() const {
  const Result<bool> there = Exists(path_, env_);
  if (!there) return std::unexpected(there.error());
  if (!*there) return MakePrivateDirectory(path_, env_);
  bool is_directory = false;
  if (const rocksdb::Status looked = env_->IsDirectory(path_, &is_directory); !looked.ok()) {
    return RocksDbError(looked, ErrorCode::kIo, "cannot look at " + path_.string());
  }
  if (!is_directory) {
    return MakeError(ErrorCode::kNotADataDirectory,
                     path_.string() + " is not a directory; choose another --data-dir");
  }
  return {};
}

Status DataDirectory::CheckIsOurs() const {
  const Result<bool> has_format = Exists(format_path(), env_);
  if (!has_format) return std::unexpected(has_format.error());
  if (*has_format) return {};
  const Result<std::vector<std::string>> names = ListDirectory(path_, env_);
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    // The last is what file systems put into their root directory.
    if (name == "LOCK" || name == "FORMAT" + std::string(kUnfinishedSuffix) ||
        name == "lost+found") {
      continue;
    }
    return MakeError(ErrorCode::kNotADataDirectory,
                     path_.string() +
                         " is not empty, but has no file FORMAT, so it is not a data "
                         "directory (it holds " +
                         name + "); choose another --data-dir, or put FORMAT back from a copy");
  }
  return {};
}

Status DataDirectory::SyncEntry() const {
  const std::filesystem::path parent = path_.has_parent_path() ? path_.parent_path() : ".";
  // Where this process may not look, somebody else has made the directory for it, and answers for
  // it.
  if (::faccessat(AT_FDCWD, parent.c_str(), R_OK, AT_EACCESS) != 0 && errno == EACCES) return {};
  return SyncDirectory(parent, env_);
}

Status DataDirectory::Lock() {
  FileDescriptor file(::open(lock_path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.valid()) return SystemError("open", lock_path(), errno);
  if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return SystemError("lock", lock_path(), errno);
    return MakeError(ErrorCode::kDataDirectoryInUse, path_.string() + " is in use by " +
                                                         HolderOf(lock_path()) +
                                                         "; stop it or choose another --data-dir");
  }
  // For the message above; the lock itself does not depend on it.
  const std::string process = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file.number(), 0) != 0 ||
      ::pwrite(file.number(), process.data(), process.size(), 0) < 0) {
    return SystemError("write", lock_path(), errno);
  }
  lock_ = std::move(file);
  return {};
}

Status DataDirectory::Relock() {
  struct stat ours{};
  struct stat there{};
  if (::fstat(lock_.number(), &ours) == 0 && ::stat(lock_path().c_str(), &there) == 0 &&
      ours.st_dev == there.st_dev && ours.st_ino == there.st_ino) {
    return {};
  }
  return Lock();
}

Status DataDirectory::BeginStore(const StoreId& id) {
  COUPOND_CHECK(!store_id_);
  // Also if the directory was there: whoever made it may have been stopped before it was durable.
  if (Status synced = SyncEntry(); !synced) return synced;
  for (const std::filesystem::path& leftover : {log_path(), views_path(), watermark_path()}) {
    if (Status removed = RemoveAll(leftover, env_); !removed) return removed;
  }
  return WriteStoreFormat(format_path(), {.state = StoreFormat::State::kCreating, .store_id = id},
                          env_);
}

Status DataDirectory::FinishStore(const StoreId& id) {
  Status written = WriteStoreFormat(format_path(),
                                    {.state = StoreFormat::State::kComplete, .store_id = id}, env_);
  if (written) store_id_ = id;
  return written;
}

}  // namespace coupond::storage

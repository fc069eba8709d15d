#include "storage/files/data_directory.h"

#include <fcntl.h>
#include <rocksdb/env.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

#include "base/check.h"
#include "storage/files/env_files.h"
#include "storage/files/rocksdb_status.h"

namespace coupond::storage {
namespace {

constexpr std::string_view kFormatTitle = "coupond data directory\nformat: ";

std::string ToText(const StoreFormat& format) {
  std::string text(kFormatTitle);
  text += std::to_string(format.version);
  text += "\nstate: ";
  text += format.state == StoreFormat::State::kComplete ? "complete" : "creating";
  text += "\nstore: " + FormatUuid(format.store_id.bytes) + "\n";
  return text;
}

/// Returns the version that the file states, or nullopt if it states none.
std::optional<std::uint32_t> VersionOf(std::string_view text) {
  if (!text.starts_with(kFormatTitle)) return std::nullopt;
  text.remove_prefix(kFormatTitle.size());
  std::uint32_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc() || end == text.data() + text.size() || *end != '\n') {
    return std::nullopt;
  }
  return version;
}

std::optional<StoreFormat> FromText(std::string_view text, std::uint32_t version) {
  constexpr std::size_t kUuidLineBytes = 37;
  if (text.size() < kUuidLineBytes) return std::nullopt;
  const auto id = ParseUuid(text.substr(text.size() - kUuidLineBytes, kUuidLineBytes - 1));
  if (!id) return std::nullopt;
  // Only exactly what would be written is understood.
  for (const auto state : {StoreFormat::State::kCreating, StoreFormat::State::kComplete}) {
    const StoreFormat format{.state = state, .store_id = {*id}, .version = version};
    if (ToText(format) == text) return format;
  }
  return std::nullopt;
}

/// Returns the contents, of this version or an older one, or nullopt if there is no such file.
Result<std::optional<StoreFormat>> ReadAnyStoreFormat(const std::filesystem::path& file,
                                                      rocksdb::Env* env) {
  const std::optional<std::string> text = TRY(ReadSmallFile(file, env));
  if (!text) return std::nullopt;
  const std::optional<std::uint32_t> version = VersionOf(*text);
  if (version && *version > kFormatVersion) {
    return MakeError(ErrorCode::kFormatUnsupported,
                     file.string() + " says format " + std::to_string(*version) +
                         ", but this program knows only up to " + std::to_string(kFormatVersion) +
                         "; use the newer program that wrote it");
  }
  std::optional<StoreFormat> format;
  if (version && *version > 0) format = FromText(*text, *version);
  if (!format) {
    return MakeError(ErrorCode::kNotADataDirectory,
                     file.string() +
                         " is not the format file of a data directory, or it is damaged; put it "
                         "back from a copy");
  }
  return format;
}

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

/// Reports whether an upgrade writes a file of that name before FORMAT.
bool IsWrittenByUpgrade(const std::string& name) {
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

Status WriteStoreFormat(const std::filesystem::path& file, const StoreFormat& format,
                        rocksdb::Env* env) {
  return ReplaceFile(file, ToText(format), env);
}

Result<std::optional<StoreFormat>> ReadStoreFormat(const std::filesystem::path& file,
                                                   rocksdb::Env* env) {
  const std::optional<StoreFormat> format = TRY(ReadAnyStoreFormat(file, env));
  // What an unfinished attempt has left is removed, whatever version made it.
  if (!format || format->version == kFormatVersion ||
      format->state == StoreFormat::State::kCreating) {
    return format;
  }
  return MakeError(ErrorCode::kFormatUnsupported,
                   file.string() + " says format " + std::to_string(format->version) +
                       ", but this program uses format " + std::to_string(kFormatVersion) +
                       "; the directory must be upgraded first");
}

bool IsOlderStore(const std::filesystem::path& path) {
  const Result<std::optional<StoreFormat>> format = ReadAnyStoreFormat(path / "FORMAT", nullptr);
  return format && *format && (*format)->version < kFormatVersion &&
         (*format)->state == StoreFormat::State::kComplete;
}

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
    directory.store_id_ = format->store_id;
    TRY(directory.CheckLogExists());
  }
  return directory;
}

Result<DataDirectory> DataDirectory::OpenOlder(const std::filesystem::path& path) {
  DataDirectory directory(WithoutTrailingSlash(path), rocksdb::Env::Default());
  // Before a lock file is created in what may be another program's directory.
  const std::optional<StoreFormat> format =
      TRY(ReadAnyStoreFormat(directory.format_path(), directory.env_));
  if (!format || format->state != StoreFormat::State::kComplete) {
    return MakeError(
        ErrorCode::kNotADataDirectory,
        directory.path_.string() + " holds no finished store, so there is nothing to upgrade");
  }
  if (format->version == kFormatVersion) {
    return MakeError(ErrorCode::kInvalidArgument, directory.path_.string() + " is of format " +
                                                      std::to_string(kFormatVersion) +
                                                      " already; use it as it is");
  }
  TRY(directory.Lock());
  directory.store_id_ = format->store_id;
  TRY(directory.CheckLogExists());
  return directory;
}

Result<DataDirectory> DataDirectory::OpenForUpgrade(const std::filesystem::path& path,
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

Status DataDirectory::CheckLogExists() const {
  if (TRY(Exists(log_path(), env_))) return {};
  return MakeError(ErrorCode::kLogMissing,
                   log_path().string() +
                       " is missing, but there was a store; put it back, or restore the whole "
                       "directory from a copy");
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
  if (TRY(Exists(format_path(), env_))) return {};
  const std::vector<std::string> names = TRY(ListContents());
  if (names.empty()) return {};
  // An upgrade may be about to finish it.
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
  const auto other = std::ranges::find_if_not(names, IsWrittenByUpgrade);
  const bool may_be_left = other == names.end();
  return MakeError(
      ErrorCode::kInvalidArgument,
      path_.string() + " is not empty (it holds " + (may_be_left ? names.front() : *other) +
          "); choose another directory" +
          (may_be_left ? ", or remove this one if an interrupted upgrade has left it" : ""));
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
  // Where this process may not look, somebody else has made the directory, and is responsible for
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
  // Whoever had the lock has removed it, and another process may have made a new one.
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

Status DataDirectory::BeginUpgraded() const {
  COUPOND_CHECK(!store_id_);
  TRY(SyncEntry());
  TRY(MakePrivateDirectory(log_path(), env_));
  return SyncDirectory(path_, env_);
}

void DataDirectory::DiscardUpgraded() const {
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

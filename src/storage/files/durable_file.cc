#include "storage/files/durable_file.h"

#include <rocksdb/env.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include "storage/files/directory.h"
#include "storage/files/rocksdb_status.h"

namespace coupond::storage {
namespace {

std::unexpected<Error> Failed(const rocksdb::Status& status, std::string_view action,
                              const std::filesystem::path& file) {
  return RocksDbError(status, ErrorCode::kIo,
                      "cannot " + std::string(action) + " " + file.string());
}

/// Creates a file with these contents, durable except for its name.
Status WriteNewFile(const std::filesystem::path& file, std::string_view contents,
                    rocksdb::Env& env) {
  std::unique_ptr<rocksdb::WritableFile> opened;
  if (const rocksdb::Status created = env.NewWritableFile(file, &opened, {}); !created.ok()) {
    return Failed(created, "create", file);
  }
  // For the owner alone: some of the files beside these hold secrets.
  if (::chmod(file.c_str(), 0600) != 0)
    return SystemError("restrict the permissions of", file, errno);
  if (const rocksdb::Status written = opened->Append(contents); !written.ok()) {
    return Failed(written, "write", file);
  }
  if (const rocksdb::Status synced = opened->Fsync(); !synced.ok()) {
    return Failed(synced, "sync", file);
  }
  if (const rocksdb::Status closed = opened->Close(); !closed.ok()) {
    return Failed(closed, "close", file);
  }
  return {};
}

}  // namespace

std::unexpected<Error> SystemError(std::string_view action, const std::filesystem::path& path,
                                   int error_number) {
  const bool full = error_number == ENOSPC || error_number == EDQUOT;
  const bool forbidden = error_number == EACCES || error_number == EROFS;
  return MakeError(full ? ErrorCode::kNoSpace : ErrorCode::kIo,
                   "cannot " + std::string(action) + " " + path.string() + ": " +
                       std::generic_category().message(error_number) +
                       std::string(full        ? kMakeRoom
                                   : forbidden ? kMakeAccessible
                                               : ""));
}

Status ReplaceFile(const std::filesystem::path& file, std::string_view contents,
                   rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  std::filesystem::path unfinished = file;
  unfinished += kUnfinishedSuffix;
  TRY(WriteNewFile(unfinished, contents, *env));
  if (const rocksdb::Status renamed = env->RenameFile(unfinished, file); !renamed.ok()) {
    return Failed(renamed, "replace", file);
  }
  return SyncDirectory(file.parent_path(), env);
}

Result<std::optional<std::string>> ReadSmallFile(const std::filesystem::path& file,
                                                 rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  std::unique_ptr<rocksdb::SequentialFile> opened;
  if (const rocksdb::Status found = env->NewSequentialFile(file, &opened, {}); !found.ok()) {
    if (found.IsPathNotFound()) return std::nullopt;
    return Failed(found, "open", file);
  }
  std::array<char, kSmallFileMaxBytes + 1> buffer{};
  std::string contents;
  while (contents.size() < buffer.size()) {
    rocksdb::Slice part;
    const rocksdb::Status got = opened->Read(buffer.size() - contents.size(), &part, buffer.data());
    if (!got.ok()) return Failed(got, "read", file);
    if (part.empty()) break;
    contents.append(part.data(), part.size());
  }
  return contents;
}

}  // namespace coupond::storage

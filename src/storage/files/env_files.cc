#include "storage/files/env_files.h"

#include <rocksdb/env.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <system_error>

#include "storage/files/rocksdb_status.h"

namespace coupond::storage {
namespace {

std::unexpected<Error> Failed(const rocksdb::Status& status, std::string_view action,
                              const std::filesystem::path& path) {
  return RocksDbError(status, ErrorCode::kIo,
                      "cannot " + std::string(action) + " " + path.string());
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

/// A link itself is removed; its target is not ours.
bool IsLink(const std::filesystem::path& path) {
  std::error_code unknown;
  return std::filesystem::is_symlink(std::filesystem::symlink_status(path, unknown));
}

Status RemoveFile(const std::filesystem::path& file, rocksdb::Env* env) {
  const rocksdb::Status removed = env->DeleteFile(file);
  if (!removed.ok() && !removed.IsPathNotFound()) return Failed(removed, "remove", file);
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

Result<bool> Exists(const std::filesystem::path& path, rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  // Env::FileExists returns NotFound also without the permission to look.
  std::uint64_t size = 0;
  const rocksdb::Status found = env->GetFileSize(path, &size);
  if (found.ok()) return true;
  if (found.IsPathNotFound()) return false;
  return Failed(found, "look for", path);
}

Result<std::vector<std::string>> ListDirectory(const std::filesystem::path& directory,
                                               rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  std::vector<std::string> names;
  if (const rocksdb::Status listed = env->GetChildren(directory, &names); !listed.ok()) {
    return Failed(listed, "list", directory);
  }
  std::erase_if(names, [](const std::string& name) { return name == "." || name == ".."; });
  return names;
}

Result<std::filesystem::path> RealPath(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) return SystemError("look for", path, error.value());
  std::filesystem::path real = std::filesystem::weakly_canonical(absolute, error);
  if (error) return SystemError("look for", path, error.value());
  return real.has_filename() ? real : real.parent_path();
}

bool IsWithin(const std::filesystem::path& inner, const std::filesystem::path& outer) {
  const auto [outer_end, unused] =
      std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return outer_end == outer.end();
}

Status MakePrivateDirectory(const std::filesystem::path& directory, rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  const bool there = TRY(Exists(directory, env));
  if (const rocksdb::Status made = env->CreateDirIfMissing(directory); !made.ok()) {
    auto failed = Failed(made, "create", directory);
    if (made.IsPathNotFound()) failed.error().message += "; make the folder around it first";
    return failed;
  }
  // An Env knows no modes. Nothing is in the directory yet that others might have read.
  if (!there && ::chmod(directory.c_str(), 0700) != 0) {
    return SystemError("restrict the permissions of", directory, errno);
  }
  return {};
}

Status RemoveAll(const std::filesystem::path& path, rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  if (IsLink(path)) return RemoveFile(path, env);
  const bool there = TRY(Exists(path, env));
  if (!there) return {};
  bool is_directory = false;
  if (const rocksdb::Status looked = env->IsDirectory(path, &is_directory); !looked.ok()) {
    return Failed(looked, "look at", path);
  }
  if (!is_directory) return RemoveFile(path, env);
  const std::vector<std::string> names = TRY(ListDirectory(path, env));
  for (const std::string& name : names) {
    TRY(RemoveAll(path / name, env));
  }
  if (const rocksdb::Status removed = env->DeleteDir(path); !removed.ok()) {
    return Failed(removed, "remove", path);
  }
  return {};
}

Status SyncDirectory(const std::filesystem::path& directory, rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  std::unique_ptr<rocksdb::Directory> opened;
  if (const rocksdb::Status found = env->NewDirectory(directory, &opened); !found.ok()) {
    return Failed(found, "open", directory);
  }
  if (const rocksdb::Status synced = opened->Fsync(); !synced.ok()) {
    return Failed(synced, "sync", directory);
  }
  return {};
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

#include "storage/files/directory.h"

#include <rocksdb/env.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <system_error>

#include "storage/files/durable_file.h"
#include "storage/files/rocksdb_status.h"

namespace coupond::storage {
namespace {

std::unexpected<Error> Failed(const rocksdb::Status& status, std::string_view action,
                              const std::filesystem::path& path) {
  return RocksDbError(status, ErrorCode::kIo,
                      "cannot " + std::string(action) + " " + path.string());
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

}  // namespace coupond::storage

#include "storage/views/damage_mark.h"

#include "storage/files/directory.h"
#include "storage/files/durable_file.h"

namespace coupond::storage {
namespace {

std::filesystem::path MarkIn(const std::filesystem::path& directory) {
  return directory / "DAMAGED";
}

}  // namespace

DamageMark::DamageMark(const std::filesystem::path& directory, rocksdb::Env* env)
    : directory_(directory), env_(env) {}

Result<bool> DamageMark::IsIn(const std::filesystem::path& directory, rocksdb::Env* env) {
  return Exists(MarkIn(directory), env);
}

void DamageMark::Leave(Error& error) {
  const std::lock_guard lock(mutex_);
  if (!left_) {
    left_ = ReplaceFile(MarkIn(directory_),
                        "These views were found damaged while in use. They are rebuilt from the "
                        "log at the next start.\n",
                        env_);
  }
  if (*left_) {
    error.message += "; the views are rebuilt from the log at the next start";
  } else {
    error.message += "; stop the server and remove " + directory_.string() +
                     ", then the views are rebuilt from the log at the next start (by itself it "
                     "would not: " +
                     left_->error().message + ")";
  }
}

}  // namespace coupond::storage

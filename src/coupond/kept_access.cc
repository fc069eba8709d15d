#include "coupond/kept_access.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <ios>
#include <utility>
#include <vector>

#include "access/key.h"
#include "access/keys_file.h"
#include "coupond/logging.h"

namespace coupond {
namespace {

constexpr std::int64_t kNanosecondsOfSecond = 1'000'000'000;
/// More than any key has.
constexpr std::size_t kEntryTokenFileBytesMax = 16 * 1'024;

FileMark MarkOf(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = status.st_size,
          .changed_ns = status.st_ctim.tv_sec * kNanosecondsOfSecond + status.st_ctim.tv_nsec};
}

void LogCount(const std::vector<access::Key>& keys) {
  const auto revoked = static_cast<std::size_t>(
      std::ranges::count_if(keys, [](const access::Key& key) { return key.revoked.has_value(); }));
  spdlog::info("{} access keys, {} of them revoked", keys.size(), revoked);
  if (keys.size() == revoked) {
    spdlog::warn("nobody can call: make a key with `couponctl keys new`");
  }
}

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kEntryTokenFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad() || text.empty()) {
    return MakeError(ErrorCode::kIo, "cannot read the key of entry tokens in " + path);
  }
  if (text.size() > kEntryTokenFileBytesMax) {
    return MakeError(ErrorCode::kInvalidArgument, path + " is too large for a key of entry tokens");
  }
  return text;
}

}  // namespace

Result<std::unique_ptr<KeptAccess>> KeptAccess::Open(const AccessFiles& files) {
  std::unique_ptr<KeptAccess> access(new KeptAccess(files));
  if (!files.keys.empty()) TRY(access->ReadKeys());
  if (!files.entry_token_key.empty()) TRY(access->ReadEntryTokenKey());
  return access;
}

Status KeptAccess::ReadKeys() {
  // Before reading: a change in between is then noticed later.
  keys_mark_ = MarkOf(files_.keys);
  std::vector<access::Key> keys = TRY(access::ReadKeysFile(files_.keys));
  LogCount(keys);
  if (keys_) {
    keys_->Replace(std::move(keys));
  } else {
    keys_.emplace(std::move(keys));
  }
  return {};
}

Status KeptAccess::ReadEntryTokenKey() {
  entry_token_mark_ = MarkOf(files_.entry_token_key);
  const std::string contents = TRY(ReadFile(files_.entry_token_key));
  auto key = api::EntryTokenKey::FromFile(files_.entry_token_algorithm, contents);
  if (!key) {
    return MakeError(key.error().code, files_.entry_token_key + ": " + key.error().message);
  }
  if (entry_tokens_) {
    entry_tokens_->Replace(*std::move(key));
  } else {
    entry_tokens_.emplace(*std::move(key));
  }
  return {};
}

void KeptAccess::Reload() {
  if (keys_) {
    spdlog::info("reading the keys file again");
    if (const Status read = ReadKeys(); !read) {
      LogError(read.error());
      spdlog::warn("the access keys stay as they were");
    }
  }
  if (entry_tokens_) {
    spdlog::info("reading the key of entry tokens again");
    if (const Status read = ReadEntryTokenKey(); !read) {
      LogError(read.error());
      spdlog::warn("the key of entry tokens stays as it was");
    }
  }
}

void KeptAccess::ReloadIfChanged() {
  const bool changed = (keys_ && MarkOf(files_.keys) != keys_mark_) ||
                       (entry_tokens_ && MarkOf(files_.entry_token_key) != entry_token_mark_);
  if (changed) Reload();
}

}  // namespace coupond

#include "storage/store_texts.h"

#include <algorithm>
#include <string_view>
#include <system_error>

namespace coupond::storage {
namespace {

/// Adds the paths of the directories below `directory` whose names begin with `prefix`. What cannot
/// be looked at is left out: the answer is a hint for people.
void AddDirectories(const std::filesystem::path& directory, std::string_view prefix,
                    std::vector<std::string>& paths) {
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::error_code unreadable;
    if (entry->is_directory(unreadable) && entry->path().filename().string().starts_with(prefix)) {
      paths.push_back(entry->path().string());
    }
  }
}

}  // namespace

Result<bool> StoreTexts::Purge(const TextPlaces& places, const std::atomic<bool>& stop) {
  const bool gone_from_log = TRY(log_.PurgeHiddenTexts(places, stop));
  const bool gone_from_views = TRY(views_.PurgeRemovedTexts(places, stop));
  return gone_from_log && gone_from_views;
}

std::vector<std::string> StoreTexts::FindCopies() const {
  std::vector<std::string> copies;
  for (const std::string_view prefix : {"removed-", "repair-scratch", "saved-unfinished"}) {
    AddDirectories(data_directory_, prefix, copies);
  }
  if (!backup_directory_.empty()) AddDirectories(backup_directory_, "", copies);
  std::ranges::sort(copies);
  return copies;
}

}  // namespace coupond::storage

#include "coupon_audit/read/stored_log.h"

#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "base/big_endian.h"
#include "storage/files/store_format.h"
#include "storage/files/watermark.h"

namespace coupond::audit {
namespace {

std::unexpected<Finding> Unreadable(ErrorCode code, std::string message) {
  return std::unexpected<Finding>(Error{.code = code, .message = std::move(message)});
}

/// Files that come and go meanwhile do not matter: it is a figure for people.
std::uint64_t DataBytesIn(const std::filesystem::path& directory) {
  std::uint64_t bytes = 0;
  std::error_code ignored;
  std::filesystem::directory_iterator entry(directory, ignored);
  for (; !ignored && entry != std::filesystem::directory_iterator(); entry.increment(ignored)) {
    const std::filesystem::path extension = entry->path().extension();
    if (extension != ".sst" && extension != ".log") continue;
    std::error_code gone;
    const std::uintmax_t size = entry->file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

}  // namespace

Audited<LogWitnesses> StoredLog::ReadWitnesses(const std::filesystem::path& directory) {
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    return Unreadable(ErrorCode::kNotADataDirectory,
                      directory.string() + " is not a directory; give the --data-dir of a coupond");
  }
  Result<std::optional<storage::StoreFormat>> format =
      storage::ReadStoreFormat(directory / "FORMAT");
  if (!format) return std::unexpected(FindingOf(std::move(format.error())));
  if (!*format) {
    return Unreadable(ErrorCode::kNotADataDirectory,
                      directory.string() +
                          " has no file FORMAT, so it is not a data directory; give the --data-dir "
                          "of a coupond, or put FORMAT back from a copy");
  }
  if ((*format)->state != storage::StoreFormat::State::kComplete) {
    return Unreadable(ErrorCode::kNotADataDirectory,
                      directory.string() +
                          " holds a store that was begun and never finished: nothing was ever "
                          "acknowledged there; start coupond on it to make it");
  }
  Result<storage::Watermark> watermark = storage::ReadWatermark(directory / "WATERMARK");
  if (!watermark) return std::unexpected(FindingOf(std::move(watermark.error())));
  return LogWitnesses{.store_id = (*format)->store_id, .watermark = *watermark};
}

Audited<StoredLog> StoredLog::Open(const std::filesystem::path& directory,
                                   const LogWitnesses& witnesses) {
  const std::filesystem::path path = directory / "log";
  Result<std::unique_ptr<storage::RawRows>> rows =
      storage::RawRows::Open(path, storage::RawRows::Database::kLog);
  if (!rows) return std::unexpected(FindingOf(std::move(rows.error())));
  Result<std::optional<std::string>> last = (*rows)->LastKey();
  if (!last) return std::unexpected(FindingOf(std::move(last.error())));
  const bool is_number = *last && (*last)->size() == storage::kBigEndianBytes;
  const GroupNumber last_group(is_number ? storage::ReadBigEndian(**last) : 0);
  return StoredLog(witnesses, std::move(*rows), last_group, DataBytesIn(path));
}

Audited<StoredLog> StoredLog::Open(const std::filesystem::path& directory) {
  const Audited<LogWitnesses> witnesses = ReadWitnesses(directory);
  if (!witnesses) return std::unexpected(witnesses.error());
  return Open(directory, *witnesses);
}

StoredLog::StoredLog(const LogWitnesses& witnesses, std::unique_ptr<storage::RawRows> rows,
                     GroupNumber last_group, std::uint64_t bytes_on_disk)
    : witnesses_(witnesses),
      rows_(std::move(rows)),
      last_group_(last_group),
      bytes_on_disk_(bytes_on_disk) {}

}  // namespace coupond::audit

#include "storage/files/watermark.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "storage/files/env_files.h"
#include "storage/format/commit_record.h"

namespace coupond::storage {
namespace {

constexpr std::string_view kTitle = "coupond watermark\ngroup: ";
constexpr std::string_view kBeforeHash = "\nhash: ";

std::string ToText(const Watermark& watermark) {
  std::string text(kTitle);
  text += std::to_string(watermark.group.value());
  text += kBeforeHash;
  text += FormatHash(watermark.hash);
  text += "\n";
  // The same function as in the log, as before the first group; half of it suffices against bad
  // disks.
  text += "checksum: " + FormatHash(ChainHash({}, text)).substr(0, 32) + "\n";
  return text;
}

bool ReadHash(std::string_view digits, GroupHash& hash) {
  if (digits.size() < 2 * hash.size()) return false;
  for (std::size_t i = 0; i < hash.size(); ++i) {
    const char* const byte = digits.data() + 2 * i;
    if (std::from_chars(byte, byte + 2, hash[i], 16).ptr != byte + 2) return false;
  }
  return true;
}

std::optional<Watermark> FromText(std::string_view text) {
  std::string_view rest = text;
  if (!rest.starts_with(kTitle)) return std::nullopt;
  rest.remove_prefix(kTitle.size());
  std::uint64_t group = 0;
  const auto number = std::from_chars(rest.data(), rest.data() + rest.size(), group);
  if (number.ec != std::errc()) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(number.ptr - rest.data()));
  if (!rest.starts_with(kBeforeHash)) return std::nullopt;
  rest.remove_prefix(kBeforeHash.size());
  Watermark watermark{.group = GroupNumber(group), .hash = {}};
  if (!ReadHash(rest, watermark.hash)) return std::nullopt;
  // This compares the checksum, and anything else that might differ.
  if (ToText(watermark) != text) return std::nullopt;
  return watermark;
}

}  // namespace

Status WriteWatermark(const std::filesystem::path& file, const Watermark& watermark,
                      rocksdb::Env* env) {
  return ReplaceFile(file, ToText(watermark), env);
}

Result<Watermark> ReadWatermark(const std::filesystem::path& file, rocksdb::Env* env) {
  const std::optional<std::string> text = TRY(ReadSmallFile(file, env));
  if (!text) {
    return MakeError(
        ErrorCode::kWatermarkMissing,
        file.string() +
            " is missing, so it is unknown how far the log must reach; put it back, or "
            "restore a backup with `coupon-audit restore`");
  }
  const std::optional<Watermark> watermark = FromText(*text);
  if (!watermark) {
    return MakeError(
        ErrorCode::kWatermarkDamaged,
        file.string() +
            " is damaged, so it is unknown how far the log must reach; restore a backup with "
            "`coupon-audit restore`");
  }
  return *watermark;
}

}  // namespace coupond::storage

#include "storage/files/store_format.h"

#include <charconv>
#include <string_view>

#include "storage/files/durable_file.h"

namespace coupond::storage {
namespace {

constexpr std::string_view kTitle = "coupond data directory\nformat: ";

std::string ToText(const StoreFormat& format) {
  std::string text(kTitle);
  text += std::to_string(kFormatVersion);
  text += "\nstate: ";
  text += format.state == StoreFormat::State::kComplete ? "complete" : "creating";
  text += "\nstore: " + FormatUuid(format.store_id.bytes) + "\n";
  return text;
}

/// Returns the version that the file states, or nullopt if it states none.
std::optional<std::uint32_t> VersionOf(std::string_view text) {
  if (!text.starts_with(kTitle)) return std::nullopt;
  text.remove_prefix(kTitle.size());
  std::uint32_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc() || end == text.data() + text.size() || *end != '\n') {
    return std::nullopt;
  }
  return version;
}

std::optional<StoreFormat> FromText(std::string_view text) {
  constexpr std::size_t kUuidLineBytes = 37;
  if (text.size() < kUuidLineBytes) return std::nullopt;
  const auto id = ParseUuid(text.substr(text.size() - kUuidLineBytes, kUuidLineBytes - 1));
  if (!id) return std::nullopt;
  // Only exactly what would be written is understood.
  for (const auto state : {StoreFormat::State::kCreating, StoreFormat::State::kComplete}) {
    const StoreFormat format{.state = state, .store_id = {*id}};
    if (ToText(format) == text) return format;
  }
  return std::nullopt;
}

}  // namespace

Status WriteStoreFormat(const std::filesystem::path& file, const StoreFormat& format,
                        rocksdb::Env* env) {
  return ReplaceFile(file, ToText(format), env);
}

Result<std::optional<StoreFormat>> ReadStoreFormat(const std::filesystem::path& file,
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
  const std::optional<StoreFormat> format = FromText(*text);
  if (!format) {
    return MakeError(ErrorCode::kNotADataDirectory,
                     file.string() +
                         " is not the format file of a data directory, or it is damaged; put it "
                         "back from a copy");
  }
  return format;
}

}  // namespace coupond::storage

#include "storage/files/store_format.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

#include "storage/files/env_files.h"

namespace coupond::storage {
namespace {

using State = StoreFormat::State;

constexpr std::string_view kTitle = "coupond data directory\nformat: ";
constexpr std::array kStates = {State::kCreating, State::kComplete, State::kBackup};
/// The first version that marks backups.
constexpr std::uint32_t kFirstVersionOfBackups = 2;

std::string_view NameOf(State state) {
  switch (state) {
    case State::kCreating:
      return "creating";
    case State::kComplete:
      return "complete";
    case State::kBackup:
      break;
  }
  return "backup";
}

std::string ToText(const StoreFormat& format) {
  std::string text(kTitle);
  text += std::to_string(format.version);
  text += "\nstate: ";
  text += NameOf(format.state);
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

std::optional<StoreFormat> FromText(std::string_view text, std::uint32_t version) {
  constexpr std::size_t kUuidLineBytes = 37;
  if (text.size() < kUuidLineBytes) return std::nullopt;
  const auto id = ParseUuid(text.substr(text.size() - kUuidLineBytes, kUuidLineBytes - 1));
  if (!id) return std::nullopt;
  // Only exactly what would be written is understood.
  for (const State state : kStates) {
    if (state == State::kBackup && version < kFirstVersionOfBackups) continue;
    const StoreFormat format{.state = state, .store_id = {*id}, .version = version};
    if (ToText(format) == text) return format;
  }
  return std::nullopt;
}

}  // namespace

Status WriteStoreFormat(const std::filesystem::path& file, const StoreFormat& format,
                        rocksdb::Env* env) {
  return ReplaceFile(file, ToText(format), env);
}

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

Result<std::optional<StoreFormat>> ReadStoreFormat(const std::filesystem::path& file,
                                                   rocksdb::Env* env) {
  const std::optional<StoreFormat> format = TRY(ReadAnyStoreFormat(file, env));
  // What an unfinished attempt has left is removed, whatever version made it.
  if (!format || format->version == kFormatVersion || format->state == State::kCreating) {
    return format;
  }
  return MakeError(ErrorCode::kFormatUnsupported,
                   file.string() + " says format " + std::to_string(format->version) +
                       ", but this program uses format " + std::to_string(kFormatVersion) +
                       "; the directory must be upgraded first");
}

bool IsOlderStore(const std::filesystem::path& path) {
  const Result<std::optional<StoreFormat>> format = ReadAnyStoreFormat(path / "FORMAT");
  return format && *format && (*format)->version < kFormatVersion &&
         (*format)->state != State::kCreating;
}

}  // namespace coupond::storage

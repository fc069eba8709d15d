// The small files of a data directory, WATERMARK and FORMAT. Only what would be written is
// accepted, exactly as docs/LOG_FORMAT.md describes it.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "fuzz/input.h"
#include "fuzz/invariant.h"
#include "fuzz/targets.h"
#include "storage/files/env_files.h"
#include "storage/files/store_format.h"
#include "storage/files/watermark.h"
#include "storage/format/commit_record.h"

namespace coupond::fuzz {
namespace {

/// A file with these contents, in no directory.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view contents) : file_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    Require(file_.valid(), "a file in memory can be made");
    const ssize_t written = ::write(file_.number(), contents.data(), contents.size());
    Require(written == static_cast<ssize_t>(contents.size()), "a file in memory can be written");
  }

  [[nodiscard]] std::filesystem::path path() const {
    return "/proc/self/fd/" + std::to_string(file_.number());
  }

 private:
  FileDescriptor file_;
};

std::string ChecksumLine(std::string_view lines) {
  const std::string hash = storage::FormatHash(storage::ChainHash({}, lines));
  return "checksum: " + hash.substr(0, 32) + "\n";
}

void CheckWatermark(const std::string& text) {
  const Result<storage::Watermark> read = storage::ReadWatermark(MemoryFile(text).path());
  if (!read) {
    Require(read.error().code == ErrorCode::kWatermarkDamaged, "a refusal has its name");
    return;
  }
  const std::string lines = "coupond watermark\ngroup: " + std::to_string(read->group.value()) +
                            "\nhash: " + storage::FormatHash(read->hash) + "\n";
  Require(text == lines + ChecksumLine(lines), "only what was written is read", text);
}

std::string_view NameOf(storage::StoreFormat::State state) {
  switch (state) {
    case storage::StoreFormat::State::kCreating:
      return "creating";
    case storage::StoreFormat::State::kComplete:
      return "complete";
    case storage::StoreFormat::State::kBackup:
      break;
  }
  return "backup";
}

void CheckFormat(const std::string& text) {
  const auto read = storage::ReadStoreFormat(MemoryFile(text).path());
  if (!read) {
    Require(read.error().code == ErrorCode::kNotADataDirectory ||
                read.error().code == ErrorCode::kFormatUnsupported,
            "a refusal has its name");
    return;
  }
  Require(read->has_value(), "a file that is there is not missing");
  const storage::StoreFormat& format = **read;
  Require(format.version == storage::kFormatVersion ||
              format.state == storage::StoreFormat::State::kCreating,
          "a finished store of another version is refused", text);
  Require(text == "coupond data directory\nformat: " + std::to_string(format.version) +
                      "\nstate: " + std::string(NameOf(format.state)) +
                      "\nstore: " + FormatUuid(format.store_id.bytes) + "\n",
          "only what was written is read", text);
}

}  // namespace

void FuzzStoreFiles(std::string_view bytes) {
  Input input(bytes);
  const std::size_t choice = input.Choose(3);
  const std::string text(input.rest());
  switch (choice) {
    case 0:
      return CheckFormat(text);
    case 1:
      return CheckWatermark(text);
    default:
      // With the right checksum, which the fuzzer would not find.
      return CheckWatermark(text + ChecksumLine(text));
  }
}

}  // namespace coupond::fuzz

#include "storage/removed_parts.h"

#include <fstream>
#include <optional>
#include <string>

#include "storage/directory.h"
#include "storage/durable_file.h"

namespace coupond::storage {

Status KeepFile(const std::filesystem::path& file, const std::filesystem::path& directory) {
  const Result<std::optional<std::string>> contents = ReadSmallFile(file);
  if (!contents) return std::unexpected(contents.error());
  if (!*contents) return {};
  return ReplaceFile(directory / file.filename(), **contents);
}

Status KeepTails(const std::vector<LeftOut>& tails, const std::filesystem::path& directory) {
  for (const LeftOut& tail : tails) {
    if (Status made = MakePrivateDirectory(directory); !made) return made;
    std::string bytes(tail.bytes, '\0');
    std::ifstream file(tail.file, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(tail.offset));
    if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
      return MakeError(ErrorCode::kIo, "cannot read the end of " + tail.file.string());
    }
    const std::string name = tail.file.filename().string() + "-from-" + std::to_string(tail.offset);
    if (Status kept = ReplaceFile(directory / name, bytes); !kept) return kept;
  }
  return {};
}

}  // namespace coupond::storage

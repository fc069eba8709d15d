#include "access/keys_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

#include "base/display_text.h"
#include "base/file_descriptor.h"
#include "base/hex.h"
#include "base/time_text.h"

namespace coupond::access {
namespace {

constexpr std::string_view kTable = "key";
constexpr mode_t kNewFileMode = 0600;
constexpr std::size_t kReadAtOnce = 64 * 1'024;
constexpr std::int64_t kNanosecondsOfSecond = 1'000'000'000;

std::unexpected<Error> Wrong(const toml::source_region& where, std::string_view what) {
  return MakeError(ErrorCode::kInvalidArgument,
                   "line " + std::to_string(where.begin.line) + ": " + std::string(what));
}

std::unexpected<Error> Failed(const std::string& path, std::string_view what, int error) {
  return MakeError(ErrorCode::kIo, "cannot " + std::string(what) + " the keys file " + path + ": " +
                                       std::generic_category().message(error));
}

/// Returns an error of the text as one of the file.
Error InFile(const std::string& path, Error error) {
  error.message = "the keys file " + path + ": " + error.message;
  return error;
}

Result<std::string> ReadText(const toml::node& node, std::string_view name) {
  const auto text = node.value_exact<std::string>();
  if (!text) return Wrong(node.source(), std::string(name) + " must be a string in quotes");
  return *text;
}

Result<Timestamp> ReadTime(const toml::node& node, std::string_view name) {
  const auto* const value = node.as_date_time();
  const std::string example = std::string(name) + " must be a moment such as 2027-02-28T00:00:00Z";
  if (value == nullptr) return Wrong(node.source(), example + ", without quotes");
  std::ostringstream text;
  text << value->get();
  const auto time = ParseTime(text.str());
  if (!time) return Wrong(node.source(), example + ", with an offset");
  const auto first = FromUnixNanoseconds(kAlways.unix_nanoseconds()).seconds;
  const auto last = FromUnixNanoseconds(kNever.unix_nanoseconds()).seconds;
  if (time->seconds <= first || time->seconds >= last) {
    return Wrong(node.source(), std::string(name) + " must be in the years 1678 to 2261");
  }
  return Timestamp::FromUnixNanoseconds(time->seconds * kNanosecondsOfSecond + time->nanoseconds);
}

Result<SecretHash> ReadHash(const toml::node& node, std::string_view name) {
  const std::string text = TRY(ReadText(node, name));
  SecretHash hash;
  bool good = text.size() == 2 * hash.size();
  for (std::size_t i = 0; good && i < hash.size(); ++i) {
    const auto high = HexDigitValue(text[2 * i]);
    const auto low = HexDigitValue(text[2 * i + 1]);
    good = high && low;
    if (good) hash.at(i) = static_cast<std::uint8_t>(*high << 4U | *low);
  }
  if (!good) return Wrong(node.source(), std::string(name) + " must have 64 hexadecimal digits");
  return hash;
}

Result<std::vector<CampaignId>> ReadCampaigns(const toml::node& node, std::string_view name) {
  const toml::array* const array = node.as_array();
  if (array == nullptr || array->empty() || array->size() > kKeyCampaignsMax) {
    return Wrong(node.source(), std::string(name) + " must be an array of 1 to " +
                                    std::to_string(kKeyCampaignsMax) +
                                    " ids; leave it out for a key that is for all campaigns");
  }
  std::vector<CampaignId> campaigns;
  for (const toml::node& element : *array) {
    const std::string text = TRY(ReadText(element, name));
    const auto uuid = ParseUuid(text);
    if (!uuid) return Wrong(element.source(), Quoted(text) + " is not the id of a campaign");
    campaigns.push_back(CampaignId{*uuid});
  }
  std::ranges::sort(campaigns);
  campaigns.erase(std::ranges::unique(campaigns).begin(), campaigns.end());
  return campaigns;
}

/// Reads one field of a key. An unknown one is an error: it might be a limit that is misspelt.
Status ReadField(std::string_view name, const toml::node& node, Key& key) {
  if (name == "id") {
    const std::string text = TRY(ReadText(node, name));
    const auto id = ParseKeyId(text);
    if (!id) return Wrong(node.source(), "id must have 8 characters out of a to z and 2 to 7");
    key.id = *id;
  } else if (name == "role") {
    const std::string text = TRY(ReadText(node, name));
    const auto role = RoleByName(text);
    if (!role) {
      return Wrong(node.source(), Quoted(text) + " is not a role; give one of " + RoleNames());
    }
    key.role = *role;
  } else if (name == "secret_sha256") {
    key.secret_hash = TRY(ReadHash(node, name));
  } else if (name == "campaigns") {
    key.campaigns = TRY(ReadCampaigns(node, name));
  } else if (name == "created") {
    key.created = TRY(ReadTime(node, name));
  } else if (name == "expires") {
    key.expires = TRY(ReadTime(node, name));
  } else if (name == "revoked") {
    key.revoked = TRY(ReadTime(node, name));
  } else if (name == "note") {
    key.note = TRY(ReadText(node, name));
  } else {
    return Wrong(node.source(), "a key has no field " + Quoted(name));
  }
  return {};
}

Result<Key> ReadKey(const toml::node& node) {
  const toml::table* const table = node.as_table();
  if (table == nullptr) return Wrong(node.source(), "write each key as a table, [[key]]");
  Key key;
  for (const auto& [name, value] : *table) TRY(ReadField(name.str(), value, key));
  for (const std::string_view needed : {"id", "role", "secret_sha256"}) {
    if (table->contains(needed)) continue;
    return Wrong(table->source(), "the key has no " + std::string(needed));
  }
  return key;
}

/// A keys file that was read, with the places of its tables.
struct ParsedFile {
  std::vector<Key> keys;
  std::vector<std::size_t> lines;  ///< on which the keys' tables begin, from 1 on
};

Result<ParsedFile> ParseFile(std::string_view text) {
  ParsedFile parsed;
  try {
    const toml::table file = toml::parse(text);
    for (const auto& [name, value] : file) {
      if (name.str() != kTable) {
        return Wrong(value.source(), Quoted(name.str()) + " is not known; write keys as [[key]]");
      }
      const toml::array* const tables = value.as_array();
      if (tables == nullptr) return Wrong(value.source(), "write each key as a table, [[key]]");
      if (tables->size() > kKeysMax) {
        return Wrong(value.source(), "more than " + std::to_string(kKeysMax) + " keys");
      }
      std::set<KeyId> ids;
      for (const toml::node& table : *tables) {
        Key key = TRY(ReadKey(table));
        if (!ids.insert(key.id).second) {
          return Wrong(table.source(), "there is another key of this id");
        }
        parsed.keys.push_back(std::move(key));
        parsed.lines.push_back(table.source().begin.line);
      }
    }
  } catch (const toml::parse_error& error) {
    return Wrong(error.source(), error.description());
  }
  return parsed;
}

Result<std::string> ReadFile(const std::string& path) {
  // What is no file would perhaps be waited for.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return Failed(path, "open", errno);
  struct stat status{};
  if (::fstat(file.number(), &status) != 0) return Failed(path, "read", errno);
  if (!S_ISREG(status.st_mode)) {
    return MakeError(ErrorCode::kInvalidArgument, path + " is not a file");
  }
  if ((status.st_mode & S_IWOTH) != 0) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "everybody may write the keys file " + path +
                         ", and so could make keys; take that away: chmod o-w " + path);
  }
  std::string text;
  std::array<char, kReadAtOnce> bytes;
  for (;;) {
    const ssize_t count = ::read(file.number(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failed(path, "read", errno);
    if (count == 0) return text;
    text.append(bytes.data(), static_cast<std::size_t>(count));
    if (text.size() > kKeysFileBytesMax) {
      return MakeError(ErrorCode::kInvalidArgument,
                       path + " is larger than 8 MiB; is this the keys file?");
    }
  }
}

Status WriteAll(const std::string& path, int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failed(path, "write", errno);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (::fsync(descriptor) != 0) return Failed(path, "sync", errno);
  return {};
}

/// The folder of a keys file, locked: changes of the file take place one after the other.
class LockedFolder {
 public:
  /// Waits for others who change a file in the folder. `path` is for messages.
  static Result<LockedFolder> Of(const std::string& path) {
    const std::filesystem::path parent = std::filesystem::absolute(path).parent_path();
    FileDescriptor folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid()) return Failed(path, "find the folder of", errno);
    while (::flock(folder.number(), LOCK_EX) != 0) {
      if (errno != EINTR) return Failed(path, "lock the folder of", errno);
    }
    return LockedFolder(std::move(folder));
  }

  [[nodiscard]] Status Sync(const std::string& path) const {
    if (::fsync(folder_.number()) != 0) return Failed(path, "sync the folder of", errno);
    return {};
  }

 private:
  explicit LockedFolder(FileDescriptor folder) : folder_(std::move(folder)) {}

  FileDescriptor folder_;
};

/// Returns the path of the file itself, where `path` may lead to it by links, as in the secrets of
/// a container.
Result<std::string> TargetOf(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::filesystem::absolute(path).string();
  std::string target = std::filesystem::canonical(path, error).string();
  if (error) return Failed(path, "open", error.value());
  return target;
}

/// Gives a new file the owner, the group and the mode of the old one.
Status TakeOver(const std::string& path, int descriptor, const struct stat& old) {
  if (::fchown(descriptor, old.st_uid, old.st_gid) != 0) {
    return Failed(path, "keep the owner and the group of", errno);
  }
  if (::fchmod(descriptor, old.st_mode & ALLPERMS) != 0) return Failed(path, "write", errno);
  return {};
}

/// Replaces the file at once as a whole. It keeps its owner, group and mode, or is left alone.
Status ReplaceFile(const std::string& path, std::string_view text) {
  struct stat old{};
  if (::stat(path.c_str(), &old) != 0) return Failed(path, "read", errno);
  std::string temporary = path + ".XXXXXX";
  const FileDescriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.valid()) return Failed(path, "write beside", errno);
  const auto write = [&]() -> Status {
    TRY(TakeOver(path, file.number(), old));
    TRY(WriteAll(path, file.number(), text));
    if (::rename(temporary.c_str(), path.c_str()) != 0) return Failed(path, "replace", errno);
    return {};
  };
  Status written = write();
  if (!written) ::unlink(temporary.c_str());
  return written;
}

std::string TomlString(std::string_view text) {
  std::ostringstream out;
  out << toml::value<std::string>(std::string(text));
  return out.str();
}

std::string TomlTime(Timestamp time) {
  return FormatTime(FromUnixNanoseconds(time.unix_nanoseconds()));
}

/// Returns where the line of that number begins, from 1 on.
std::size_t BeginOfLine(std::string_view text, std::size_t line) {
  std::size_t begin = 0;
  for (std::size_t passed = 1; passed < line; ++passed) begin = text.find('\n', begin) + 1;
  return begin;
}

}  // namespace

Result<std::vector<Key>> ParseKeys(std::string_view text) { return TRY(ParseFile(text)).keys; }

Result<std::vector<Key>> ReadKeysFile(const std::string& path) {
  const std::string text = TRY(ReadFile(path));
  auto keys = ParseKeys(text);
  if (!keys) return std::unexpected(InFile(path, std::move(keys.error())));
  return keys;
}

std::string FormatKey(const Key& key) {
  std::string text = "[[key]]\nid = \"" + FormatKeyId(key.id) + "\"\nrole = \"" +
                     std::string(RoleName(key.role)) + "\"\n";
  std::string ids;
  for (const CampaignId& id : key.campaigns) {
    ids.append(ids.empty() ? "\"" : ", \"").append(FormatUuid(id.bytes)).append("\"");
  }
  if (!ids.empty()) text.append("campaigns = [").append(ids).append("]\n");
  if (key.created) text.append("created = ").append(TomlTime(*key.created)).append("\n");
  if (key.expires) text.append("expires = ").append(TomlTime(*key.expires)).append("\n");
  if (key.revoked) text.append("revoked = ").append(TomlTime(*key.revoked)).append("\n");
  if (!key.note.empty()) text.append("note = ").append(TomlString(key.note)).append("\n");
  // Needed, so it is the last: a table that is cut off cannot lack a limit and be read all the
  // same.
  return text.append("secret_sha256 = \"").append(Hex(key.secret_hash)).append("\"\n");
}

Status AppendKey(const std::string& path, const Key& key) {
  const std::string target = TRY(TargetOf(path));
  const LockedFolder folder = TRY(LockedFolder::Of(target));
  std::string text;
  std::error_code ignored;
  if (std::filesystem::exists(target, ignored)) text = TRY(ReadFile(target));
  const std::string_view break_before = text.empty() ? "" : (text.ends_with('\n') ? "\n" : "\n\n");
  const std::string addition = std::string(break_before) + FormatKey(key);
  // A key that makes the file unreadable must not get in, and neither one more than there may be.
  auto read = ParseKeys(text + addition);
  if (!read) return std::unexpected(InFile(path, std::move(read.error())));
  const FileDescriptor file(
      ::open(target.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kNewFileMode));
  if (!file.valid()) return Failed(path, "open", errno);
  Status written = WriteAll(path, file.number(), addition);
  if (written) written = folder.Sync(path);
  if (written) return {};
  // No one has been shown the key, so nothing of it stays.
  if (::ftruncate(file.number(), static_cast<off_t>(text.size())) != 0) {
    written.error().message += "; the end of the file has to be mended by hand";
  }
  return written;
}

Status RevokeKey(const std::string& path, KeyId id, Timestamp time) {
  const std::string target = TRY(TargetOf(path));
  const LockedFolder folder = TRY(LockedFolder::Of(target));
  std::string text = TRY(ReadFile(target));
  auto parsed = ParseFile(text);
  if (!parsed) return std::unexpected(InFile(path, std::move(parsed.error())));
  const auto found = std::ranges::find(parsed->keys, id, &Key::id);
  if (found == parsed->keys.end()) {
    return MakeError(ErrorCode::kInvalidArgument, "the keys file " + path + " has no key " +
                                                      FormatKeyId(id) +
                                                      "; `couponctl keys list` shows those it has");
  }
  if (found->revoked) return {};
  const auto place = static_cast<std::size_t>(found - parsed->keys.begin());
  const std::size_t begin = BeginOfLine(text, parsed->lines.at(place));
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  const std::string_view head = std::string_view(text).substr(begin, end - begin);
  if (!head.starts_with("[[")) {
    return MakeError(
        ErrorCode::kInvalidArgument,
        "the keys file " + path + ", line " + std::to_string(parsed->lines.at(place)) +
            ": the key is not written as [[key]] on a line of its own; add revoked = " +
            TomlTime(time) + " to it yourself");
  }
  text.insert(end, "\nrevoked = " + TomlTime(time));
  TRY(ReplaceFile(target, text));
  return folder.Sync(path);
}

}  // namespace coupond::access

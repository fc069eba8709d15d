#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_PART_FILE_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_PART_FILE_H_

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "base/file_descriptor.h"

namespace coupond::ctl {

/// A file that has its name only once it is complete. Until then it has none, so that nothing is
/// left of it even if the process is killed. Where the file system has no such files, it is beside
/// its place, as NAME.part.XXXXXX, and is removed if it is given up; a process that is killed
/// leaves it. One thread. All errors are for the user, and say why the file cannot be written.
class PartFile {
 public:
  enum class IfThere { kRefuse, kReplace };
  /// What the file is called until it is complete. kNamed is also the way without the other.
  enum class Meanwhile { kUnnamed, kNamed };

  /// Refuses a name that a directory, a device or another special file has, because that would be
  /// replaced. With kRefuse, refuses a name that any file has.
  [[nodiscard]] static std::expected<PartFile, std::string> Open(
      const std::string& path, IfThere if_there, Meanwhile meanwhile = Meanwhile::kUnnamed);
  ~PartFile();
  PartFile(PartFile&& other) = default;
  PartFile& operator=(PartFile&& other) = delete;

  [[nodiscard]] std::expected<void, std::string> Write(std::string_view text);
  /// Brings the file to disk and gives it its name. Refuses what Open refuses, in case another file
  /// got the name meanwhile.
  [[nodiscard]] std::expected<void, std::string> Complete();

 private:
  PartFile(std::string path, IfThere if_there, std::string part, FileDescriptor file)
      : path_(std::move(path)),
        if_there_(if_there),
        part_(std::move(part)),
        file_(std::move(file)) {}

  [[nodiscard]] static std::expected<PartFile, std::string> OpenNamed(const std::string& path,
                                                                      IfThere if_there);
  [[nodiscard]] std::expected<void, std::string> GivePartName();
  [[nodiscard]] bool RenamePart() const;

  std::string path_;
  IfThere if_there_;
  std::string part_;  ///< its name until it is complete; empty: it has none
  FileDescriptor file_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_PART_FILE_H_

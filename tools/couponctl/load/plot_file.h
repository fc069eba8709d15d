#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_PLOT_FILE_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_PLOT_FILE_H_

#include <expected>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"

namespace coupond::ctl {

/// A file that is written at the end of a load. It is opened before, so that a load is not run in
/// vain; until then, what is in it stays. If it is never written, a file that was made is removed.
class PlotFile {
 public:
  /// The error says, for the user, why the file cannot be written.
  [[nodiscard]] static std::expected<PlotFile, std::string> Open(const std::string& path);
  ~PlotFile();
  PlotFile(PlotFile&& other) = default;
  PlotFile& operator=(PlotFile&& other) = delete;

  /// Replaces what is in the file. The error says, for the user, why that failed.
  [[nodiscard]] std::expected<void, std::string> Write(std::string_view text);

 private:
  PlotFile(std::string path, FileDescriptor file, bool is_new)
      : path_(std::move(path)), file_(std::move(file)), remove_(is_new) {}

  std::string path_;
  FileDescriptor file_;
  bool remove_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_PLOT_FILE_H_

#ifndef COUPOND_RPC_HTTP_SOCKET_FILE_H_
#define COUPOND_RPC_HTTP_SOCKET_FILE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/file_descriptor.h"

/// Sockets of the Unix domain, which have a path where others have an address and a port.
namespace coupond::http {

/// The length of the longest path that a socket may have.
inline constexpr std::size_t kSocketPathBytesMax = 107;

/// Returns the path in an address such as "unix:/run/coupond.sock", or nullopt if it is no such
/// address, or its path is not absolute or too long for a socket.
[[nodiscard]] std::optional<std::string> SocketPathOf(std::string_view address);

/// The file of a socket that this process has bound. Removes it at its end, unless another process
/// has replaced it. Not thread-safe.
///
/// Beside it, a locked file with ".lock" after the path says that the path is taken: that a socket
/// is bound and about to be listened on cannot be seen otherwise.
class SocketFile {
 public:
  struct Bound;
  /// Binds a new socket to the path, with the mode 0660. A file that is there is replaced if it is
  /// a socket on which no process listens and that none has locked. Fails with kCannotListen.
  [[nodiscard]] static Result<Bound> Bind(const std::string& path);

  SocketFile(SocketFile&& other) noexcept
      : path_(std::exchange(other.path_, {})),
        lock_(std::move(other.lock_)),
        device_(other.device_),
        inode_(other.inode_) {}
  SocketFile& operator=(SocketFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(lock_, other.lock_);
    std::swap(device_, other.device_);
    std::swap(inode_, other.inode_);
    return *this;
  }
  ~SocketFile();

  /// Returns kCannotListen with the path: the socket does not listen, for this reason.
  [[nodiscard]] std::unexpected<Error> CannotListen(int error_number) const;

 private:
  SocketFile(std::string path, FileDescriptor lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;     ///< empty: none
  FileDescriptor lock_;  ///< of the file beside it
  // What is at the path; 0: nothing of this process.
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
};

struct SocketFile::Bound {
  FileDescriptor socket;
  SocketFile file;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_SOCKET_FILE_H_

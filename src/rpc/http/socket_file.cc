#include "rpc/http/socket_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace coupond::http {
namespace {

constexpr std::string_view kScheme = "unix:";
/// Clients of the owner and of the group may connect.
constexpr mode_t kMode = S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP;

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(path, address.sun_path);
  return address;
}

FileDescriptor NewSocket(int more_flags = 0) {
  return FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | more_flags, 0));
}

bool BindTo(const FileDescriptor& socket, const sockaddr_un& address) {
  return ::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

/// Reports whether the path is that of a socket on which no process listens any more.
bool IsStale(const sockaddr_un& address) {
  struct stat status{};
  if (::lstat(address.sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  // Not to wait for a listener whose queue is full.
  const FileDescriptor socket = NewSocket(SOCK_NONBLOCK);
  return ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
             0 &&
         errno == ECONNREFUSED;
}

std::unexpected<Error> CannotListenAt(const std::string& path, int error_number) {
  return MakeError(ErrorCode::kCannotListen,
                   "cannot listen on unix:" + path + ": " +
                       std::generic_category().message(error_number) +
                       (error_number == EADDRINUSE ? " (another program listens there, or it is "
                                                     "the path of another file)"
                                                   : ""));
}

std::string LockPathOf(const std::string& path) { return path + ".lock"; }

bool IsSameFile(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/// Takes the lock of a path.
Result<FileDescriptor> Lock(const std::string& path) {
  const std::string file = LockPathOf(path);
  while (true) {
    FileDescriptor lock(
        ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
    if (!lock.valid()) return CannotListenAt(path, errno);
    if (::flock(lock.number(), LOCK_EX | LOCK_NB) != 0) {
      return CannotListenAt(path, errno == EWOULDBLOCK ? EADDRINUSE : errno);
    }
    struct stat locked{};
    struct stat present{};
    if (::fstat(lock.number(), &locked) != 0) return CannotListenAt(path, errno);
    // The process that had the lock before may have removed its file meanwhile.
    if (::lstat(file.c_str(), &present) == 0 && IsSameFile(locked, present)) return lock;
  }
}

}  // namespace

std::optional<std::string> SocketPathOf(std::string_view address) {
  if (!address.starts_with(kScheme)) return std::nullopt;
  const std::string_view path = address.substr(kScheme.size());
  // One byte ends the path.
  static_assert(kSocketPathBytesMax == sizeof(sockaddr_un{}.sun_path) - 1);
  if (!path.starts_with('/') || path.ends_with('/') || path.size() > kSocketPathBytesMax) {
    return std::nullopt;
  }
  return std::string(path);
}

Result<SocketFile::Bound> SocketFile::Bind(const std::string& path) {
  FileDescriptor lock = TRY(Lock(path));
  SocketFile file(path, std::move(lock));
  FileDescriptor socket = NewSocket();
  if (!socket.valid()) return CannotListenAt(path, errno);
  const sockaddr_un address = AddressOf(path);
  if (!BindTo(socket, address)) {
    const int why = errno;
    if (why != EADDRINUSE || !IsStale(address)) return CannotListenAt(path, why);
    if (::unlink(address.sun_path) != 0 || !BindTo(socket, address)) {
      return CannotListenAt(path, errno);
    }
  }
  struct stat status{};
  if (::lstat(address.sun_path, &status) != 0) return CannotListenAt(path, errno);
  file.device_ = status.st_dev;
  file.inode_ = status.st_ino;
  // No client can connect before the socket listens, so that the mode is in time.
  if (::chmod(address.sun_path, kMode) != 0) return CannotListenAt(path, errno);
  return Bound{.socket = std::move(socket), .file = std::move(file)};
}

SocketFile::~SocketFile() {
  if (path_.empty()) return;
  struct stat status{};
  if (inode_ != 0 && ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ &&
      status.st_ino == inode_) {
    ::unlink(path_.c_str());
  }
  // While it is still locked, so that no other process's is removed.
  ::unlink(LockPathOf(path_).c_str());
}

std::unexpected<Error> SocketFile::CannotListen(int error_number) const {
  return CannotListenAt(path_, error_number);
}

}  // namespace coupond::http

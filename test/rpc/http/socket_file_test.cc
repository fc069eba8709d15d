#include "rpc/http/socket_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rpc/http/bound_port.h"
#include "rpc/http/host_policy.h"
#include "rpc/http/running_server.h"
#include "support/temporary_directory.h"

namespace coupond::http {
namespace {

using testing::HasSubstr;

class SocketFileTest : public testing::Test {
 protected:
  /// Sends a request to the socket and returns what comes until the server closes the connection;
  /// nullopt if nobody listens.
  std::optional<std::string> Ask(std::string_view request) const {
    const FileDescriptor client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(path_, address.sun_path);
    if (::connect(client.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0) {
      return std::nullopt;
    }
    EXPECT_EQ(::send(client.number(), request.data(), request.size(), 0),
              static_cast<ssize_t>(request.size()));
    std::string reply;
    std::array<char, 1'024> space{};
    ssize_t got = 0;
    while ((got = ::recv(client.number(), space.data(), space.size(), 0)) > 0) {
      reply.append(space.data(), static_cast<std::size_t>(got));
    }
    return reply;
  }

  const test::TemporaryDirectory directory_;
  const std::string path_ = (directory_.path() / "http.sock").string();
  const std::string address_ = "unix:" + path_;
};

TEST(SocketPath, IsAbsoluteAndNotTooLong) {
  EXPECT_EQ(SocketPathOf("unix:/run/a.sock"), "/run/a.sock");
  for (const std::string& text :
       {std::string("unix:"), std::string("unix:a.sock"), std::string("unix:/run/"),
        std::string("/run/a.sock"), "unix:/" + std::string(107, 'a')}) {
    EXPECT_EQ(SocketPathOf(text), std::nullopt) << text;
  }
  EXPECT_TRUE(SocketPathOf("unix:/" + std::string(106, 'a')));
}

TEST_F(SocketFileTest, ServesAndIsRemovedAtTheEnd) {
  {
    Server server({.address = address_, .hosts = HostPolicy(address_, {})}, [](Executor&) {
      class PeerHandler final : public Handler {
        void Handle(const Request& request, std::shared_ptr<Exchange> exchange) override {
          exchange->Respond(Text("peer " + request.peer.Text()));
        }
      };
      return std::make_unique<PeerHandler>();
    });
    ASSERT_TRUE(server.Start());
    struct stat status{};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0660U);
    EXPECT_THAT(Ask("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").value_or(""),
                HasSubstr("peer unix"));
    EXPECT_THAT(Ask("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n").value_or(""),
                HasSubstr("421"));
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(SocketFileTest, OneThatNobodyListensOnIsReplaced) {
  {
    auto abandoned = SocketFile::Bind(path_);
    ASSERT_TRUE(abandoned);
    // As after SIGKILL: the socket is closed, and its file stays.
    std::filesystem::rename(path_, path_ + ".kept");
  }
  std::filesystem::rename(path_ + ".kept", path_);
  EXPECT_TRUE(BoundPort::Bind(address_, 0));
}

TEST_F(SocketFileTest, OneThatSomebodyListensOnIsNot) {
  auto first = SocketFile::Bind(path_);
  ASSERT_TRUE(first);
  ASSERT_EQ(::listen(first->socket.number(), 1), 0);
  const auto second = BoundPort::Bind(address_, 0);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kCannotListen);
  EXPECT_THAT(second.error().message, HasSubstr(address_));
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(SocketFileTest, OneThatIsBoundIsTakenBeforeItListens) {
  {
    const auto first = SocketFile::Bind(path_);
    ASSERT_TRUE(first);
    const auto second = SocketFile::Bind(path_);
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr("another program listens there"));
    EXPECT_TRUE(std::filesystem::exists(path_));
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path())) << "the lock's file is removed, too";
  EXPECT_TRUE(SocketFile::Bind(path_));
}

TEST_F(SocketFileTest, ALockThatACrashLeftIsTaken) {
  std::ofstream(path_ + ".lock") << "";
  EXPECT_TRUE(SocketFile::Bind(path_));
  EXPECT_FALSE(std::filesystem::exists(path_ + ".lock"));
}

TEST_F(SocketFileTest, AnotherFileIsLeftAlone) {
  std::ofstream(path_) << "dear reader";
  EXPECT_FALSE(BoundPort::Bind(address_, 0));
  EXPECT_EQ(std::filesystem::file_size(path_), 11U);
}

TEST_F(SocketFileTest, DoesNotRemoveWhatReplacedIt) {
  {
    auto bound = SocketFile::Bind(path_);
    ASSERT_TRUE(bound);
    std::filesystem::rename(path_, path_ + ".moved");
    std::ofstream(path_) << "new";
  }
  EXPECT_TRUE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace coupond::http

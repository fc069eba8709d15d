#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iostream>
#include <random>

#include "rpc/http/http1/request_reader.h"
#include "rpc/http/running_server.h"
#include "rpc/http/wire_client.h"

namespace coupond::http {
namespace {

/// Returns bytes that are a request, nearly a request (mostly), or something else entirely.
class Garbage {
 public:
  explicit Garbage(std::uint32_t seed) : random_(seed) {}

  std::string Next() {
    static const std::array<std::string, 8> kSeeds = {
        "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
        "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n3;a=b\r\nabc\r\n0\r\nT: v\r\n\r\n",
        "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "",
    };
    std::string bytes;
    for (std::size_t i = 0, count = 1 + Below(3); i < count; ++i) {
      bytes += kSeeds[Below(kSeeds.size())];
    }
    for (std::size_t i = 0, count = Below(6); i < count; ++i) Mutate(bytes);
    return bytes;
  }

  std::size_t Below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }

 private:
  void Mutate(std::string& bytes) {
    static const std::array<std::string, 10> kParts = {
        "\r\n", "\r", "\n", "0", ":", " ", std::string(1, '\0'), "\r\n\r\n", "\xff", ";"};
    const std::size_t at = Below(bytes.size() + 1);
    switch (Below(5)) {
      case 0:
        bytes.insert(at, kParts[Below(kParts.size())]);
        break;
      case 1:
        if (at < bytes.size()) bytes[at] = static_cast<char>(Below(256));
        break;
      case 2:
        bytes.erase(at, 1 + Below(4));
        break;
      case 3:
        bytes.insert(at, std::string(Below(12'000), 'f'));
        break;
      default:
        bytes.resize(at);
        break;
    }
  }

  std::mt19937 random_;
};

std::uint32_t PrintedSeed() {
  const std::uint32_t seed = std::random_device{}();
  std::cout << "seed " << seed << std::endl;  // at once, in case the program is aborted
  return seed;
}

TEST(HttpFuzz, GarbageNeverHarmsTheServer) {
  Garbage garbage(PrintedSeed());
  RunningServer server;
  for (int i = 0; i < 1500; ++i) {
    const std::string bytes = garbage.Next();
    WireClient client(server.port());
    const std::size_t cut = garbage.Below(bytes.size() + 1);
    client.Send(std::string_view(bytes).substr(0, cut));
    client.Send(std::string_view(bytes).substr(cut));
    if (garbage.Below(4) == 0) {
      client.Abort();
      continue;
    }
    client.HalfClose();
    // The connection is never reset, which could destroy a response.
    ASSERT_EQ(client.AwaitEnd(), WireClient::End::kOrderly) << bytes;
  }
  WireClient client(server.port());
  EXPECT_EQ(client.Ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
  EXPECT_EQ(server.log().size(), 0U);
}

/// Returns what a reader reads from the bytes, as text: each request and the end. The reason of a
/// rejection is left out: which of several faults is seen first may depend on how the bytes arrive.
std::string ReadAll(const std::string& bytes, const std::function<std::size_t()>& portion) {
  const Limits limits;
  const HostPolicy hosts;
  RequestReader reader(limits, hosts);
  std::string seen;
  std::size_t at = 0;
  for (;;) {
    switch (reader.Parse()) {
      case RequestReader::Progress::kWhole: {
        const Request request = reader.request();
        seen.append(request.method).append(" ").append(request.path).append("?");
        seen.append(request.query).append(" ").append(request.body).append("|");
        for (const HeaderField& field : request.headers) {
          seen.append(field.name).append("=").append(field.value).append("|");
        }
        reader.Next();
        break;
      }
      case RequestReader::Progress::kRejected:
        return seen + "rejected";
      case RequestReader::Progress::kNeedMore: {
        if (at == bytes.size()) {
          // The end of the input in the middle of a request is a rejection, too.
          return seen + (reader.phase() == RequestReader::Phase::kNothing ? "end" : "rejected");
        }
        const std::span<char> space = reader.Space();
        EXPECT_FALSE(space.empty());
        if (space.empty()) return seen + "stuck";
        const std::size_t count = std::min({portion(), space.size(), bytes.size() - at});
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), count, space.begin());
        reader.Commit(count);
        at += count;
        break;
      }
    }
  }
}

// Packets may split a request anywhere; its meaning must not depend on that.
TEST(HttpFuzz, SplittingBytesDoesNotChangeTheirMeaning) {
  Garbage garbage(PrintedSeed());
  for (int i = 0; i < 20'000; ++i) {
    const std::string bytes = garbage.Next();
    const std::string at_once = ReadAll(bytes, [] { return std::size_t{1} << 20; });
    const std::string in_portions = ReadAll(bytes, [&] { return 1 + garbage.Below(40); });
    ASSERT_EQ(at_once, in_portions) << bytes;
  }
}

}  // namespace
}  // namespace coupond::http

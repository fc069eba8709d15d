#ifndef COUPOND_TEST_SYSTEM_PROGRAM_EVENT_STREAM_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_EVENT_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"
#include "coupon/v1/admin_service.pb.h"

namespace coupond::test {

/// ReadEvents as it goes over the wire.
[[nodiscard]] std::string EventsRequest(const coupon::v1::ReadEventsRequest& request);
/// GET /events with this query and these header lines.
[[nodiscard]] std::string GetEventsRequest(std::string_view query, std::string_view headers = "");

/// A blocking connection that reads an answer in chunks as they come. A server that is silent for
/// 60 s counts as gone, so no test hangs. One thread.
class ChunkStream {
 public:
  /// Sends the request and reads the answer's head.
  ChunkStream(std::uint16_t port, std::string_view request);

  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] const std::string& head() const { return head_; }
  /// Returns the next chunk, which is one piece of what the server has made; nullopt at the end of
  /// the body, or when the connection ends.
  [[nodiscard]] std::optional<std::string> ReadChunk();
  /// Reports whether the body came to its proper end.
  [[nodiscard]] bool complete() const { return complete_; }

 private:
  [[nodiscard]] bool ReadMore();
  /// Returns what comes before the next separator, which is removed, too.
  [[nodiscard]] std::optional<std::string> TakeUntil(std::string_view separator);

  FileDescriptor socket_;
  std::string unread_;
  std::string head_;
  int status_ = 0;
  bool complete_ = false;
};

/// The messages of ReadEvents as they come.
class EventStream {
 public:
  EventStream(std::uint16_t port, const coupon::v1::ReadEventsRequest& request)
      : chunks_(port, EventsRequest(request)) {}

  /// Returns the next message, or nullopt at the end.
  [[nodiscard]] std::optional<coupon::v1::ReadEventsResponse> Read();
  /// Returns the JSON of the last envelope; empty if the connection has ended without it.
  [[nodiscard]] const std::string& end() const { return end_; }

 private:
  ChunkStream chunks_;
  std::string end_;
};

/// Returns all events to the end of a stream that does not follow.
[[nodiscard]] std::vector<coupon::v1::Event> ReadAllEvents(
    std::uint16_t port, const coupon::v1::ReadEventsRequest& request);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_EVENT_STREAM_H_

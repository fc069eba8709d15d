#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_KNOWN_HEADS_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_KNOWN_HEADS_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "rpc/client/response_reader.h"

namespace coupond::ctl {

/// Remembers the heads of answers that ResponseReader has read. A server repeats itself: an answer
/// with the very same head and length means the same, so only its body needs to be read. One thread
/// at a time.
class KnownHeads {
 public:
  /// Remembers the head of an answer that arrived as exactly these bytes, if it is a message and
  /// the connection stays open.
  void Learn(std::string_view bytes, const rpc_client::HttpAnswer& answer);
  /// Returns the message if the bytes are one complete answer with a known head.
  [[nodiscard]] std::optional<std::string_view> MessageIn(std::string_view bytes) const;

 private:
  struct Known {
    std::string head;
    std::size_t answer_bytes = 0;
  };
  /// Answers differ by a few bytes, mostly in the length of a time or a number.
  static constexpr std::size_t kPlaces = 16;
  std::array<Known, kPlaces> known_;  ///< by the answer's length modulo kPlaces
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_KNOWN_HEADS_H_

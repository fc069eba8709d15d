#include "couponctl/load/known_heads.h"

#include "rpc/client/connect_protocol.h"

namespace coupond::ctl {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

}  // namespace

void KnownHeads::Learn(std::string_view bytes, const rpc_client::HttpAnswer& answer) {
  if (!answer.keep_alive || !rpc_client::IsMessage(answer) || !bytes.ends_with(answer.body)) return;
  const std::string_view head = bytes.substr(0, bytes.size() - answer.body.size());
  // Chunks, or an interim answer before this one, would stand between the end of the head and the
  // body. Without them, only Content-Length can have said where the answer ends.
  if (head.size() < kHeadEnd.size() || head.find(kHeadEnd) != head.size() - kHeadEnd.size()) return;
  Known& known = known_[bytes.size() % kPlaces];
  known.head = head;
  known.answer_bytes = bytes.size();
}

std::optional<std::string_view> KnownHeads::MessageIn(std::string_view bytes) const {
  const Known& known = known_[bytes.size() % kPlaces];
  if (known.answer_bytes != bytes.size() || !bytes.starts_with(known.head)) return std::nullopt;
  return bytes.substr(known.head.size());
}

}  // namespace coupond::ctl

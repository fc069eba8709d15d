#include "couponctl/load/prepared_call.h"

#include <algorithm>

#include "base/check.h"

namespace coupond::ctl {

PreparedCall::PreparedCall(std::initializer_list<std::size_t> sizes, const Encode& encode) {
  std::vector<std::string> texts;
  for (const std::size_t size : sizes) texts.emplace_back(size, 'A');
  bytes_ = encode(texts);
  // A text begins where the bytes change with it, whatever else they contain.
  for (std::string& text : texts) {
    const std::size_t size = text.size();
    text.assign(size, 'B');
    const std::string changed = encode(texts);
    text.assign(size, 'A');
    COUPOND_CHECK(changed.size() == bytes_.size());
    const auto begin = std::ranges::mismatch(bytes_, changed).in1 - bytes_.begin();
    places_.push_back({.begin = static_cast<std::size_t>(begin), .size = size});
  }
}

void PreparedCall::Write(std::initializer_list<std::string_view> texts, std::string& bytes) const {
  COUPOND_CHECK(texts.size() == places_.size());
  bytes = bytes_;
  const Place* place = places_.data();
  for (const std::string_view text : texts) {
    COUPOND_CHECK(text.size() == place->size);
    std::ranges::copy(text, bytes.begin() + static_cast<std::ptrdiff_t>(place->begin));
    ++place;
  }
}

}  // namespace coupond::ctl

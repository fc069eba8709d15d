#include "engine/codes/user_digest.h"

#include <crypto++/siphash.h>

#include <array>
#include <cstdint>

#include "engine/codes/claim_digest.h"

namespace coupond {

struct UserDigests::Keyed {
  explicit Keyed(const DerivedKey& key) : sip(key.data(), key.size()) {}

  CryptoPP::SipHash<2, 4> sip;
};

UserDigests::UserDigests(const CodeKey& code_key)
    : keyed_(std::make_unique<Keyed>(DeriveKey(code_key, "coupond user digest 1"))) {}

UserDigests::UserDigests(UserDigests&&) noexcept = default;
UserDigests& UserDigests::operator=(UserDigests&&) noexcept = default;
UserDigests::~UserDigests() = default;

UserDigest UserDigests::Of(std::string_view user_id) {
  std::array<std::uint8_t, 8> digest{};
  keyed_->sip.Update(reinterpret_cast<const CryptoPP::byte*>(user_id.data()), user_id.size());
  keyed_->sip.TruncatedFinal(digest.data(), digest.size());  // and starts over
  std::uint64_t number = 0;
  for (const std::uint8_t byte : digest) number = number << 8 | byte;
  return UserDigest(number);
}

}  // namespace coupond

#include "engine/codes/derived_key.h"

#include <crypto++/hkdf.h>
#include <crypto++/sha.h>

namespace coupond {

DerivedKey DeriveKey(const CodeKey& code_key, std::string_view purpose) {
  DerivedKey key;
  CryptoPP::HKDF<CryptoPP::SHA256>().DeriveKey(
      key.data(), key.size(), code_key.bytes.data(), code_key.bytes.size(), nullptr, 0,
      reinterpret_cast<const CryptoPP::byte*>(purpose.data()), purpose.size());
  return key;
}

}  // namespace coupond

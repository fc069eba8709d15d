#ifndef COUPOND_ENGINE_CODES_DERIVED_KEY_H_
#define COUPOND_ENGINE_CODES_DERIVED_KEY_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/rules/ids.h"

/// A key for one purpose, made from the store's code key with HKDF-SHA-256 (RFC 5869): whoever
/// learns one derived key learns nothing of another one or of the code key. Pure; any thread.
namespace coupond {

using DerivedKey = std::array<std::uint8_t, 16>;

/// `purpose` is the HKDF info; the salt is empty. Codes and claims that are out in the world depend
/// on the labels, so a label never changes.
[[nodiscard]] DerivedKey DeriveKey(const CodeKey& code_key, std::string_view purpose);

}  // namespace coupond

#endif  // COUPOND_ENGINE_CODES_DERIVED_KEY_H_

#include "counting_memcpy.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace coupond::test {
namespace {

std::atomic<const char*> counted = nullptr;  // null: nothing is counted
std::atomic<std::size_t> counted_bytes = 0;
std::atomic<std::uint64_t> copies = 0;

void Note(const void* from, std::size_t bytes) {
  const char* const text = counted.load(std::memory_order_acquire);
  if (text == nullptr || bytes < counted_bytes.load(std::memory_order_relaxed)) return;
  if (::memmem(from, bytes, text, counted_bytes.load(std::memory_order_relaxed)) == nullptr) return;
  copies.fetch_add(1, std::memory_order_relaxed);
}

void* CopyUp(void* to, const void* from, std::size_t bytes) {
  auto* const target = static_cast<char*>(to);
  const auto* const source = static_cast<const char*>(from);
  for (std::size_t i = 0; i < bytes; ++i) target[i] = source[i];
  return to;
}

void* CopyDown(void* to, const void* from, std::size_t bytes) {
  auto* const target = static_cast<char*>(to);
  const auto* const source = static_cast<const char*>(from);
  for (std::size_t i = bytes; i > 0; --i) target[i - 1] = source[i - 1];
  return to;
}

}  // namespace

void CountCopiesOf(std::string_view text) {
  copies.store(0, std::memory_order_relaxed);
  counted_bytes.store(text.size(), std::memory_order_relaxed);
  counted.store(text.data(), std::memory_order_release);
}

std::uint64_t StopCountingCopies() {
  counted.store(nullptr, std::memory_order_release);
  return copies.load(std::memory_order_relaxed);
}

}  // namespace coupond::test

// The dynamic linker takes these for the shared libraries, too.
extern "C" {

void* memcpy(void* to, const void* from, std::size_t bytes) noexcept {
  coupond::test::Note(from, bytes);
  return coupond::test::CopyUp(to, from, bytes);
}

void* memmove(void* to, const void* from, std::size_t bytes) noexcept {
  coupond::test::Note(from, bytes);
  const bool is_before =
      reinterpret_cast<std::uintptr_t>(to) < reinterpret_cast<std::uintptr_t>(from);
  return is_before ? coupond::test::CopyUp(to, from, bytes)
                   : coupond::test::CopyDown(to, from, bytes);
}

// What _FORTIFY_SOURCE makes of them where the compiler knows the target's size.
void* __memcpy_chk(void* to, const void* from, std::size_t bytes, std::size_t room) noexcept {
  if (bytes > room) std::abort();
  return memcpy(to, from, bytes);
}

void* __memmove_chk(void* to, const void* from, std::size_t bytes, std::size_t room) noexcept {
  if (bytes > room) std::abort();
  return memmove(to, from, bytes);
}

}  // extern "C"

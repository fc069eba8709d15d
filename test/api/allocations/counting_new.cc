#include "counting_new.h"

#include <pthread.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

namespace coupond::test {
namespace {

constexpr std::array<const char*, 2> kCounted = {"http-worker", "sequencer"};

/// One for each name, and one for all other threads.
std::array<std::atomic<std::uint64_t>, kCounted.size() + 1> counts;

std::size_t PlaceOf(const char* thread_name) {
  std::size_t place = 0;
  while (place < kCounted.size() && std::strcmp(kCounted[place], thread_name) != 0) ++place;
  return place;
}

void CountOne() {
  // A thread is named before it allocates.
  thread_local const std::size_t place = [] {
    std::array<char, 16> name{};
    ::pthread_getname_np(::pthread_self(), name.data(), name.size());
    return PlaceOf(name.data());
  }();
  counts[place].fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

std::uint64_t AllocationsOf(const char* thread_name) {
  return counts[PlaceOf(thread_name)].load(std::memory_order_relaxed);
}

}  // namespace coupond::test

void* operator new(std::size_t size) {
  coupond::test::CountOne();
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

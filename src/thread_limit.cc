#include "thread_limit.h"

#include <exception>
#include <latch>
#include <thread>
#include <vector>

namespace coupond {

std::size_t CountThreadsAllowed(std::size_t wanted) {
  std::latch counted(1);
  std::vector<std::jthread> threads;
  threads.reserve(wanted);
  try {
    while (threads.size() < wanted) threads.emplace_back([&counted] { counted.wait(); });
  } catch (const std::exception&) {
    // Not one more: std::system_error for a thread, std::bad_alloc for its memory.
  }
  counted.count_down();
  return threads.size();
}

}  // namespace coupond

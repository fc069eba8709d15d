#include "coupond/thread_limit.h"

#include <exception>
#include <latch>
#include <thread>
#include <vector>

namespace coupond {

std::size_t CountThreadsAllowed(std::size_t wanted) {
  std::latch counted(1);
  std::vector<std::jthread> threads;
  threads.reserve(wanted);
  const auto start_one = [&] {
    try {
      threads.emplace_back([&counted] { counted.wait(); });
      return true;
    } catch (const std::exception&) {
      // Either std::system_error (no more threads) or std::bad_alloc (no memory for another).
      return false;
    }
  };
  while (threads.size() < wanted && start_one()) continue;
  counted.count_down();
  return threads.size();
}

}  // namespace coupond

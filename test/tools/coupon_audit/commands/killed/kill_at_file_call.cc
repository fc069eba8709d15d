// A library to be preloaded into a program (LD_PRELOAD). Counts the calls that write, truncate,
// sync, rename or unlink files or make directories, and kills the program before the one whose
// number is in COUPOND_KILL_AT. A program that ends by itself leaves its count in the file that
// COUPOND_KILL_COUNT names.

#include <dlfcn.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace {

std::atomic<long> calls = 0;

long KillAt() {
  const char* text = std::getenv("COUPOND_KILL_AT");
  return text == nullptr ? 0 : std::strtol(text, nullptr, 10);
}

void Count() {
  static const long kill_at = KillAt();
  if (++calls == kill_at) ::raise(SIGKILL);
}

/// Counts, unless the descriptor is one of the standard streams.
void CountWrite(int descriptor) {
  if (descriptor > STDERR_FILENO) Count();
}

/// Returns the C library's own function, which the one that calls this hides.
template <typename Function>
Function* Hidden(const char* name, Function* /*type*/) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

[[gnu::destructor]] void LeaveCount() {
  const char* path = std::getenv("COUPOND_KILL_COUNT");
  std::FILE* file = path == nullptr ? nullptr : std::fopen(path, "w");
  if (file == nullptr) return;
  std::fprintf(file, "%ld\n", calls.load());
  std::fclose(file);
}

}  // namespace

// The names and types are the C library's.
extern "C" {

ssize_t write(int descriptor, const void* bytes, std::size_t size) {
  static auto* const hidden = Hidden("write", &write);
  CountWrite(descriptor);
  return hidden(descriptor, bytes, size);
}

ssize_t pwrite(int descriptor, const void* bytes, std::size_t size, off_t offset) {
  static auto* const hidden = Hidden("pwrite", &pwrite);
  CountWrite(descriptor);
  return hidden(descriptor, bytes, size, offset);
}

ssize_t pwrite64(int descriptor, const void* bytes, std::size_t size, off64_t offset) {
  static auto* const hidden = Hidden("pwrite64", &pwrite64);
  CountWrite(descriptor);
  return hidden(descriptor, bytes, size, offset);
}

int fsync(int descriptor) {
  static auto* const hidden = Hidden("fsync", &fsync);
  Count();
  return hidden(descriptor);
}

int fdatasync(int descriptor) {
  static auto* const hidden = Hidden("fdatasync", &fdatasync);
  Count();
  return hidden(descriptor);
}

int rename(const char* from, const char* to) noexcept {
  static auto* const hidden = Hidden("rename", &rename);
  Count();
  return hidden(from, to);
}

int unlink(const char* path) noexcept {
  static auto* const hidden = Hidden("unlink", &unlink);
  Count();
  return hidden(path);
}

int ftruncate(int descriptor, off_t size) noexcept {
  static auto* const hidden = Hidden("ftruncate", &ftruncate);
  Count();
  return hidden(descriptor, size);
}

int ftruncate64(int descriptor, off64_t size) noexcept {
  static auto* const hidden = Hidden("ftruncate64", &ftruncate64);
  Count();
  return hidden(descriptor, size);
}

int mkdir(const char* path, mode_t mode) noexcept {
  static auto* const hidden = Hidden("mkdir", &mkdir);
  Count();
  return hidden(path, mode);
}

}  // extern "C"

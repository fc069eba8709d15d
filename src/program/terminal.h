#ifndef COUPOND_PROGRAM_TERMINAL_H_
#define COUPOND_PROGRAM_TERMINAL_H_

#include <cstddef>
#include <optional>

/// What may be done to the terminal that a descriptor is, if it is one.
namespace coupond {

/// Reports whether text may be coloured: on a terminal that is not TERM=dumb, unless NO_COLOR is
/// set and not empty (https://no-color.org).
[[nodiscard]] bool MayColor(int descriptor);

/// Reports whether a line may be written over again: on a terminal that is not TERM=dumb.
[[nodiscard]] bool MayRedraw(int descriptor);

/// Returns the width of the terminal, 80 if it does not say. Returns nullopt if it is none.
[[nodiscard]] std::optional<std::size_t> TerminalColumns(int descriptor);

}  // namespace coupond

#endif  // COUPOND_PROGRAM_TERMINAL_H_

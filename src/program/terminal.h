#ifndef COUPOND_PROGRAM_TERMINAL_H_
#define COUPOND_PROGRAM_TERMINAL_H_

#include <cstddef>
#include <optional>

/// What a program may do with a descriptor that may be a terminal.
namespace coupond {

/// Reports whether text may be coloured: on a terminal that is not TERM=dumb, unless NO_COLOR is
/// set and not empty (https://no-color.org).
[[nodiscard]] bool MayColor(int descriptor);

/// Reports whether a line may be redrawn in place: on a terminal that is not TERM=dumb.
[[nodiscard]] bool MayRedraw(int descriptor);

/// Returns the width of the terminal in columns, 80 if that is unknown; nullopt if the descriptor
/// is not a terminal.
[[nodiscard]] std::optional<std::size_t> TerminalColumns(int descriptor);

}  // namespace coupond

#endif  // COUPOND_PROGRAM_TERMINAL_H_

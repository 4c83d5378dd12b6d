#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace atelier::cli {

/// Makes sure that descriptors 0, 1 and 2 are open, so that no picture file ever gets one of
/// them, and that a reader who went away does not end the program.
void secure_streams();

/// Writes to standard output or standard error as far as anyone listens.
void say(std::string_view text);

/// Why something that was said is not where standard output leads, such as a full disk; empty when all of it is, or
/// when nobody listens any more.
std::string output_fault();

void tell(std::string_view text);

/// A name or message as it may reach a terminal: one line, without control characters.
std::string shown(std::string_view text);

/// One line on standard error: "atelier: MESSAGE".
void complain(const std::string& message);

/// `text` and two spaces, with at least `width` characters before them: a cell of a table.
std::string padded(std::string text, std::size_t width);

/// Is standard error a terminal that understands control sequences?
bool on_terminal();
/// Is standard output a terminal that shows colours, and are they welcome (no NO_COLOR, see no-color.org)?
bool output_shows_colours();
/// Columns of the terminal at standard error; 80 when unknown.
int terminal_width();

}  // namespace atelier::cli

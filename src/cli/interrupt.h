#pragma once

namespace atelier::cli {

/// From now on Ctrl-C, SIGTERM and a closed terminal only set a flag, so that work can end
/// within a step and leave no half-written file. The third signal ends the program at once. Signals that whoever
/// started the program has it ignore (nohup) stay ignored.
void watch_for_interrupts();

/// Has one of them arrived?
bool interrupted();

}  // namespace atelier::cli

# Compiler settings shared by every target.
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g")

find_program(ATELIER_CCACHE ccache)
if(ATELIER_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${ATELIER_CCACHE})
endif()

add_library(atelier_settings INTERFACE)
target_compile_options(atelier_settings INTERFACE -Wall -Wextra -Werror)
target_compile_definitions(atelier_settings INTERFACE ATELIER_VERSION="${PROJECT_VERSION}")
if(ATELIER_SANITIZE)
  target_compile_options(atelier_settings INTERFACE -fsanitize=${ATELIER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  # GCC takes LibTorch's optional for uninitialised once the sanitizers' checks lie between.
  target_compile_options(atelier_settings INTERFACE -Wno-error=maybe-uninitialized)
  target_link_options(atelier_settings INTERFACE -fsanitize=${ATELIER_SANITIZE})
  # GCC takes c10::optional for uninitialised once the sanitizers' checks stand between its parts.
  target_compile_options(atelier_settings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
# Coverage feedback for the library under test; only the targets themselves link the fuzzer's main.
if(ATELIER_FUZZ)
  target_compile_options(atelier_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()

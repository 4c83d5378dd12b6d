# One interface target per need, so that each folder links only what it uses.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

pkg_check_modules(VIPS REQUIRED IMPORTED_TARGET vips-cpp)
add_library(atelier_media_deps INTERFACE)
target_link_libraries(atelier_media_deps INTERFACE PkgConfig::VIPS)

find_package(nlohmann_json REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
# By pkg-config, because the header must be compiled with the flags that the library was built with.
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
add_library(atelier_weights_deps INTERFACE)
target_link_libraries(atelier_weights_deps INTERFACE nlohmann_json::nlohmann_json PkgConfig::HTTPLIB OpenSSL::SSL
                                                     OpenSSL::Crypto ZLIB::ZLIB Threads::Threads)

pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
add_library(atelier_jobs_deps INTERFACE)
target_link_libraries(atelier_jobs_deps INTERFACE PkgConfig::SQLITE3 PkgConfig::HIREDIS
                                                  nlohmann_json::nlohmann_json Threads::Threads)

# OpenCV by hand: its own CMake and pkg-config files come with a package that pulls in all its modules.
find_path(ATELIER_OPENCV_INCLUDE opencv2/imgproc.hpp PATH_SUFFIXES opencv4 REQUIRED)
find_library(ATELIER_OPENCV_IMGPROC opencv_imgproc REQUIRED)
find_library(ATELIER_OPENCV_CORE opencv_core REQUIRED)
add_library(atelier_server_deps INTERFACE)
target_include_directories(atelier_server_deps SYSTEM INTERFACE ${ATELIER_OPENCV_INCLUDE})
target_link_libraries(atelier_server_deps INTERFACE ${ATELIER_OPENCV_IMGPROC} ${ATELIER_OPENCV_CORE}
                                                    PkgConfig::HTTPLIB nlohmann_json::nlohmann_json Threads::Threads)

find_package(Eigen3 REQUIRED)

find_package(CLI11 REQUIRED)
add_library(atelier_cli_deps INTERFACE)
target_link_libraries(atelier_cli_deps INTERFACE CLI11::CLI11 nlohmann_json::nlohmann_json Threads::Threads)

# LibTorch by hand: its own CMake package pulls in far more than the CPU library needs.
find_path(ATELIER_TORCH_INCLUDE torch/torch.h PATH_SUFFIXES torch/csrc/api/include REQUIRED)
find_library(ATELIER_TORCH_CPU torch_cpu REQUIRED)
find_library(ATELIER_TORCH torch REQUIRED)
find_library(ATELIER_C10 c10 REQUIRED)
find_package(OpenMP REQUIRED)
add_library(atelier_torch INTERFACE)
target_include_directories(atelier_torch SYSTEM INTERFACE ${ATELIER_TORCH_INCLUDE})
target_link_libraries(atelier_torch INTERFACE ${ATELIER_TORCH} ${ATELIER_TORCH_CPU} ${ATELIER_C10} OpenMP::OpenMP_CXX)

# Training over several processes needs a LibTorch built with Gloo, and Gloo's headers; without them it is refused.
include(CheckLibraryExists)
find_path(ATELIER_GLOO_INCLUDE gloo/context.h PATHS ${ATELIER_TORCH_INCLUDE})
find_library(ATELIER_GLOO gloo)
check_library_exists(${ATELIER_TORCH_CPU} _ZN4c10d16ProcessGroupGloo19createDefaultDeviceEv "" ATELIER_TORCH_HAS_GLOO)
add_library(atelier_gloo INTERFACE)
if(ATELIER_TORCH_HAS_GLOO AND ATELIER_GLOO_INCLUDE)
  set(ATELIER_GLOO_DEFINITIONS ATELIER_GLOO USE_C10D_GLOO)
  target_link_libraries(atelier_gloo INTERFACE $<$<BOOL:${ATELIER_GLOO}>:${ATELIER_GLOO}>)
endif()

find_library(ATELIER_DNNL dnnl REQUIRED)
add_library(atelier_onednn INTERFACE)
target_link_libraries(atelier_onednn INTERFACE ${ATELIER_DNNL} OpenMP::OpenMP_CXX)

#include "support/redis_server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace atelier::testing {
namespace {

namespace fs = std::filesystem;

std::string program() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path ? path : "") + ":/usr/bin");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (fs::exists(fs::path(folder) / "redis-server")) return folder + "/redis-server";
  return "";
}

int free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(descriptor, generic, size) == 0 && ::getsockname(descriptor, generic, &size) == 0;
  ::close(descriptor);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

}  // namespace

bool RedisServer::installed() { return !program().empty(); }

RedisServer::RedisServer(std::string folder, std::string password)
    : folder_(std::move(folder)), password_(std::move(password)), port_(free_port()) {
  std::signal(SIGPIPE, SIG_IGN);
  start();
}

std::string RedisServer::url() const {
  return "redis://" + (password_.empty() ? "" : ":" + password_ + "@") + "127.0.0.1:" + std::to_string(port_);
}

void RedisServer::start() {
  std::vector<std::string> arguments = {"--port", std::to_string(port_), "--bind", "127.0.0.1", "--save",
                                        "",       "--appendonly",        "no"};
  if (!password_.empty()) arguments.insert(arguments.end(), {"--requirepass", password_});
  process_ = std::make_unique<Process>(program(), arguments, folder_);
  if (!process_->wait_for("Ready to accept connections"))
    throw std::runtime_error("redis-server did not start: " + process_->finish().out);
}

}  // namespace atelier::testing

// Two paintings at once, one of them counting double, in the colours of the photo.
//   03_two_styles PHOTO PAINTING PAINTING OUT
#include <cstdio>

#include "atelier/error.h"
#include "atelier/stylize.h"

int main(int argc, char** argv) try {
  if (argc != 5) return std::fprintf(stderr, "usage: %s PHOTO PAINTING PAINTING OUT\n", argv[0]), 2;
  atelier::Request request;
  request.content = argv[1];
  request.styles = {{.source = argv[2], .weight = 2}, {.source = argv[3]}};  // a mask would say where
  request.output = argv[4];
  request.colour = "content";
  request.size = 64;
  request.method = "gatys";
  request.options["steps"] = "3";
  atelier::stylize(request);
} catch (const atelier::Error& error) {
  return std::fprintf(stderr, "%s\n", error.what()), 1;
}

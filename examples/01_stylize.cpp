// A photo and a painting in, a picture out.
//   01_stylize PHOTO PAINTING OUT
#include <cstdio>

#include "atelier/error.h"
#include "atelier/stylize.h"

int main(int argc, char** argv) try {
  if (argc != 4) return std::fprintf(stderr, "usage: %s PHOTO PAINTING OUT\n", argv[0]), 2;
  atelier::Request request;
  request.content = argv[1];
  request.styles = {{argv[2]}};
  request.output = argv[3];
  request.size = 64;               // longer side of the result
  request.method = "gatys";
  request.options["steps"] = "3";  // few, to be quick: the default paints a finished picture
  atelier::stylize(request);
} catch (const atelier::Error& error) {
  return std::fprintf(stderr, "%s\n", error.what()), 1;
}

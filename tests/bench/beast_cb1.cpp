#include "beast_limit.hpp"

int main(int argc, char** argv) {
  return limit::serve(argc, argv, [] {});
}

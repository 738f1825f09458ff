#pragma once

#include "password/argon2id.hpp"
#include "password/argon2id_block.hpp"

/// Argon2id's memory filled by our own hand, for the processors that a kernel is written for. Where there is none, libsodium does it.
namespace authkit::password::argon2id {

struct Kernel {
  const char* name;
  Compress compress;
};
/// Those that this processor can run, the fastest first; none on other architectures.
std::span<const Kernel> kernels();

/// The first that computes what libsodium does, or null.
Compress choose(std::span<const Kernel> kernels);

/// `memory`: at least `parameters.memory_kib` blocks, of any content; it is left full of what the password determines. The rest as for `compute`.
void fill(const Parameters& parameters, std::string_view password, std::span<const std::uint8_t> salt, std::span<std::uint8_t> tag,
          std::span<Block> memory, Compress compress);

}  // namespace authkit::password::argon2id

#include "core/digest.hpp"
#include "password/argon2id_fill.hpp"

#include <sodium/crypto_pwhash_argon2id.h>

#include <algorithm>
#include <array>
#include <memory>
#include <sys/mman.h>

namespace authkit::password::argon2id {
namespace {

static_assert(salt_size == crypto_pwhash_argon2id_SALTBYTES);

Result<void> compute_by_libsodium(const Parameters& parameters, std::string_view password, std::span<const std::uint8_t> salt,
                                  std::span<std::uint8_t> tag) {
  const char* bytes = password.empty() ? "" : password.data();  // libsodium takes no null, not even of length 0
  if (crypto_pwhash_argon2id(tag.data(), tag.size(), bytes, password.size(), salt.data(), parameters.passes,
                             std::size_t{parameters.memory_kib} * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
    return Errc::out_of_memory;  // the parameters are in range, so nothing else is left
  return {};
}

/// Memory from the kernel for one hash, in huge pages where they fit: faults for small ones take longer than the hash itself. It goes back to the
/// kernel, which hands it to nobody without wiping it, and is in no core dump.
class Memory {
 public:
  explicit Memory(std::size_t blocks) : blocks_(blocks), mapped_(blocks * sizeof(Block) + huge_page) {
    void* const at = ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) return;
    start_ = at;
    std::size_t space = mapped_;
    void* aligned = at;
    std::align(huge_page, blocks * sizeof(Block), aligned, space);
    first_ = static_cast<Block*>(aligned);
    ::madvise(first_, blocks * sizeof(Block), MADV_HUGEPAGE);  // refused by kernels without them, which costs time only
    ::madvise(first_, blocks * sizeof(Block), MADV_DONTDUMP);
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() {
    if (start_ != nullptr) ::munmap(start_, mapped_);
  }

  /// Empty when there is none to be had.
  std::span<Block> blocks() const noexcept { return {first_, first_ == nullptr ? 0 : blocks_}; }

 private:
  static constexpr std::size_t huge_page = std::size_t{2} << 20;
  std::size_t blocks_, mapped_;
  void* start_ = nullptr;
  Block* first_ = nullptr;
};

/// A processor or a hypervisor that computes wrong, or a kernel of ours that does, must not decide who gets in.
bool agrees_with_libsodium(const Kernel& kernel) {
  constexpr Parameters parameters{64, 3};
  constexpr std::array<std::uint8_t, salt_size> salt{1, 2, 3};
  std::array<std::uint8_t, tag_size> ours{}, theirs{};
  const Memory memory(parameters.memory_kib);
  if (memory.blocks().empty() || !compute_by_libsodium(parameters, "password", salt, theirs)) return false;
  fill(parameters, "password", salt, ours, memory.blocks(), kernel.compress);
  return equal_constant_time(ours, theirs);
}

}  // namespace

Compress choose(std::span<const Kernel> kernels) {
  const auto good = std::find_if(kernels.begin(), kernels.end(), agrees_with_libsodium);
  return good == kernels.end() ? nullptr : good->compress;
}

Result<void> compute(const Parameters& parameters, std::string_view password, std::span<const std::uint8_t> salt, std::span<std::uint8_t> tag) {
  static const Compress compress = choose(kernels());
  if (compress == nullptr) return compute_by_libsodium(parameters, password, salt, tag);
  const Memory memory(parameters.memory_kib);
  if (memory.blocks().empty()) return Errc::out_of_memory;
  fill(parameters, password, salt, tag, memory.blocks(), compress);
  return {};
}

}  // namespace authkit::password::argon2id

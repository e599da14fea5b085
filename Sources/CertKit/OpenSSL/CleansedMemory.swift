internal import COpenSSL
internal import Glibc

/// Has libcrypto overwrite each block of memory before it gives it back, from now on.
///
/// Its decoder copies a key's DER into buffers that it frees as they are (OpenSSL 3.0 `BUF_MEM`, and numbers on their way
/// from one provider to another), where a core or a debugger finds them for as long as nobody else takes the block. libcrypto
/// takes this only before it has allocated anything, so a program calls it first; gives false where it was too late.
public func cleanseFreedLibcryptoMemory() -> Bool {
    unsafe CRYPTO_set_mem_functions(
        { size, _, _ in unsafe allocate(size) }, { old, size, _, _ in unsafe reallocate(old, size) },
        { old, _, _ in unsafe cleanse(old) }) == 1
}

/// Has libcrypto stay as it is when the process exits, for the threads that are still there; gives false where it fails.
///
/// It would take itself down in `exit`, and a thread that is in it then works on memory that was freed; one that ends then
/// leaves behind what libcrypto has kept for it. libcrypto takes this only before its first use, so a program calls it right
/// after ``cleanseFreedLibcryptoMemory()``. The kernel takes the memory back.
public func keepLibcryptoToTheEnd() -> Bool {
    OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1
}

/// What stands before each block: its size, in as much as keeps the block aligned.
private let prefix = 16

private func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    guard (0...Int.max - prefix).contains(size), let start = unsafe malloc(size + prefix) else { return nil }
    unsafe start.storeBytes(of: size, as: Int.self)
    return unsafe start + prefix
}

private func reallocate(_ old: UnsafeMutableRawPointer?, _ size: Int) -> UnsafeMutableRawPointer? {
    guard let old = unsafe old else { return unsafe allocate(size) }
    guard size > 0 else {
        unsafe cleanse(old)
        return nil
    }
    guard let new = unsafe allocate(size) else { return nil }
    unsafe memcpy(new, old, min(size, (old - prefix).load(as: Int.self)))
    unsafe cleanse(old)
    return unsafe new
}

private func cleanse(_ old: UnsafeMutableRawPointer?) {
    guard let old = unsafe old else { return }
    let start = unsafe old - prefix
    // Of both that no compiler takes away the faster one.
    unsafe explicit_bzero(old, start.load(as: Int.self))
    unsafe free(start)
}

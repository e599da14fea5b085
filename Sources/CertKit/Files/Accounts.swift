internal import Glibc

/// The number of the user `name`, which may be a number already.
///
/// - Throws: ``WriteError/unknownUser(_:)``.
public func userID(named name: String) throws(WriteError) -> UInt32 {
    if let number = UInt32(name) { return number }
    let found = withLookupBuffer { buffer in
        var entry = unsafe passwd()
        var result: UnsafeMutablePointer<passwd>?
        let failure = unsafe getpwnam_r(name, &entry, &buffer, buffer.count, &result)
        return unsafe (result?.pointee.pw_uid, failure)
    }
    guard let found else { throw .unknownUser(name) }
    return found
}

/// The number of the group `name`, which may be a number already.
///
/// - Throws: ``WriteError/unknownGroup(_:)``.
public func groupID(named name: String) throws(WriteError) -> UInt32 {
    if let number = UInt32(name) { return number }
    let found = withLookupBuffer { buffer in
        var entry = unsafe group()
        var result: UnsafeMutablePointer<group>?
        let failure = unsafe getgrnam_r(name, &entry, &buffer, buffer.count, &result)
        return unsafe (result?.pointee.gr_gid, failure)
    }
    guard let found else { throw .unknownGroup(name) }
    return found
}

/// Asks with a growing buffer: a group of many members needs more than the usual one.
func withLookupBuffer(_ ask: (inout [CChar]) -> (id: UInt32?, failure: CInt)) -> UInt32? {
    var buffer = [CChar](repeating: 0, count: 1024)
    while true {
        let (id, failure) = ask(&buffer)
        guard failure == ERANGE, buffer.count < 1 << 20 else { return id }
        buffer = [CChar](repeating: 0, count: buffer.count * 2)
    }
}

internal import Glibc

/// Sole owner of what `getaddrinfo` found for one address, in the order to try.
@safe struct ResolvedAddresses: ~Copyable {
    /// The head of the list, lent; it ends with this owner.
    let first: UnsafeMutablePointer<addrinfo>

    deinit { unsafe freeaddrinfo(first) }

    /// Looks the host up; an IP address asks nobody.
    ///
    /// - Throws: ``ProbeError/unresolved(_:reason:)``.
    init(of address: ProbeAddress) throws(ProbeError) {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV | (HostName.isAddress(address.host) ? AI_NUMERICHOST : 0)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(address.host, "\(address.port)", &hints, &found)
        guard code == 0, let found = unsafe found else {
            throw .unresolved(address, reason: unsafe String(cString: gai_strerror(code)))
        }
        unsafe first = found
    }
}
